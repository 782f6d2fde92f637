/**
 * Writes a schedule as a scenario of the emulator.
 *
 * @module
 */

import type { Fault } from "../../emulator/faults/fault.ts";
import type { DoStep, Scenario, ScenarioStep } from "../../emulator/scenario/scenario.ts";
import type { FaultKind } from "./faults.ts";
import type { ScheduleItem } from "./schedule.ts";
import type { WorkKind } from "./works.ts";

/** Longest scenario, in steps. */
const MAX_STEPS = 20;

/** The faults that the emulator can inject, by their names here. */
const INJECTED: { readonly [K in FaultKind]?: Fault } = {
  "latency": { at: "connection", action: "delay", ms: 1_000 },
  "reset": { at: "connection", action: "reset" },
  "half-open": { at: "connection", action: "stall" },
  "router forgets": { at: "connection", action: "stall" },
  "service silent": { at: "connection", action: "stall" },
  "slow reader": { at: "connection", action: "slowRead", bytesPerSecond: 100 },
  "FIN": { at: "connection", action: "end" },
  "close": { at: "connection", action: "close", code: 1011 },
  "upgrade refused": { at: "upgrade", action: "refuse" },
  "upgrade answered by a proxy": { at: "upgrade", action: "refuse", status: 502, body: "<html>" },
  "service hangs": { at: "upgrade", action: "hang" },
  "discovery refused": { at: "discover", action: "refuse" },
  "discovery answered by a proxy": {
    at: "discover",
    action: "refuse",
    status: 200,
    body: "<html>",
  },
};

const RUN: DoStep = { do: "run-task" };

/** The work that the emulator can do, once a task runs. */
const DONE: { readonly [K in WorkKind]?: DoStep } = {
  "stop a task": { do: "stop-task", with: { taskArn: "$task.taskArn" } },
  "rotate a task's credentials": { do: "rotate-credentials", with: { taskArn: "$task.taskArn" } },
  "attach an interface": { do: "attach-network-interface" },
  "attach a volume": { do: "attach-volume" },
  "send a manifest": { do: "send-task-manifest" },
};

/**
 * The scenario of a schedule: what happens, in order, without the time in between; in the end a task
 * is run, and every message must be acknowledged.
 *
 * @param name The scenario's name.
 * @param schedule What happens.
 * @param withinMs How long the acknowledgements may take, in ms.
 * @returns `undefined` if the emulator cannot play one of the items, or if there are more than 20
 * steps.
 */
export function toScenario(
  name: string,
  schedule: readonly ScheduleItem[],
  withinMs: number = 180_000,
): Scenario | undefined {
  const steps: ScenarioStep[] = [{ expect: "connected", within: 20_000 }];
  const sent: string[] = [];
  let hasTask = false;
  for (const item of schedule) {
    if ("fault" in item) {
      const fault = INJECTED[item.fault];
      if (fault === undefined) return undefined;
      steps.push({ do: "inject-fault", with: { fault }, title: item.fault });
      continue;
    }
    const isRun = item.work === "run a task";
    const step = isRun ? RUN : DONE[item.work];
    const needsTask = item.work === "stop a task" || item.work === "rotate a task's credentials";
    if (step === undefined || (needsTask && !hasTask)) return undefined;
    const as = isRun && !hasTask ? "task" : `sent${steps.length}`;
    hasTask ||= isRun;
    sent.push(as);
    steps.push({ ...step, as });
  }
  // It shows whether the agent works again, even if nothing else was sent.
  sent.push("last");
  steps.push({ ...RUN, as: "last" });
  for (const as of sent) {
    steps.push({ expect: "ack", messageId: `$${as}.messageId`, within: withinMs });
  }
  return steps.length > MAX_STEPS ? undefined : { name, timeoutMs: 2 * withinMs, steps };
}
