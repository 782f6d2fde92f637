/**
 * Short schedules that find mutants: each needs only what shows its mistake.
 *
 * @module
 */

import type { ScheduleItem } from "../schedule.ts";
import type { SimulationOptions } from "../simulate.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
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

/** Nothing happens for 14 hours. */
export const QUIET: SimulationOptions = { seed: 1, forMs: 14 * HOUR, schedule: [] };

/** Nothing happens, and the service ends no connection. */
export const ENDLESS: SimulationOptions = { ...QUIET, seed: 4, forMs: HOUR };

/** The clock is set back by hours, and stays wrong. */
export const SET_BACK: SimulationOptions = {
  seed: 1,
  forMs: 14 * HOUR,
  schedule: [{ atMs: HOUR, fault: "clock set", forMs: 12.5 * HOUR, size: 0.5 }],
};

const TASKS: readonly ScheduleItem[] = [5, 6, 7, 8, 9].map((second) => ({
  atMs: START + second * SECOND,
  work: "run a task",
  pick: 0,
}));

/** A user stops the agent while a handler is running, others wait, and manifests arrive. */
export const STOPPED: SimulationOptions = simulationOf([
  { atMs: START, fault: "slow handlers", forMs: 2 * MINUTE, size: 0.2 },
  ...TASKS,
  { atMs: START + 10 * SECOND, fault: "user stops the agent", forMs: MINUTE, size: 0.5 },
  { atMs: START + 11 * SECOND, work: "send a manifest", pick: 0 },
  { atMs: START + 13 * SECOND, work: "send a manifest", pick: 0 },
]);

/** Answers are lost while the handlers that have sent them go on. */
export const ANSWERED_EARLY: SimulationOptions = {
  ...simulationOf([
    { atMs: START, fault: "slow handlers", forMs: 3 * MINUTE, size: 1 },
    { atMs: START, fault: "answers swallowed", forMs: MINUTE, size: 0.5 },
    ...TASKS,
  ]),
  seed: 2,
};

/** Payloads are redelivered while their handlers, which will fail, are running or waiting. */
export const REDELIVERED: SimulationOptions = simulationOf([
  { atMs: START, fault: "slow handlers", forMs: 3 * MINUTE, size: 1 },
  { atMs: START, fault: "throwing handlers", forMs: MINUTE, size: 1 },
  ...TASKS,
  { atMs: START + 11 * SECOND, fault: "reset", forMs: 0, size: 0.5 },
]);

/** A task's credentials are rotated while its payload is handled. */
export const ROTATED_EARLY: SimulationOptions = simulationOf([
  { atMs: START, fault: "slow handlers", forMs: 3 * MINUTE, size: 1 },
  { atMs: START + 5 * SECOND, work: "run a task", pick: 0 },
  { atMs: START + 6 * SECOND, work: "rotate a task's credentials", pick: 0 },
]);

/** A task's credentials are rotated while the payloads of others are handled. */
export const ROTATED_LATE: SimulationOptions = simulationOf([
  { atMs: START - MINUTE, work: "run a task", pick: 0 },
  { atMs: START, fault: "slow handlers", forMs: 3 * MINUTE, size: 1 },
  ...TASKS,
  { atMs: START + 10 * SECOND, work: "rotate a task's credentials", pick: 0 },
]);

/** Handlers are slow, but none is stuck. */
export const SLOW: SimulationOptions = simulationOf([
  { atMs: START, fault: "slow handlers", forMs: 10 * MINUTE, size: 1 },
  { atMs: START + SECOND, work: "run and stop many tasks", pick: 0 },
]);

/** Three payloads are read in one turn of the event loop, and their handlers block the thread. */
export const BLOCKING_BRIEFLY: SimulationOptions = {
  ...simulationOf([
    { atMs: START, fault: "handlers that block the thread", forMs: 3 * MINUTE, size: 0.9 },
    { atMs: START + 30 * SECOND, fault: "blocked thread", forMs: 5 * SECOND, size: 0.5 },
    ...[31, 32, 33].map((second): ScheduleItem => ({
      atMs: START + second * SECOND,
      work: "run a task",
      pick: 0,
    })),
  ]),
  seed: 4,
};

