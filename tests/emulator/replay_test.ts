import assert from "node:assert/strict";
import {
  AcsEmulator,
  type Scenario,
  type ScenarioStep,
  type TranscriptEntry,
} from "../../emulator/mod.ts";
import { withExpirations, withFreshIds } from "../../emulator/replay/fresh_trace.ts";
import { scenarioFromTrace } from "../../emulator/replay/scenario_from_trace.ts";
import { checkScenario } from "../../emulator/scenario/check_scenario.ts";
import type { Trace } from "../../emulator/trace/trace.ts";
import { test } from "../testing/test.ts";
import { OTHER_INSTANCE, TestAgent } from "./test_agent.ts";

const ARN = "arn:aws:ecs:us-west-2:111122223333:container-instance/default/" +
  "0123456789abcdef0123456789abcdef";
const MESSAGE_ID = "11111111-2222-4333-8444-555555555555";
const TASK_ARN = "arn:aws:ecs:us-west-2:111122223333:task/default/" +
  "aaaaaaaabbbbbbbbccccccccdddddddd";

type Given = Omit<TranscriptEntry, "number" | "at"> & { readonly after?: number };

/** A trace of one agent. Entries are 10 ms apart, unless they have `after`. */
function traceOf(...given: readonly Given[]): Trace {
  let at = 1_000;
  const entries = given.map(({ after = 10, ...fields }, index): TranscriptEntry => {
    at += after;
    return { number: index + 1, at, containerInstanceArn: ARN, ...fields };
  });
  const recordedAt = new Date(0).toISOString();
  return { header: { acsTrace: 1, producer: "a test", recordedAt, region: "us-west-2" }, entries };
}

const CONNECTED: Given = { event: "connected", connectionId: 1, sendCredentials: false };

function payload(messageId = MESSAGE_ID): Given {
  return {
    event: "sent",
    connectionId: 1,
    type: "PayloadMessage",
    messageId,
    message: {
      messageId,
      clusterArn: "arn:aws:ecs:us-west-2:111122223333:cluster/default",
      containerInstanceArn: ARN,
      seqNum: 7,
      fieldOfTheFuture: "$5",
      tasks: [{ arn: TASK_ARN, family: "web", containers: [{ name: "$web" }] }],
    },
  };
}

function answer(type: string, message: object = {}, answers = true): Given {
  return {
    event: "received",
    connectionId: 1,
    type,
    messageId: MESSAGE_ID,
    ...(answers && { answers }),
    message: { messageId: MESSAGE_ID, ...message },
  };
}

/** Converts a trace to the steps of a valid scenario. */
function stepsOf(trace: Trace, speed = 1): readonly ScenarioStep[] {
  const { scenario, lines } = scenarioFromTrace(trace, { name: "test", speed });
  checkScenario(scenario);
  assert.equal(lines.length, scenario.steps.length);
  return scenario.steps;
}

/** Short descriptions of steps. */
function shortOf(steps: readonly ScenarioStep[]): string[] {
  return steps.map((step) => {
    if ("do" in step) return `${step.do} ${JSON.stringify(step.with?.fault ?? step.with?.type)}`;
    if ("pause" in step) return `pause ${step.pause}`;
    return "expectNo" in step ? `no ${step.expectNo}` : `expect ${step.expect}`;
  });
}

test("A trace is converted to the service's actions and the agent's reactions, in order", () => {
  const steps = stepsOf(traceOf(
    { event: "discovered" },
    CONNECTED,
    { ...payload(), after: 2_000 },
    answer("AckRequest"),
    { event: "disconnected", connectionId: 1, closeCode: 1000 },
  ));

  assert.deepEqual(shortOf(steps), [
    "expect discovered",
    "expect connected",
    "pause 2000",
    'send "PayloadMessage"',
    "expect ack",
    "no message",
    "no message",
    "no message",
    "no problem",
  ]);
  const [, , , send, ack] = steps;
  assert.ok(send !== undefined && "do" in send);
  assert.deepEqual(send.with, {
    type: "PayloadMessage",
    plain: true,
    message: {
      fieldOfTheFuture: "$$5",
      tasks: [{ arn: TASK_ARN, family: "web", containers: [{ name: "$$web" }] }],
    },
  });
  assert.ok(ack !== undefined && "expect" in ack);
  assert.equal(ack.messageId, `$${send.as}.messageId`);
});

