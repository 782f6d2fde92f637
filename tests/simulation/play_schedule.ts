/**
 * Plays a short schedule against a session over real sockets.
 *
 * @module
 */

import assert from "node:assert/strict";
import { AcsEmulator, formatTrace, type ScenarioReport } from "../../emulator/mod.ts";
import type { PayloadMessageHandler } from "../../responders/payload_responder.ts";
import type { Session } from "../../session/session.ts";
import { CONTAINER_INSTANCE_ARN, CREDENTIALS } from "../testing/fakes/session_stage.ts";
import type { ScheduleItem } from "./schedule.ts";
import { toScenario } from "./to_scenario.ts";

/** A connection that falls silent between two tasks. */
export const SILENCE: readonly ScheduleItem[] = [
  { atMs: 1_000, work: "run a task", pick: 0 },
  { atMs: 2_000, fault: "half-open", forMs: 0, size: 0 },
  { atMs: 3_000, work: "run a task", pick: 0 },
];

/**
 * Plays it.
 *
 * @param schedule The schedule.
 * @param SessionClass The session, or a mutant of it.
 * @returns The report of the scenario, and the trace of the emulator.
 */
export async function playSchedule(
  schedule: readonly ScheduleItem[],
  SessionClass: typeof Session,
): Promise<{ readonly report: ScenarioReport; readonly trace: string }> {
  const scenario = toScenario("a shortened schedule", schedule, 1_500);
  assert.ok(scenario !== undefined);
  await using emulator = await AcsEmulator.listen({
    heartbeatIntervalMs: 50,
    credentials: CREDENTIALS,
  });
  const handler: PayloadMessageHandler = { processMessage: (_message, ack) => ack() };
  const session = new SessionClass({
    region: "us-west-2",
    endpoint: emulator.url,
    credentials: CREDENTIALS,
    containerInstanceArn: CONTAINER_INSTANCE_ARN,
    agentVersion: "1.0.0",
    dockerVersion: "25.0.6",
    payloadMessageHandler: handler,
    timing: { idleTimeoutMs: 300, idleJitterMs: 0, backoffMinMs: 10, backoffMaxMs: 50 },
  });
  const running = session.start();
  try {
    const report = await emulator.playScenario(scenario);
    const origin = { producer: "a simulation", at: Date.now() };
    return { report, trace: formatTrace(emulator.transcript, origin) };
  } finally {
    await session.stop();
    await running;
  }
}
