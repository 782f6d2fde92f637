import assert from "node:assert/strict";
import {
  AcsEmulator,
  type Scenario,
  ScenarioError,
  type ScenarioReport,
  type ScenarioStep,
} from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { withFakeTime } from "../testing/fakes/fake_time.ts";
import { TestAgent } from "./test_agent.ts";

const QUIET = { heartbeatIntervalMs: 0 };

/** Plays steps against a connected agent that behaves as `behave` says. */
async function play(
  steps: readonly ScenarioStep[],
  behave: (agent: TestAgent, emulator: AcsEmulator) => Promise<void> = () => Promise.resolve(),
): Promise<ScenarioReport> {
  await using emulator = await AcsEmulator.listen(QUIET);
  const agent = await TestAgent.connect(emulator);
  const [report] = await Promise.all([
    emulator.playScenario({ steps, timeoutMs: 20_000 }),
    behave(agent, emulator),
  ]);
  await agent.leave();
  return report;
}

function outcomes({ steps }: ScenarioReport): string[] {
  return steps.map(({ outcome }) => outcome);
}

test("A scenario passes if all its steps succeed", async () => {
  const report = await play([
    { expect: "connected", as: "agent", match: { sendCredentials: false } },
    { do: "run-task", with: { containerInstanceArn: "$agent.containerInstanceArn" }, as: "web" },
    { expect: "ack", messageId: "$web.messageId" },
    { do: "stop-task", with: { taskArn: "$web.taskArn" }, as: "stop", title: "the $5 task stops" },
    { expect: "message", type: "AckRequest", messageId: "$stop.messageId" },
    { expectNo: "problem", for: 0 },
    { pause: 0 },
  ], async (agent) => {
    for (const count of [1, 2]) {
      const frame = (await agent.waitForFrames(count)).at(-1);
      if (frame !== undefined) agent.ack(frame);
    }
  });

  assert.deepEqual(outcomes(report), Array(7).fill("ok"), JSON.stringify(report.steps));
  assert.equal(report.passed, true);
  assert.deepEqual(report.steps.map(({ step, title }) => `${step} ${title}`), [
    "1 connected with sendCredentials",
    "2 run-task as web",
    "3 ack $web.messageId",
    "4 the $5 task stops",
    "5 message AckRequest $stop.messageId",
    "6 no problem for 0 ms",
    "7 pause for 0 ms",
  ]);
});

test("The first failed step says why, and what happened instead; the rest are skipped", async () => {
  const stepOutcomes: string[] = [];
  await using emulator = await AcsEmulator.listen(QUIET);
  const agent = await TestAgent.connect(emulator);

  const report = await emulator.playScenario({
    steps: [{ expect: "message", within: 1 }, { do: "run-task" }],
  }, { onStep: ({ outcome }) => stepOutcomes.push(outcome) });

  assert.equal(report.passed, false);
  assert.deepEqual(outcomes(report), ["failed", "skipped"]);
  assert.deepEqual(stepOutcomes, ["failed", "skipped"]);
  assert.equal(
    report.steps[0]?.error,
    "it did not happen within 1 ms",
  );
  assert.deepEqual(report.steps[0]?.details, ["connected"]);
  assert.deepEqual(emulator.tasks, []);
  await agent.leave();
});

test("An expectation finds earlier events, back to the first `do` after the last expectation", async () => {
  const report = await play([
    { expect: "connected" },
    { do: "inject-fault", with: { fault: { at: "connection", action: "close" } } },
    { do: "send", with: { type: "ErrorMessage" } },
    { pause: 50 },
    { expect: "disconnected", match: { closeCode: 1000 } },
    { do: "configure" },
    { expect: "disconnected", within: 1 },
  ]);

  assert.deepEqual(outcomes(report), ["ok", "ok", "ok", "ok", "ok", "ok", "failed"]);
});

