/**
 * Describes events of the emulator as entries of the transcript or of a trace.
 *
 * @module
 */

import type { EmulatorEvents, EmulatorEventType } from "../events.ts";
import { AgentMessageRecord } from "./agent_message.ts";
import type { TranscriptEntry } from "./transcript_entry.ts";

/** The fields of an entry that depend on the kind of event. */
export type EntryFields = Omit<TranscriptEntry, "number" | "at" | "event">;

/**
 * Describes an event.
 *
 * @param type The event's name.
 * @param detail The event's detail.
 * @param frame The frame of a `sent` event.
 * @param hide Returns a copy of a message without its secrets.
 */
export function describeEvent<T extends EmulatorEventType>(
  type: T,
  detail: EmulatorEvents[T],
  frame: string | Uint8Array | undefined,
  hide: (message: unknown) => unknown,
): EntryFields {
  return DESCRIBE[type](detail, frame, hide);
}

type Describe<T extends EmulatorEventType> = (
  detail: EmulatorEvents[T],
  frame: string | Uint8Array | undefined,
  hide: (message: unknown) => unknown,
) => EntryFields;

const DESCRIBE: { readonly [T in EmulatorEventType]: Describe<T> } = {
  connected: ({ id, containerInstanceArn, query }) => ({
    connectionId: id,
    containerInstanceArn,
    sendCredentials: query.sendCredentials,
  }),
  disconnected: (connection) => ({
    connectionId: connection.id,
    containerInstanceArn: connection.containerInstanceArn,
    closeCode: connection.closeCode,
    closeReason: connection.closeReason,
    ...(connection.ownEnd !== undefined && { serviceEnd: connection.ownEnd }),
    ...(connection.ownEnd === "close" && {
      serviceCloseCode: connection.ownCloseCode,
      serviceCloseReason: connection.ownCloseReason,
    }),
  }),
  discovered: ({ containerInstance }) => ({ containerInstanceArn: containerInstance }),
  refused: ({ request, containerInstanceArn, status, exception, reason, sent, expected }) => ({
    request,
    ...(containerInstanceArn !== "" && { containerInstanceArn }),
    status,
    exception,
    reason,
    sent,
    ...(expected && { expected }),
  }),
  apiCall: ({ operation, containerInstanceArn, taskArn, input }) => ({
    request: operation,
    containerInstanceArn: containerInstanceArn || undefined,
    taskArn: taskArn || undefined,
    message: input,
  }),
  taskStateChanged: ({ containerInstanceArn, ...state }) => ({
    ...state,
    containerInstanceArn: containerInstanceArn || undefined,
  }),
  telemetry: ({ connectionId, containerInstanceArn, type, bytes }) => ({
    connectionId,
    containerInstanceArn,
    type,
    bytes,
  }),
  problem: ({ connectionId, containerInstanceArn, problem }) => ({
    connectionId,
    containerInstanceArn,
    reason: problem,
  }),
  fault: ({ connectionId, containerInstanceArn, fault }) => ({
    connectionId,
    containerInstanceArn,
    fault: fault.action,
    injected: fault,
  }),
  failure: ({ connectionId, containerInstanceArn, reason }) => ({
    connectionId,
    containerInstanceArn,
    reason,
  }),
  received: (record, _, hide) => ({
    connectionId: record.connectionId,
    containerInstanceArn: record.containerInstanceArn,
    type: record.type,
    messageId: record.messageId,
    bytes: record.bytes,
    ...(record.answers && { answers: true }),
    message: hide(AgentMessageRecord.withoutQuotes(record)),
  }),
  sent: ({ connectionId, containerInstanceArn, type, messageId, bytes, resent }, frame, hide) => ({
    connectionId,
    containerInstanceArn,
    type,
    messageId,
    bytes,
    resent,
    ...(type !== undefined && typeof frame === "string" && {
      message: hide(messageIn(frame)),
    }),
  }),
};

/** Parses the message in a frame that the emulator sent. */
function messageIn(frame: string): unknown {
  const { message } = JSON.parse(frame);
  return message;
}