/** The service sends noise: an outdated manifest, and an answer that nobody has asked for. */
export const NOISE: SimulationOptions = simulationOf([
  { atMs: START, work: "run a task", pick: 0 },
  { atMs: START + MINUTE, fault: "noise", forMs: 20 * MINUTE, size: 0 },
]);

/** Tasks run that the service does not know. */
export const ORPHANS: SimulationOptions = simulationOf([
  { atMs: START, work: "leave tasks that the service does not know", pick: 0 },
]);

/** The service reads nothing, and nothing is buffered on the way. */
export const UNREAD: SimulationOptions = {
  ...simulationOf([{ atMs: START, fault: "slow reader", forMs: 15 * MINUTE, size: 0.2 }]),
  seed: 4,
};

/** The machine is suspended briefly. */
export const SUSPENDED: SimulationOptions = simulationOf([
  { atMs: START, fault: "suspension", forMs: 100 * SECOND, size: 0.5 },
]);

/** The machine is suspended while the session waits after many failures. */
export const SUSPENDED_WAITING: SimulationOptions = simulationOf([
  { atMs: START, fault: "connections refused", forMs: 20 * MINUTE, size: 0.5 },
  { atMs: START + 10 * SECOND, fault: "reset", forMs: 0, size: 0.5 },
  { atMs: START + 8 * MINUTE, fault: "suspension", forMs: 5 * MINUTE, size: 0.5 },
]);

/** Nothing connects for a while. */
export const REFUSED: SimulationOptions = simulationOf([
  { atMs: START, fault: "connections refused", forMs: 5 * MINUTE, size: 0.5 },
  { atMs: START + SECOND, fault: "reset", forMs: 0, size: 0.5 },
]);

/** A connection is reset shortly before the end. */
export const RESET: SimulationOptions = {
  seed: 1,
  forMs: HOUR,
  schedule: [{ atMs: HOUR - 5 * MINUTE, fault: "reset", forMs: 0, size: 0.5 }],
};

/** An interface is attached, and its acknowledgement is lost while the handler waits for it. */
export const ATTACHED: SimulationOptions = simulationOf([
  { atMs: START, fault: "slow handlers", forMs: 3 * MINUTE, size: 1 },
  { atMs: START, fault: "answers swallowed", forMs: 10 * SECOND, size: 0.5 },
  { atMs: START, work: "run a task", pick: 0 },
  ...[6, 7, 8, 9].map((second): ScheduleItem => ({
    atMs: START + second * SECOND,
    work: "attach an interface",
    pick: 0,
  })),
]);

/** The older of two rotated credentials fails, and is redelivered after the newer. */
export const ROTATED_TWICE: SimulationOptions = simulationOf([
  { atMs: START - MINUTE, work: "run a task", pick: 0 },
  { atMs: START, fault: "throwing handlers", forMs: 30 * SECOND, size: 1 },
  { atMs: START + 2 * SECOND, work: "rotate a task's credentials", pick: 0 },
  { atMs: START + 90 * SECOND, fault: "reset", forMs: 0, size: 0.5 },
]);

/** Handlers are stuck, twice. */
export const STUCK_TWICE: SimulationOptions = simulationOf(
  [START, START + 20 * MINUTE].flatMap((atMs): ScheduleItem[] => [
    { atMs, fault: "stuck handlers", forMs: 3 * MINUTE, size: 0.5 },
    { atMs: atMs + SECOND, work: "run a task", pick: 0 },
  ]),
);

/** ECS fails when the endpoint is doubtful. */
export const UNDISCOVERED: SimulationOptions = simulationOf([
  { atMs: START, fault: "discovery refused", forMs: 20 * MINUTE, size: 0.1 },
  { atMs: START + SECOND, fault: "endpoint moves", forMs: 0, size: 0.5 },
]);

/** A user stops the agent while a handler is stuck. */
export const STOPPED_STUCK: SimulationOptions = simulationOf([
  { atMs: START, fault: "stuck handlers", forMs: 3 * MINUTE, size: 0.5 },
  { atMs: START + SECOND, work: "run a task", pick: 0 },
  { atMs: START + 30 * SECOND, fault: "user stops the agent", forMs: 5 * MINUTE, size: 0.5 },
]);