test("Each event satisfies one expectation, which may ask for several events", async () => {
  const heartbeats = (agent: TestAgent) => {
    for (const messageId of ["a", "b", "c"]) agent.send("HeartbeatAckRequest", { messageId });
    return Promise.resolve();
  };
  const steps: ScenarioStep[] = [
    { expect: "message", type: "HeartbeatAckRequest", count: 2 },
    { expect: "message", type: "HeartbeatAckRequest", as: "last" },
    { expect: "message", type: "HeartbeatAckRequest", within: 1 },
  ];

  const report = await play(steps, heartbeats);

  assert.deepEqual(outcomes(report), ["ok", "ok", "failed"]);
  assert.match(report.steps[2]?.error ?? "", /it did not happen within 1 ms/);
});

test("An acknowledgement of a payload's credentials does not acknowledge the payload", async () => {
  const report = await play([
    { do: "run-task", as: "web" },
    { expect: "message", type: "IAMRoleCredentialsAckRequest", messageId: "$web.messageId" },
    { expectNo: "ack", messageId: "$web.messageId", for: 1 },
  ], async (agent) => {
    const [frame] = await agent.waitForFrames(1);
    if (frame !== undefined) agent.ackCredentials(frame);
  });

  assert.deepEqual(outcomes(report), ["ok", "ok", "ok"]);
});

test("An acknowledgement with another cluster than the message's does not count", async () => {
  const report = await play([
    { do: "run-task", as: "web" },
    { expect: "message", type: "AckRequest", messageId: "$web.messageId" },
    { expectNo: "ack", messageId: "$web.messageId", for: 1 },
    { expect: "problem", within: 1_000 },
  ], async (agent) => {
    const [frame] = await agent.waitForFrames(1);
    if (frame === undefined) return;
    agent.ack({ ...frame, message: { ...frame.message, clusterArn: "default" } });
  });

  assert.deepEqual(outcomes(report), ["ok", "ok", "ok", "ok"]);
});

test("A problem at any time fails expectNo, unless it was expected", async () => {
  const misbehave = async (agent: TestAgent, emulator: AcsEmulator) => {
    const problem = emulator.waitFor("problem");
    agent.sendRaw("nonsense");
    await problem;
  };
  const rest: ScenarioStep[] = [
    { do: "configure" },
    { expectNo: "disconnected", for: 0 },
    { do: "configure" },
    { expectNo: "problem", for: 0 },
  ];

  const seen = await play([{ expect: "refused" }, ...rest], async (agent, emulator) => {
    await misbehave(agent, emulator);
    emulator.refuseNextUpgrade();
    await assert.rejects(TestAgent.connect(emulator));
  });
  const expected = await play([{ expect: "problem" }, ...rest], misbehave);

  assert.deepEqual(outcomes(seen), ["ok", "ok", "ok", "ok", "failed"]);
  assert.equal(
    seen.steps.at(-1)?.error,
    "it happened once",
  );
  assert.deepEqual(seen.steps.at(-1)?.details, [
    "problem: A frame of 8 bytes is not a JSON object",
  ]);
  assert.equal(expected.passed, true, JSON.stringify(expected.steps));
});

test("A hand-made message can be acknowledged, too", async () => {
  const text = JSON.stringify({ type: "HeartbeatMessage", message: { messageId: "by-hand" } });
  const report = await play([
    { do: "send-raw", with: { text } },
    { expect: "ack", messageId: "by-hand", within: 1_000 },
    { expectNo: "problem", for: 0 },
  ], async (agent) => {
    await agent.waitForTexts(1);
    agent.send("HeartbeatAckRequest", { messageId: "by-hand" });
  });

  assert.deepEqual(outcomes(report), ["ok", "ok", "ok"], JSON.stringify(report.steps));
});