test("The agent's reports of its tasks are expected, but not its final disconnection", () => {
  const call = (request: string, message: object): Given => ({
    event: "apiCall",
    request,
    message,
    taskArn: TASK_ARN,
  });
  const steps = stepsOf(traceOf(
    call("RegisterContainerInstance", { cluster: "prod", totalResources: [] }),
    CONNECTED,
    call("RunTask", { taskDefinition: "web" }),
    call("SubmitTaskStateChange", {
      task: TASK_ARN,
      status: "STOPPED",
      executionStoppedAt: 5,
      containers: [{ containerName: "web", status: "STOPPED", exitCode: 3, runtimeId: "x" }],
    }),
    call("UpdateContainerInstancesState", { status: "DRAINING" }),
    { event: "disconnected", connectionId: 1, closeCode: 1000 },
  ));

  const [create, register, , report, ...rest] = steps;
  assert.deepEqual(create, {
    do: "call-api",
    with: { operation: "CreateCluster", input: { clusterName: "prod" } },
  });
  assert.ok(register !== undefined && "expect" in register && report !== undefined);
  assert.deepEqual("match" in report && report.match, {
    request: "SubmitTaskStateChange",
    message: {
      task: TASK_ARN,
      status: "STOPPED",
      containers: [{ containerName: "web", status: "STOPPED", exitCode: 3 }],
    },
  });
  assert.ok(rest.every((step) => "expectNo" in step));
});

test("The speed only changes the service's pauses", () => {
  const trace = traceOf(CONNECTED, { ...payload(), after: 8_000 }, answer("AckRequest"));

  const [, pause] = stepsOf(trace, 4);

  assert.deepEqual(pause, { pause: 2_000 });
});

test("The time limits allow for the agent's own delays, which the speed does not change", () => {
  const stopped = { event: "apiCall", request: "SubmitTaskStateChange", after: 200_000 } as const;
  const trace = traceOf(CONNECTED, payload(), answer("AckRequest"), { ...stopped, message: {} });

  const { scenario } = scenarioFromTrace(trace, { name: "test", speed: 10 });

  const within = scenario.steps.flatMap((step) => "within" in step ? [step.within ?? 0] : []);
  assert.equal(Math.max(...within), 600_000);
  assert.ok((scenario.timeoutMs ?? 0) > 600_000, String(scenario.timeoutMs));
});

test("A recording of several days can be replayed at its own speed", () => {
  const day = 86_400_000;
  const trace = traceOf(CONNECTED, { ...payload(), after: 3 * day }, answer("AckRequest"));

  const { scenario } = scenarioFromTrace(trace, { name: "test" });

  checkScenario(scenario);
  assert.ok((scenario.timeoutMs ?? 0) > 3 * day, String(scenario.timeoutMs));
});

test("Refusals are injected before the agent's requests", () => {
  const refused: Given = {
    event: "refused",
    request: "upgrade",
    status: 403,
    exception: "AccessDeniedException",
    reason: "no",
  };
  const page = { ...refused, status: 503, exception: "", reason: "<h1>Down</h1>" };
  const steps = stepsOf(traceOf(
    refused,
    refused,
    CONNECTED,
    { event: "disconnected", connectionId: 1, closeCode: 1006, serviceEnd: "reset" },
    page,
    { event: "refused", request: "DiscoverPollEndpoint", serviceEnd: "end", reason: "gone" },
    { ...CONNECTED, connectionId: 2 },
  ));

  assert.deepEqual(shortOf(steps.slice(0, -1)), [
    'inject-fault {"at":"upgrade","action":"refuse","status":403,' +
    '"exception":"AccessDeniedException","message":"no"}',
    'inject-fault {"at":"discover","action":"end"}',
    "expect refused",
    "expect refused",
    "expect connected",
    'inject-fault {"at":"upgrade","action":"refuse","status":503,"body":"<h1>Down</h1>"}',
    'inject-fault {"at":"connection","action":"reset"}',
    "expect disconnected",
    "expect refused",
    "expect refused",
    "expect connected",
  ]);
  const [first] = steps;
  assert.ok(first !== undefined && "do" in first);
  assert.equal(first.with?.next, 2);
});

test("Recorded texts that begin with $ are not references, and impossible refusals are left out", () => {
  const refused = { event: "refused", request: "upgrade", exception: "" } as const;
  const fault = { at: "upgrade", action: "refuse", status: 503, body: "$body" } as const;
  const steps = stepsOf(traceOf(
    { ...refused, status: 500, exception: "$E", reason: "$reason" },
    { ...refused, status: 199, reason: "" },
    { event: "fault", fault: "refuse", injected: fault },
    { ...refused, status: 503, reason: "$body" },
    CONNECTED,
    {
      event: "disconnected",
      connectionId: 1,
      closeCode: 1006,
      serviceEnd: "close",
      serviceCloseCode: 0,
      serviceCloseReason: "$close",
    },
    { ...CONNECTED, connectionId: 2 },
  ));

  const faults = steps.flatMap((step) => "do" in step ? [step.with?.fault] : []);
  assert.deepEqual(faults, [
    { at: "upgrade", action: "refuse", status: 500, exception: "$$E", message: "$$reason" },
    { ...fault, body: "$$body" },
    { at: "connection", action: "close", code: 0, reason: "$$close" },
  ]);
  const refusals = steps.filter((step) => "expect" in step && step.expect === "refused");
  assert.equal(refusals.length, 2);
});