/** A user stops the agent while its session waits after many failures. */
export const STOPPED_WAITING: SimulationOptions = simulationOf([
  { atMs: START, fault: "connections refused", forMs: 20 * MINUTE, size: 0.5 },
  { atMs: START + SECOND, fault: "reset", forMs: 0, size: 0.5 },
  ...[8, 11, 14].map((minute): ScheduleItem => ({
    atMs: START + minute * MINUTE,
    fault: "user stops the agent",
    forMs: MINUTE,
    size: 0.5,
  })),
]);

/** A connection ends with close code 1011, and another one without a close frame. */
export const ENDED: SimulationOptions = simulationOf([
  { atMs: START, fault: "close", forMs: 0, size: 0.5 },
  { atMs: START + MINUTE, fault: "FIN", forMs: 0, size: 0.5 },
]);

/** Answers are lost over one connection. */
export const LOST_ONCE: SimulationOptions = simulationOf([
  { atMs: START, fault: "answers swallowed", forMs: 2 * MINUTE, size: 0.5 },
  { atMs: START + SECOND, work: "run a task", pick: 0 },
]);

/** A proxy answers each upgrade. */
export const BEHIND_PROXY: SimulationOptions = simulationOf([
  { atMs: START, fault: "upgrade answered by a proxy", forMs: 10 * MINUTE, size: 0.1 },
]);

/** Connections are closed as soon as they are accepted. */
export const CLOSED_AT_ONCE: SimulationOptions = simulationOf([
  { atMs: START, fault: "accepted and closed", forMs: 10 * MINUTE, size: 0.9 },
]);

/** Small frames pass, and larger ones are swallowed. */
export const SWALLOWED: SimulationOptions = simulationOf([
  { atMs: START, fault: "path MTU hole", forMs: 20 * MINUTE, size: 0.5 },
  { atMs: START + MINUTE, work: "run a task", pick: 0 },
]);

/** The instance is deregistered, and registered again. */
export const DEREGISTERED: SimulationOptions = simulationOf([
  { atMs: START, fault: "deregistered", forMs: 10 * MINUTE, size: 0.5 },
]);

/** The instance's keys arrive late, and are rotated. */
export const LATE_KEYS: SimulationOptions = simulationOf([
  { atMs: START, fault: "keys late", forMs: 40 * MINUTE, size: 0.5 },
  ...[2, 3, 4, 5, 6, 7, 8].flatMap((minute): ScheduleItem[] => [
    { atMs: START + minute * MINUTE, work: "rotate the instance's keys", pick: 0 },
    { atMs: START + minute * MINUTE, fault: "reset", forMs: 0, size: 0.5 },
  ]),
]);

/** The credentials function never answers. */
export const HUNG_KEYS: SimulationOptions = simulationOf([
  { atMs: START, fault: "keys hang", forMs: 5 * MINUTE, size: 0.5 },
]);

/** The instance's keys are rotated, and the provider's are stale. */
export const STALE_KEYS: SimulationOptions = simulationOf([
  { atMs: START, fault: "keys stale", forMs: 10 * MINUTE, size: 0.5 },
]);

/** All of them. */
export const SCHEDULES: readonly SimulationOptions[] = [
  BLOCKING,
  FAILED_PAYLOAD,
  OVERFLOW,
  ECHO,
  MOVED,
  QUIET,
  ENDLESS,
  SET_BACK,
  STOPPED,
  ANSWERED_EARLY,
  REDELIVERED,
  ROTATED_EARLY,
  ROTATED_LATE,
  SLOW,
  BLOCKING_BRIEFLY,
  NOISE,
  ORPHANS,
  UNREAD,
  SUSPENDED,
  SUSPENDED_WAITING,
  REFUSED,
  RESET,
  ROTATED_TWICE,
  STUCK_TWICE,
  UNDISCOVERED,
  ENDED,
  LOST_ONCE,
  STOPPED_STUCK,
  STOPPED_WAITING,
  ATTACHED,
  BEHIND_PROXY,
  CLOSED_AT_ONCE,
  SWALLOWED,
  DEREGISTERED,
  LATE_KEYS,
  HUNG_KEYS,
  STALE_KEYS,
];
