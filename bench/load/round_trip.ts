/**
 * Sends one message at a time and measures the time to its answer.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages, type MessageKind, numbersFrom } from "./messages.ts";
import { takeTurns } from "./turns.ts";

/** A number of round trips per turn. */
export interface RoundTripScenario {
  /** The scenario's name. */
  readonly name: "round-trip";
  /** The kind of message. */
  readonly kind: MessageKind;
  /** Round trips per turn. */
  readonly count: number;
}

/** The result of one turn. */
export interface RoundTripResult {
  /** For each message, the time from writing it to reading its answer, in microseconds. */
  readonly microseconds: readonly number[];
}

/** Encodes the frames, and returns what to do with each connection. */
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
