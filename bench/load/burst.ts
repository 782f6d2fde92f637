/**
 * Writes many messages in one call and waits for an answer to each.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages, type MessageKind, numbersFrom } from "./messages.ts";
import { takeTurns } from "./turns.ts";

/** One burst per turn. */
export interface BurstScenario {
  /** The scenario's name. */
  readonly name: "burst";
  /** The kind of message. */
  readonly kind: MessageKind;
  /** Messages per burst. */
  readonly count: number;
}

/** The result of a burst. */
export interface BurstResult {
  /** Time from the first byte written to the last answer counted, in seconds. */
  readonly seconds: number;
}

/** Encodes the frames, and returns what to do with each connection. */
export function startBursts(
  { kind, count }: BurstScenario,
): (connection: LoadConnection) => void {
  const frames = encodeMessages(kind, numbersFrom(1, count));
  return takeTurns((connection) => burst(connection, frames, count));
}

function burst(
  connection: LoadConnection,
  frames: Buffer,
  count: number,
): Promise<BurstResult> {
  return new Promise((resolve) => {
    let answers = 0;
    const startedAt = performance.now();
    connection.onText = () => {
      answers += 1;
      if (answers === count) resolve({ seconds: (performance.now() - startedAt) / 1000 });
    };
    connection.write(frames);
  });
}
