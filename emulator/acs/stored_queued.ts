/**
 * Queued messages in the form in which the state keeps them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import * as v from "@badrap/valita";
import { isReceivedMessageType } from "../../protocol/message_types.ts";
import type { Queued, QueuedFrame, QueuedMessage } from "./queued_message.ts";

const common = { number: v.number(), containerInstanceArn: v.string().optional() };

const storedMessage: v.Type<QueuedMessage> = v.object({
  ...common,
  type: v.string().assert(isReceivedMessageType, "is not a message that the service sends"),
  messageId: v.string(),
  message: v.record(v.unknown()),
  exact: v.boolean(),
});

const storedText: v.Type<QueuedFrame> = v.object({ ...common, data: v.string() })
  .map((frame) => ({ ...frame, messageId: "" as const }));

const storedBytes: v.Type<QueuedFrame> = v.object({ ...common, base64: v.string() })
  .map(({ base64, ...rest }) => ({
    ...rest,
    messageId: "" as const,
    data: new Uint8Array(Buffer.from(base64, "base64")),
  }));

/** Reads what {@linkcode savedQueued} wrote. */
export const storedQueued: v.Type<Queued> = v.union(storedMessage, storedText, storedBytes);

/** The record of a queued message. */
export function savedQueued(queued: Queued): object {
  if (queued.type !== undefined) return queued;
  const { number, containerInstanceArn, data } = queued;
  if (typeof data === "string") return { number, containerInstanceArn, data };
  return { number, containerInstanceArn, base64: Buffer.from(data).toString("base64") };
}
