/**
 * Writes more messages at once than a client can take, and on each new connection all that has not
 * been acknowledged, as the service does.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages, messageIdOf, type MessageKind, numbersFrom } from "./messages.ts";
import { report } from "./report_line.ts";

/** One burst, sent again until all of it is acknowledged. */
export interface ResendScenario {
  /** Which scenario. */
  readonly name: "resend";
  /** The kind of message. */
  readonly kind: MessageKind;
  /** How many messages. */
  readonly count: number;
}

/** How they came to be acknowledged. */
export interface ResendResult {
  /** How many messages were acknowledged: all. */
  readonly acknowledged: number;
  /** How many acknowledgements there were of messages that had been acknowledged before. */
  readonly again: number;
  /** How many connections it took. */
  readonly connections: number;
  /** How many messages were handed to the connections, each time counted. */
  readonly sent: number;
  /** The size of one message's frame, in bytes. */
  readonly messageBytes: number;
  /** From the first byte written until the last acknowledgement, in seconds. */
  readonly seconds: number;
}

/** Prepares the frames. */
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
      if (!waiting.delete(acknowledgedId(payload()))) again += 1;
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

function acknowledgedId(text: string): string {
  const { message } = JSON.parse(text);
  return message.messageId;
}
