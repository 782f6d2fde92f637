/**
 * Writes many messages at once and waits until as many answers have come.
 *
 * @module
 */

import type { LoadConnection } from "./load_server.ts";
import { encodeMessages, type MessageKind, numbersFrom } from "./messages.ts";
import { goAhead, report, reportError } from "./report_line.ts";

/** One burst on one connection, after a smaller one that warms up. */
export interface BurstScenario {
  /** Which scenario. */
  readonly name: "burst";
  /** The kind of message. */
  readonly kind: MessageKind;
  /** How many messages in the burst. */
  readonly count: number;
  /** How many before it. */
  readonly warmUp: number;
}

/** What a burst found. */
export interface BurstResult {
  /** From the first byte written until the last answer was counted, in seconds. */
  readonly seconds: number;
  /** The size of one message's frame, in bytes. */
  readonly messageBytes: number;
}

/** Prepares the frames. */
export function startBurst(scenario: BurstScenario): (connection: LoadConnection) => void {
  const { kind, warmUp, count } = scenario;
  const warmUpFrames = encodeMessages(kind, numbersFrom(1, warmUp));
  const frames = encodeMessages(kind, numbersFrom(1 + warmUp, count));
  return async (connection) => {
    connection.onEnd = () => reportError("The connection has ended before the last answer came");
    await burst(connection, warmUpFrames, warmUp);
    report("warm");
    await goAhead();
    const seconds = await burst(connection, frames, count);
    const result: BurstResult = { seconds, messageBytes: frames.length / count };
    report(result);
  };
}

function burst(connection: LoadConnection, frames: Buffer, count: number): Promise<number> {
  return new Promise((resolve) => {
    let answers = 0;
    const startedAt = performance.now();
    connection.onText = () => {
      answers += 1;
      if (answers === count) resolve((performance.now() - startedAt) / 1000);
    };
    connection.write(frames);
  });
}
