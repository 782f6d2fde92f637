/**
 * The shortest schedules with which an invariant once did not hold. What they found is fixed.
 *
 * @module
 */

import type { WorkItem } from "./schedule.ts";
import type { SimulationOptions } from "./simulate.ts";

/** A schedule, and the invariant that did not hold. */
export interface FoundSchedule extends SimulationOptions {
  /** The invariant. */
  readonly says: string;
}

const HOUR = 3_600_000;

/** The schedules. */
export const FOUND = {
  "answers in transit": {
    says: "the session is ready again soon after the last fault",
    seed: 5,
    instances: 1,
    forMs: 14 * HOUR,
    schedule: [
      { atMs: 38614307, fault: "answers swallowed", forMs: 839392, size: 0.9004 },
      { atMs: 38950786, work: "attach an interface", pick: 0.2441 },
      { atMs: 39365386, fault: "upgrade refused", forMs: 706578, size: 0.4996 },
      { atMs: 39454498, work: "run a task", pick: 0.0295 },
      { atMs: 40868961, work: "run and stop many tasks", pick: 0.4021 },
      { atMs: 42235045, work: "run and stop many tasks", pick: 0.5831 },
    ],
  },
  "credentials of a stopped task": {
    says: "the credentials of stopped tasks are removed",
    seed: 5,
    instances: 1,
    forMs: 14 * HOUR,
    schedule: [
      { atMs: 39593973, fault: "answers swallowed", forMs: 1668798, size: 0.9455 },
      { atMs: 39700369, work: "run a task", pick: 0.8424 },
      { atMs: 40508151, fault: "old state restored", forMs: 69386, size: 0.764 },
      { atMs: 40956315, fault: "slow handlers", forMs: 608205, size: 0.7131 },
    ],
  },
  "silence before an overflow": {
    says: "the session is ready again soon after the last fault",
    seed: 7,
    instances: 1,
    forMs: 14 * HOUR,
    schedule: [
      { atMs: 41711038, fault: "service silent", forMs: 398312, size: 0.0659 },
      { atMs: 43121168, work: "run and stop many tasks", pick: 0.437 },
    ],
  },
  "storm of overflows": {
    says: "the session never connects in a storm",
    seed: 31,
    instances: 3,
    forMs: 15 * HOUR,
    schedule: [
      { atMs: 34794957, work: "run a task", pick: 0.0091 },
      { atMs: 35902616, work: "run a task", pick: 0.9359 },
      { atMs: 37104864, work: "run a task", pick: 0.798 },
      { atMs: 40921452, fault: "agent crashes inside a handler", forMs: 1067407, size: 0.2576 },
      { atMs: 41217855, work: "run and stop many tasks", pick: 0.1522 },
      { atMs: 41494591, fault: "partition", forMs: 1160021, size: 0.9217 },
      { atMs: 42336792, fault: "answers swallowed", forMs: 1158920, size: 0.9654 },
      { atMs: 43161657, fault: "accepted and closed", forMs: 739514, size: 0.9705 },
    ],
  },
  "garbage after a suspension": {
    says: "the session is not ready when no message has come for longer than the idle timeout",
    seed: 28,
    instances: 1,
    forMs: 3 * HOUR,
    schedule: [
      { atMs: HOUR - 1_000, work: "run a task", pick: 0.5 },
      { atMs: HOUR, fault: "suspension", forMs: 650_000, size: 0 },
      { atMs: HOUR + 400_000, fault: "frames garbled", forMs: 650_000, size: 0.5 },
    ],
  },
  "a handler that fails once answers arrive again": {
    says: "the session is ready again soon after the last fault",
    seed: 2,
    instances: 1,
    forMs: 4 * HOUR,
    schedule: [
      { atMs: 600_000, fault: "answers swallowed", forMs: 1_500_000, size: 0.5 },
      { atMs: 660_000, work: "run a task", pick: 0.5 },
      { atMs: 900_000, fault: "reset", forMs: 0, size: 0.5 },
      { atMs: 1_200_000, fault: "reset", forMs: 0, size: 0.5 },
      { atMs: 1_500_000, fault: "reset", forMs: 0, size: 0.5 },
      { atMs: 1_800_000, fault: "throwing handlers", forMs: 330_000, size: 1 },
    ],
  },
  "backlog of days": {
    says: "the session never connects in a storm",
    seed: 2,
    instances: 1,
    forMs: 100 * HOUR,
    schedule: [
      { atMs: HOUR, fault: "suspension for days", forMs: 90 * HOUR, size: 0.5 },
      ...Array.from({ length: 40 }, (_, index): WorkItem => ({
        atMs: (2 + 2 * index) * HOUR,
        work: "run and stop many tasks",
        pick: 0.5,
      })),
    ],
  },
} as const satisfies Readonly<Record<string, FoundSchedule>>;

/** The name of a schedule. */
export type FoundName = keyof typeof FOUND;
