/**
 * Sends one message on each connection and reports when the answer arrives.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages, type MessageKind } from "./messages.ts";
import { report } from "./report_line.ts";

/** The first answer on each connection. */
export interface FirstAnswerScenario {
  /** The scenario's name. */
  readonly name: "first-answer";
  /** The kind of message. */
  readonly kind: MessageKind;
}

/** Encodes the frame, and returns what to do with each connection. */
export function startFirstAnswer(
  { kind }: FirstAnswerScenario,
): (connection: LoadConnection) => void {
  const frame = encodeMessages(kind, [1]);
  return (connection) => {
    connection.onText = () => {
      connection.onText = () => {};
      report("answered");
    };
    connection.write(frame);
  };
}