test("Refused calls to the ECS API do not count as attempts to connect", async () => {
  await using emulator = await AcsEmulator.listen(QUIET);
  const refused = emulator.waitFor("refused");
  await (await fetch(emulator.url, {
    method: "POST",
    headers: { "x-amz-target": "AmazonEC2ContainerServiceV20141113.RegisterContainerInstance" },
  })).body?.cancel();
  await refused;

  const { passed } = await emulator.playScenario({
    steps: [
      { expect: "attempt", atMost: 0, for: 1 },
      { expect: "refused", match: { request: "RegisterContainerInstance" }, within: 1 },
    ],
  });

  assert.equal(passed, true);
});

test("More attempts to connect than allowed fail the scenario immediately, refused or not", async () => {
  await using emulator = await AcsEmulator.listen(QUIET);
  emulator.deregisterContainerInstance("arn:aws:ecs:us-west-2:1:container-instance/x");
  const steps: ScenarioStep[] = [{ expect: "attempt", atMost: 2, for: 600_000 }];
  const playing = emulator.playScenario({ steps, timeoutMs: 700_000 });

  const agents = [await TestAgent.connect(emulator), await TestAgent.connect(emulator)];
  emulator.refuseNextUpgrade();
  await assert.rejects(TestAgent.connect(emulator));

  const [step] = (await playing).steps;
  assert.equal(step?.outcome, "failed");
  assert.match(step?.error ?? "", /^it happened 3 times$/);
  assert.match(step?.details?.join("; ") ?? "", /^connected × 2; refused upgrade \(403 Access/);
  for (const agent of agents) await agent.leave();
});

test("A step with `at` does not begin earlier", async () => {
  await withFakeTime(async (time) => {
    const emulator = await AcsEmulator.listen(QUIET);
    const playing = emulator.playScenario({ steps: [{ do: "run-task", at: 30_000 }] });

    await time.advance(29_000);
    const before = emulator.tasks.length;
    await time.advance(2_000);
    await playing;

    assert.deepEqual([before, emulator.tasks.length], [0, 1]);
    await emulator.close();
  });
});

test("A scenario that takes too long fails in its current step", async () => {
  await using emulator = await AcsEmulator.listen(QUIET);
  const scenario: Scenario = { name: "slow", timeoutMs: 1, steps: [{ pause: 600_000 }] };

  const { name, passed, steps } = await emulator.playScenario(scenario);

  assert.deepEqual([name, passed], ["slow", false]);
  assert.equal(steps[0]?.error, "the scenario's time limit of 1 ms is over");
});

test("Aborting fails the step in progress with the reason", async () => {
  await using emulator = await AcsEmulator.listen(QUIET);
  const stop = new AbortController();
  const playing = emulator.playScenario({ steps: [{ expect: "connected" }] }, {
    signal: stop.signal,
  });

  stop.abort(new Error("the agent ended"));

  assert.equal((await playing).steps[0]?.error, "the agent ended");
});

test("A reference to a missing field fails the step and names the fields that exist", async () => {
  const report = await play([
    { do: "run-task", as: "web" },
    { do: "stop-task", with: { taskArn: "$web.arn" } },
  ]);

  assert.equal(report.steps[1]?.error, "$web.arn: the result has messageId, taskArn");
});

test("The value of a reference must be valid in its place", async () => {
  const report = await play([
    { do: "run-task", as: "web" },
    { do: "run-task", with: { task: { memory: "$web.taskArn" } } },
  ]);

  assert.equal(report.steps[1]?.error, "task: memory: expected integer, got string");
});

test("Two dollar signs stand for one, and are not a reference", async () => {
  let texts: readonly string[] = [];
  await play([{ do: "send-raw", with: { text: "$$5" } }], async (agent) => {
    texts = await agent.waitForTexts(1);
  });

  assert.deepEqual(texts, ["$5"]);
});

test("A scenario in code is checked like one in a file", async () => {
  await using emulator = await AcsEmulator.listen(QUIET);

  await assert.rejects(emulator.playScenario({ steps: [{ pause: -1 }] }), ScenarioError);
});
