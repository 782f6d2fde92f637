import assert from "node:assert/strict";
import { checkScenario } from "../../emulator/scenario/check_scenario.ts";
import { test } from "../testing/test.ts";
import { drawSchedule, type ScheduleItem } from "./schedule.ts";
import { DAY_MS } from "./seeds.ts";
import { describeSchedule, shrink, type Simulate } from "./shrink.ts";
import type { SimulationResult } from "./simulate.ts";
import { toScenario } from "./to_scenario.ts";

const HELD: SimulationResult = {
  simulatedMs: DAY_MS,
  steps: 1,
  sha256: "",
  newest: [],
  transcript: [],
  connects: 0,
  messages: 0,
  faults: new Map(),
  worstRecoveryMs: 0,
  wrongReadyMs: 0,
  readyShare: 1,
  cpuMs: 0,
  heapBytes: 0,
  grownBytes: 0,
  broken: undefined,
};

/** A session that fails when a reset follows a latency. */
const failing: Simulate = ({ schedule }) => {
  const faults = schedule.flatMap((item) => "fault" in item ? [item.fault] : []);
  const latency = faults.indexOf("latency");
  const isBroken = latency !== -1 && faults.lastIndexOf("reset") > latency;
  const broken = { says: "it works", what: "", step: 1, atMs: DAY_MS, activeFaults: [] };
  return Promise.resolve({ ...HELD, broken: isBroken ? broken : undefined });
};

test("A schedule is shortened to what breaks the invariant", async () => {
  const options = { seed: 1, schedule: drawSchedule(7, 3 * DAY_MS, "hell"), forMs: 3 * DAY_MS };
  const result = await failing(options);
  assert.ok(options.schedule.length > 200 && result.broken !== undefined);
  const shrunk = await shrink(options, result, failing);
  assert.deepEqual(describeSchedule(shrunk.schedule).map((line) => /: (\w+)/.exec(line)?.[1]), [
    "latency",
    "reset",
  ]);
  assert.ok(shrunk.runs < 200, `${shrunk.runs} runs`);
});

test("A short schedule becomes a scenario that the emulator accepts", () => {
  const schedule: ScheduleItem[] = [
    { atMs: 1, work: "run a task", pick: 0 },
    { atMs: 2, fault: "half-open", forMs: 0, size: 0 },
    { atMs: 3, work: "rotate a task's credentials", pick: 0 },
    { atMs: 4, fault: "upgrade refused", forMs: 1, size: 0 },
  ];
  const scenario = toScenario("seed 1", schedule);
  assert.equal(scenario?.steps.length, 9);
  assert.doesNotThrow(() => checkScenario(JSON.parse(JSON.stringify(scenario))));
});

test("The scenario of a schedule without work shows whether the agent works after the faults", () => {
  const scenario = toScenario("seed 1", [{ atMs: 1, fault: "half-open", forMs: 0, size: 0 }]);
  const steps = scenario?.steps.map((step) =>
    "do" in step ? step.do : "expect" in step && step.expect
  );
  assert.deepEqual(steps, ["connected", "inject-fault", "run-task", "ack"]);
});

test("A schedule with a fault of the machine does not become a scenario", () => {
  const schedule: ScheduleItem[] = [{ atMs: 1, fault: "suspension", forMs: 60_000, size: 0 }];
  assert.equal(toScenario("seed 1", schedule), undefined);
});