test("A message that was resent on a new connection is sent only once, since the emulator resends it", () => {
  const steps = stepsOf(traceOf(
    CONNECTED,
    payload(),
    { event: "disconnected", connectionId: 1, closeCode: 1006, serviceEnd: "end" },
    { ...CONNECTED, connectionId: 2 },
    { ...payload(), connectionId: 2, resent: true },
    { ...answer("AckRequest"), connectionId: 2 },
  ));

  assert.equal(shortOf(steps).filter((step) => step.startsWith("send ")).length, 1);
  assert.equal(shortOf(steps).filter((step) => step === "expect ack").length, 1);
});

test("A replay uses new ids consistently, but keeps the ids of instances", () => {
  const { entries } = withFreshIds(traceOf(CONNECTED, payload(), answer("AckRequest")));
  const text = JSON.stringify(entries);

  assert.doesNotMatch(text, new RegExp(`${MESSAGE_ID}|aaaaaaaabbbbbbbb`));
  assert.ok(text.includes(ARN));
  assert.equal(entries[1]?.messageId, entries[2]?.messageId);
  assert.match(entries[1]?.messageId ?? "", /^[\da-f]{8}-[\da-f]{4}-/);
});

test("In a replay, credentials have new expiration times, in messages and in answers", () => {
  const expiration = "2026-11-28T14:07:08Z";
  const trace = traceOf(
    CONNECTED,
    {
      event: "sent",
      connectionId: 1,
      type: "IAMRoleCredentialsMessage",
      messageId: MESSAGE_ID,
      message: { roleCredentials: { credentialsId: "role", expiration } },
    },
    answer("IAMRoleCredentialsAckRequest", { credentialsId: "role", expiration }),
  );

  const { entries } = withExpirations(trace, (time) => time + 3_600_000);

  assert.deepEqual(entries[1]?.message, {
    roleCredentials: { credentialsId: "role", expiration: "2026-11-28T15:07:08Z" },
  });
  assert.ok(JSON.stringify(entries[2]).includes('"expiration":"2026-11-28T15:07:08Z"'));
});

/** Replays a trace against agents, and reports all differences. */
async function replay(
  trace: Trace,
  act: (emulator: AcsEmulator, scenario: Scenario) => Promise<void>,
) {
  const { scenario } = scenarioFromTrace(withFreshIds(trace), { name: "replay" });
  await using emulator = await AcsEmulator.listen(scenario.emulator);
  const playing = emulator.playScenario(
    {
      ...scenario,
      steps: scenario.steps.map((step) => "within" in step ? { ...step, within: 200 } : step),
    },
    { keepGoing: true },
  );
  await act(emulator, scenario);
  return await playing;
}

test("A replay reports missing, different and additional answers", async () => {
  const trace = traceOf(
    CONNECTED,
    payload(),
    answer("AckRequest"),
    answer("IAMRoleCredentialsAckRequest", { credentialsId: "role" }, false),
  );

  const report = await replay(trace, async (emulator) => {
    const agent = await TestAgent.connect(emulator);
    const [sent] = await agent.waitForFrames(1);
    const { messageId, clusterArn: cluster, containerInstanceArn: containerInstance } =
      sent?.message ?? {};
    agent.send("NackRequest", { messageId, cluster, containerInstance, reason: "no" });
  });

  assert.equal(report.passed, false);
  const failed = report.steps.filter(({ outcome }) => outcome === "failed");
  assert.deepEqual(failed.map(({ title }) => title), [
    "AckRequest for the PayloadMessage",
    "IAMRoleCredentialsAckRequest for the PayloadMessage",
    "no other NackRequest",
  ]);
  assert.ok(
    failed[0]?.details?.includes("the agent refused the PayloadMessage with a NackRequest: no"),
  );
});

