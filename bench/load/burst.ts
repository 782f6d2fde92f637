/**
 * Writes many messages at once and waits until as many answers have come.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages, type MessageKind, numbersFrom } from "./messages.ts";
import { takeTurns } from "./turns.ts";

/** One burst at each turn. */
export interface BurstScenario {
  /** Which scenario. */
  readonly name: "burst";
  /** The kind of message. */
  readonly kind: MessageKind;
  /** How many messages in a burst. */
  readonly count: number;
}

/** What a burst found. */
export interface BurstResult {
  /** From the first byte written until the last answer was counted, in seconds. */
  readonly seconds: number;
}

/** Prepares the frames. */
export function startBursts(
  { kind, count }: BurstScenario,
): (connection: LoadConnection) => void {
  const frames = encodeMessages(kind, numbersFrom(1, count));
  return takeTurns((connection) => burst(connection, frames, count));
}

function burst(connection: LoadConnection, frames: Buffer, count: number): Promise<BurstResult> {
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
