/**
 * Sends one message at a time and takes the time until its answer.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages, type MessageKind, numbersFrom } from "./messages.ts";
import { report, reportError } from "./report_line.ts";

/** Round trips on one connection. */
export interface RoundTripScenario {
  /** Which scenario. */
  readonly name: "round-trip";
  /** The kind of message. */
  readonly kind: MessageKind;
  /** How many to time. */
  readonly count: number;
  /** How many before that. */
  readonly warmUp: number;
}

/** What round trips took. */
export interface RoundTripResult {
  /** From writing a message until its answer was read, each, in microseconds. */
  readonly microseconds: readonly number[];
}

/** Prepares the frames. */
export function startRoundTrips(scenario: RoundTripScenario): (connection: LoadConnection) => void {
  const { kind, warmUp, count } = scenario;
  const frames = numbersFrom(1, warmUp + count).map((number) => encodeMessages(kind, [number]));
  return (connection) => {
    connection.onEnd = () => reportError("The connection has ended before the last answer came");
    const microseconds: number[] = [];
    let sentAt = 0;
    const next = () => {
      const frame = frames[microseconds.length];
      if (frame === undefined) return report({ microseconds: microseconds.slice(warmUp) });
      sentAt = performance.now();
      connection.write(frame);
    };
    connection.onText = () => {
      microseconds.push((performance.now() - sentAt) * 1000);
      next();
    };
    next();
  };
}