test("A replay names the fields in which an answer differs, but ignores the values of unknown fields", async () => {
  const credentials = { credentialsId: "role", expiration: "2026-11-28T14:07:08Z", future: "xxxx" };
  const trace = traceOf(
    CONNECTED,
    payload(),
    answer("IAMRoleCredentialsAckRequest", credentials, false),
    answer("IAMRoleCredentialsAckRequest", { ...credentials, credentialsId: "other" }, false),
  );

  const report = await replay(trace, async (emulator) => {
    const agent = await TestAgent.connect(emulator);
    const [sent] = await agent.waitForFrames(1);
    const { messageId } = sent?.message ?? {};
    const { expiration } = credentials;
    const ack = { messageId, credentialsId: "role", expiration, future: "anything" };
    agent.send("IAMRoleCredentialsAckRequest", ack);
    agent.send("IAMRoleCredentialsAckRequest", { ...ack, credentialsId: "wrong" });
  });

  const [failed, ...others] = report.steps.filter(({ outcome }) => outcome === "failed");
  assert.deepEqual(others.map(({ title }) => title), ["no other IAMRoleCredentialsAckRequest"]);
  assert.ok(
    failed?.details?.includes(
      'received IAMRoleCredentialsAckRequest: message.credentialsId is "wrong", not "other"',
    ),
    `${failed?.details?.join("\n")}`,
  );
});

test("An agent that violates the protocol as in a recording passes the replay", async () => {
  const recorded = traceOf(
    CONNECTED,
    payload(),
    answer("AckRequest"),
    answer("AckRequest", {}, false),
    { event: "received", connectionId: 1, messageId: "", raw: "text", bytes: 3 },
    { event: "received", connectionId: 1, messageId: "", raw: "text", type: "Own", message: {} },
  );
  // Only the recorder does not report problems.
  const trace = { ...recorded, header: { ...recorded.header, upstream: "https://ecs.test/" } };
  const act = (frames: readonly string[]) => async (emulator: AcsEmulator) => {
    const agent = await TestAgent.connect(emulator);
    const [sent] = await agent.waitForFrames(1);
    assert.ok(sent);
    agent.ack(sent);
    agent.ack(sent);
    frames.forEach((frame) => agent.sendRaw(frame));
  };

  const same = await replay(trace, act(["abc", '{"type":"Own","message":{}}']));
  const fewer = await replay(trace, act([]));

  assert.deepEqual(same.steps.filter(({ outcome }) => outcome !== "ok"), []);
  assert.deepEqual(
    fewer.steps.filter(({ outcome }) => outcome === "failed").map(({ title }) => title),
    ["problem within 200 ms"],
  );
});

test("A replay accepts a NackRequest that quotes the placeholder of a secret", async () => {
  const reason = "cannot use xxxxxxxxxxxx";
  const sent = payload();
  const message = {
    ...Object(sent.message),
    tasks: [{ arn: TASK_ARN, containers: [{ environment: { PASSWORD: "xxxxxxxxxxxx" } }] }],
  };
  const trace = traceOf(CONNECTED, { ...sent, message }, answer("NackRequest", { reason }));

  const report = await replay(trace, async (emulator) => {
    const agent = await TestAgent.connect(emulator);
    const [frame] = await agent.waitForFrames(1);
    const { messageId, clusterArn: cluster, containerInstanceArn: containerInstance } =
      frame?.message ?? {};
    agent.send("NackRequest", { messageId, cluster, containerInstance, reason });
  });

  assert.deepEqual(report.steps.filter(({ outcome }) => outcome !== "ok"), []);
});

test("A replay sends recorded placeholders, unknown fields, and raw frames of the same size", async () => {
  const trace = traceOf(
    CONNECTED,
    payload(),
    answer("AckRequest"),
    { event: "sent", connectionId: 1, raw: "text", bytes: 5 },
    { event: "sent", connectionId: 1, raw: "binary", bytes: 4 },
    { event: "sent", connectionId: 1, raw: "text", bytes: 9, type: "Future", message: { a: "xx" } },
  );
  let texts: readonly string[] = [];

  const report = await replay(trace, async (emulator) => {
    const agent = await TestAgent.connect(emulator);
    const [sent] = await agent.waitForFrames(1);
    assert.ok(sent);
    agent.ack(sent);
    texts = await agent.waitForTexts(4);
  });

  assert.deepEqual(report.steps.filter(({ outcome }) => outcome !== "ok"), []);
  assert.match(texts[0] ?? "", /"fieldOfTheFuture":"\$5"/);
  assert.deepEqual(texts.slice(1), [
    "xxxxx",
    "binary:\0\0\0\0",
    '{"type":"Future","message":{"a":"xx"}}',
  ]);
});

test("A replay of a trace with two agents distinguishes them", async () => {
  const other = `${ARN.slice(0, -1)}0`;
  const trace = traceOf(
    CONNECTED,
    { ...CONNECTED, connectionId: 2, containerInstanceArn: other },
    payload(),
    answer("AckRequest"),
  );

  const report = await replay(trace, async (emulator) => {
    const first = await TestAgent.connect(emulator);
    await TestAgent.connect(emulator, { query: OTHER_INSTANCE });
    const [sent] = await first.waitForFrames(1);
    assert.ok(sent);
    first.ack(sent);
  });

  assert.deepEqual(report.steps.filter(({ outcome }) => outcome !== "ok"), []);
});
