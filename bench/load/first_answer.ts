/**
 * Sends one message on each connection, and tells when its answer has come.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages, type MessageKind } from "./messages.ts";
import { report } from "./report_line.ts";

/** The first answer of whoever connects. */
export interface FirstAnswerScenario {
  /** Which scenario. */
  readonly name: "first-answer";
  /** The kind of message. */
  readonly kind: MessageKind;
}

/** Prepares the frame. */
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
