/**
 * Sends one message at a time and takes the time until its answer.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages, type MessageKind, numbersFrom } from "./messages.ts";
import { takeTurns } from "./turns.ts";

/** Some round trips at each turn. */
export interface RoundTripScenario {
  /** Which scenario. */
  readonly name: "round-trip";
  /** The kind of message. */
  readonly kind: MessageKind;
  /** How many at a turn. */
  readonly count: number;
}

/** What the round trips of one turn took. */
export interface RoundTripResult {
  /** From writing a message until its answer was read, each, in microseconds. */
  readonly microseconds: readonly number[];
}

/** Prepares the frames. */
export function startRoundTrips(
  { kind, count }: RoundTripScenario,
): (connection: LoadConnection) => void {
  const frames = numbersFrom(1, count).map((number) => encodeMessages(kind, [number]));
  return takeTurns((connection) => roundTrips(connection, frames));
}

function roundTrips(
  connection: LoadConnection,
  frames: readonly Buffer[],
): Promise<RoundTripResult> {
  return new Promise((resolve) => {
    const microseconds: number[] = [];
    let sentAt = 0;
    const next = () => {
      const frame = frames[microseconds.length];
      if (frame === undefined) return resolve({ microseconds });
      sentAt = performance.now();
      connection.write(frame);
    };
    connection.onText = () => {
      microseconds.push((performance.now() - sentAt) * 1000);
      next();
    };
    next();
  });
}
