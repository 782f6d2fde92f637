/** Record → replay of the examples' scenarios, with the dry-run agent and with a plain one in Python. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { agentEnvironment } from "../../../cli/agent_environment.ts";
import { startAgent } from "../../../cli/agent_process.ts";
import {
  AcsEmulator,
  EXAMPLE_CREDENTIALS,
  formatTrace,
  parseScenario,
  parseTrace,
  type Scenario,
  type ScenarioReport,
  type Trace,
} from "../../../emulator/mod.ts";
import { withFreshIds } from "../../../emulator/replay/fresh_trace.ts";
import { scenarioFromTrace } from "../../../emulator/replay/scenario_from_trace.ts";
import { DEV_CONFIG } from "../../testing/programs/acs_command.ts";
import { test } from "../../testing/test.ts";
import { startRecording } from "./recording_stage.ts";

const MAIN = fileURLToPath(new URL("../../../cli/main.ts", import.meta.url));
const PYTHON_AGENT = fileURLToPath(
  new URL("../../../examples/python_agent/agent.py", import.meta.url),
);
const SCENARIOS = fileURLToPath(new URL("../../../examples/scenarios", import.meta.url));

const AGENTS: Readonly<Record<string, readonly string[]>> = {
  "the dry-run agent": [
    process.execPath,
    ..."Deno" in globalThis ? ["run", "--quiet", "--config", DEV_CONFIG, "-A"] : [],
    MAIN,
    "run",
  ],
  ...(hasPython() && { "a plain agent in Python": ["python3", PYTHON_AGENT] }),
};

function hasPython(): boolean {
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    // Python is not installed.
    return false;
  }
}

async function exampleScenarios(): Promise<Scenario[]> {
  const names = (await readdir(SCENARIOS)).filter((name) => !name.includes("schema"));
  return await Promise.all(
    names.map(async (name) => parseScenario(await readFile(`${SCENARIOS}/${name}`, "utf8"), name)),
  );
}

/** Plays a scenario against an agent that connects to a URL. */
async function play(
  emulator: AcsEmulator,
  url: string,
  agent: readonly string[],
  scenario: Scenario,
  keepGoing: boolean,
): Promise<ScenarioReport> {
  const target = {
    url,
    region: "us-west-2",
    credentials: EXAMPLE_CREDENTIALS,
    clusterArn: undefined,
    containerInstances: undefined,
  };
  const running = await startAgent(agent, agentEnvironment(target, process.env), () => {});
  try {
    return await emulator.playScenario(scenario, { keepGoing });
  } finally {
    await running.stop();
  }
}

/** The trace of a scenario, written by a recorder in front of the emulator. */
async function record(agent: readonly string[], scenario: Scenario): Promise<Trace> {
  await using stage = await startRecording(scenario.emulator);
  await play(stage.emulator, stage.recorder.url, agent, scenario, false);
  // The first entry is the stage's own call.
  const [, ...entries] = stage.entries;
  return parseTrace(formatTrace(entries, { producer: "a test", at: Date.now() }), "trace.jsonl");
}

async function replay(agent: readonly string[], trace: Trace): Promise<ScenarioReport> {
  const { scenario } = scenarioFromTrace(withFreshIds(trace), { name: "replay", speed: 4 });
  await using emulator = await AcsEmulator.listen(scenario.emulator);
  return await play(emulator, emulator.url, agent, scenario, true);
}

test("Agents behave the same in the replay of an example scenario as in the scenario itself", async () => {
  const scenarios = await exampleScenarios();
  assert.ok(scenarios.length >= 3);
  const pairs = Object.entries(AGENTS).flatMap(([name, agent]) =>
    scenarios.map((scenario) => ({ name: `${name}, ${scenario.name}`, agent, scenario }))
  );

  // Concurrently, since they mostly wait.
  const reports = await Promise.all(pairs.map(async ({ agent, scenario }) => {
    const trace = await record(agent, scenario);
    return await replay(agent, trace);
  }));

  for (const [index, { name, scenario }] of pairs.entries()) {
    const steps = reports[index]?.steps ?? [];
    assert.deepEqual(steps.filter(({ outcome }) => outcome !== "ok"), [], name);
    assert.ok(steps.length >= scenario.steps.length, name);
  }
});
