/**
 * Short schedules that find mutants: each needs only what shows its mistake.
 *
 * @module
 */

import type { ScheduleItem } from "../schedule.ts";
import type { SimulationOptions } from "../simulate.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = 10 * MINUTE;

function simulationOf(schedule: readonly ScheduleItem[]): SimulationOptions {
  return { seed: 1, forMs: 3 * HOUR, schedule };
}

/** A payload's handler fails, the credentials of its task are rotated, and it is redelivered. */
export const FAILED_PAYLOAD: SimulationOptions = simulationOf([
  { atMs: START, fault: "throwing handlers", forMs: MINUTE, size: 1 },
  { atMs: START + 10_000, work: "run a task", pick: 0 },
  { atMs: START + 3 * MINUTE, work: "rotate a task's credentials", pick: 0 },
]);

/** Handlers are so slow that a lane overflows, and a volume is attached. */
export const OVERFLOW: SimulationOptions = simulationOf([
  { atMs: START, fault: "slow handlers", forMs: 20 * MINUTE, size: 1 },
  { atMs: START + 10_000, work: "run and stop many tasks", pick: 0 },
  { atMs: START + 20_000, work: "attach a volume", pick: 0 },
]);

/** A proxy prints the request on its error page. */
export const ECHO: SimulationOptions = simulationOf([
  { atMs: START, fault: "upgrade answered by a proxy", forMs: 5 * MINUTE, size: 0.9 },
  { atMs: START + 1_000, fault: "reset", forMs: 0, size: 0.5 },
]);

/** The service falls silent while the clock is set back by hours. */
export const MOVED: SimulationOptions = simulationOf([
  { atMs: START, fault: "machine moved", forMs: 2 * HOUR, size: 0.5 },
  { atMs: START + 1_000, fault: "service silent", forMs: 30 * MINUTE, size: 0.5 },
]);

/** A burst is read in one turn of the event loop, and its handlers block the thread briefly. */
export const BLOCKING: SimulationOptions = simulationOf([
  { atMs: START, fault: "handlers that block the thread", forMs: 10 * MINUTE, size: 0.2 },
  { atMs: START + MINUTE - 1_000, fault: "blocked thread", forMs: 5_000, size: 0.5 },
  { atMs: START + MINUTE, work: "run and stop many tasks", pick: 0 },
]);

/** All of them. */
export const SCHEDULES: readonly SimulationOptions[] = [
  BLOCKING,
  FAILED_PAYLOAD,
  OVERFLOW,
  ECHO,
  MOVED,
];
