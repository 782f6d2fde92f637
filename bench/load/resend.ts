/**
 * Writes more messages than a client can accept, and resends the unacknowledged ones on each new
 * connection, as the service does.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages, messageIdOf, type MessageKind, numbersFrom } from "./messages.ts";
import { report } from "./report_line.ts";

/** One burst, resent until all of it is acknowledged. */
export interface ResendScenario {
  /** The scenario's name. */
  readonly name: "resend";
  /** The kind of message. */
  readonly kind: MessageKind;
  /** The number of messages. */
  readonly count: number;
}

/** The result. */
export interface ResendResult {
  /** The number of acknowledged messages: all of them. */
  readonly acknowledged: number;
  /** The number of repeated acknowledgements. */
  readonly again: number;
  /** The number of connections it took. */
  readonly connections: number;
  /** The number of messages sent, resends included. */
  readonly sent: number;
  /** The size of one message's frame, in bytes. */
  readonly messageBytes: number;
  /** Time from the first byte written to the last acknowledgement, in seconds. */
  readonly seconds: number;
}

/** Encodes the frames, and returns what to do with each connection. */
export function startResend({ kind, count }: ResendScenario): (connection: LoadConnection) => void {
  const waiting = new Map(
    numbersFrom(1, count).map((number) => [messageIdOf(number), encodeMessages(kind, [number])]),
  );
  const messageBytes = waiting.get(messageIdOf(1))?.length ?? 0;
  let again = 0;
  let connections = 0;
  let sent = 0;
  let startedAt = 0;
  return (connection) => {
    if (connections === 0) startedAt = performance.now();
    connections += 1;
    sent += waiting.size;
    connection.onText = (payload) => {
      const { message } = JSON.parse(payload());
      if (!waiting.delete(message.messageId)) again += 1;
      else if (waiting.size === 0) {
        const seconds = (performance.now() - startedAt) / 1000;
        const result: ResendResult = {
          acknowledged: count,
          again,
          connections,
          sent,
          messageBytes,
          seconds,
        };
        report(result);
      }
    };
    for (const frame of waiting.values()) connection.write(frame);
  };
}
