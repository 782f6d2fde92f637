/**
 * If the emulator cannot save its state, it changes nothing and reports the failure.
 */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pendingMessages } from "../../emulator/acs/pending_message.ts";
import { resolveOptions } from "../../emulator/resolve_options.ts";
import { EmulatorService } from "../../emulator/emulator_service.ts";
import {
  AckTimeoutError,
  AcsEmulator,
  SAMPLE_CONTAINER_INSTANCE_ARN,
  sampleCredentials,
  samplePayload,
  StateWriteError,
} from "../../emulator/mod.ts";
import { EmulatorState } from "../../emulator/state/emulator_state.ts";
import { test } from "../testing/test.ts";
import { call } from "./control_client.ts";
import { type DatabaseTrouble, FailingStore, withDatabase } from "./failing_store.ts";
import { TestAgent } from "./test_agent.ts";

function serviceOn(store: FailingStore): EmulatorService {
  return new EmulatorService({
    options: resolveOptions({ seed: 1 }),
    state: new EmulatorState(store),
    url: "http://127.0.0.1",
  });
}

/** The state of a service, as after a round trip through JSON: a file has no undefined fields. */
function knowledgeOf({ tasks, instances, issued, hub }: EmulatorService): unknown {
  return JSON.parse(JSON.stringify({
    tasks: tasks.all.map(({ taskArn }) => tasks.get(taskArn)),
    instances: instances.all,
    issued: issued.all(SAMPLE_CONTAINER_INSTANCE_ARN),
    pending: pendingMessages(hub.outbox.pending),
    numbers: hub.outbox.pending.map(({ number }) => number),
  }));
}

const TASK = "arn:aws:ecs:us-west-2:111122223333:task/default/1";
const TO = { containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN };

/** Everything that changes the state of the service. */
const CHANGES: Readonly<Record<string, (service: EmulatorService) => unknown>> = {
  "running a task": ({ taskControl }) => taskControl.run({}),
  "running a task on an instance": ({ taskControl }) => taskControl.run(TO),
  "stopping a task": ({ taskControl }) => taskControl.stop(TASK),
  "renewing credentials": ({ taskControl }) => taskControl.rotate(TASK, "TaskExecution"),
  "attaching a network interface": ({ attachments }) =>
    attachments.attachNetworkInterface({ taskArn: TASK }),
  "attaching a volume": ({ attachments }) => attachments.attachVolume({}),
  "placing tasks": ({ taskControl }) => taskControl.place(SAMPLE_CONTAINER_INSTANCE_ARN),
  "sending a manifest": (service) => service.sendTaskManifest({}, {}),
  "sending credentials": (service) => service.sendCredentials(sampleCredentials(1), {}),
  "issuing credentials": (service) => service.issueCredentials(sampleCredentials(1), {}),
  "sending a payload": (service) => service.post("PayloadMessage", samplePayload(1), {}),
  "sending a raw frame": (service) => service.postFrame("raw", {}),
  "registering an instance": ({ instances }) => instances.register("arn:aws:ecs:r:1:x/y"),
  "deregistering an instance": ({ instances }) => instances.deregister(TO.containerInstanceArn),
};

for (const [title, change] of Object.entries(CHANGES)) {
  test(`On a full disk, ${title} changes nothing, in memory or in the file`, () => {
    const store = new FailingStore();
    const service = serviceOn(store);
    service.taskControl.run({ task: { arn: TASK } });
    service.instances.register(TO.containerInstanceArn);
    const before = knowledgeOf(service);
    for (let writes = 0;; writes++) {
      assert.ok(writes < 100);
      store.writesLeft = writes;
      let error: unknown;
      try {
        change(service);
      } catch (thrown) {
        error = thrown;
      }
      store.writesLeft = Infinity;
      assert.deepEqual(knowledgeOf(serviceOn(store.copy())), knowledgeOf(service));
      if (error === undefined) break;
      assert.ok(error instanceof StateWriteError, String(error));
      assert.match(error.message, /^The state file store cannot be written.*: database or disk is/);
      assert.deepEqual(knowledgeOf(service), before);
    }
    assert.notDeepEqual(knowledgeOf(service), before);
  });
}

/** An emulator with a state file. */
interface Scene extends DatabaseTrouble {
  readonly emulator: AcsEmulator;
  /** Starts another emulator with the same file; the first one must be closed. */
  restart(): Promise<AcsEmulator>;
}

async function withStateFile(fn: (scene: Scene) => Promise<void>, seed?: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "acs-full-"));
  const options = {
    heartbeatIntervalMs: 0,
    stateFile: join(folder, "state.db"),
    ...(seed !== undefined && { seed, heartbeatIntervalMs: [20, 30] as const }),
  };
  const { opened: emulator, ...trouble } = await withDatabase(() => AcsEmulator.listen(options));
  try {
    await fn({ emulator, ...trouble, restart: () => AcsEmulator.listen(options) });
  } finally {
    await emulator.close();
    await rm(folder, { recursive: true });
  }
}

test("On a full disk, a call fails with the reason, and works once there is space", () =>
  withStateFile(async ({ emulator, fill, free, restart }) => {
    fill();
    let failed: Awaited<ReturnType<typeof call>> | undefined;
    // Existing pages have room for some tasks.
    for (let n = 0; n < 100 && failed === undefined; n++) {
      const answer = await call(emulator, "/emulator/run-task", { body: {} });
      if (answer.status !== 200) failed = answer;
    }
    assert.equal(failed?.status, 500);
    const { name, message } = Object(failed?.body.error);
    assert.equal(name, "StateWriteError");
    assert.match(message, /state\.db cannot be written, so nothing was changed: .*disk is full$/);
    const { length } = emulator.tasks;
    assert.equal(emulator.pendingCount, length);

    free();
    emulator.runTask();

    const { tasks } = emulator;
    assert.equal(tasks.length, length + 1);
    await emulator.close();
    await using after = await restart();
    assert.deepEqual(after.tasks, tasks);
  }));

test("An ack that cannot be saved is a failure, and its message is resent", () =>
  withStateFile(async ({ emulator, forbidWrites, allowWrites }) => {
    const agent = await TestAgent.connect(emulator);
    const { messageId, acked } = emulator.sendPayload(samplePayload());
    const [payload] = await agent.waitForFrames(1);
    assert.ok(payload);
    const failure = emulator.waitFor("failure");

    forbidWrites();
    agent.ack(payload);

    assert.match(
      (await failure).reason,
      /^The emulator cannot record the AckRequest: .* will be resent/,
    );
    assert.deepEqual(emulator.pending.map((message) => message.messageId), [messageId]);
    await assert.rejects(emulator.expectAck(messageId, { within: 1 }), AckTimeoutError);
    allowWrites();
    await agent.leave();
    const again = await TestAgent.connect(emulator);
    const [copy] = await again.waitForFrames(1);
    assert.ok(copy);
    again.ack(copy);
    assert.equal((await acked).messageId, messageId);
    await again.leave();
  }));

test("On a full disk, a connecting agent is closed with 1011, and reconnects", () =>
  withStateFile(async ({ emulator, forbidWrites, allowWrites }) => {
    const { messageId } = emulator.runTask();
    forbidWrites();
    const failure = emulator.waitFor("failure");

    const { code, reason } = await (await TestAgent.connect(emulator)).ended;

    assert.deepEqual([code, reason], [1011, "InternalError: The state cannot be saved"]);
    assert.match(
      (await failure).reason,
      /^The emulator cannot send the queued messages\. .*state\.db/,
    );
    assert.deepEqual(emulator.containerInstances, []);
    assert.equal(emulator.tasks[0]?.waiting, true);
    allowWrites();
    const agent = await TestAgent.connect(emulator);
    const frames = await agent.waitForFrames(2);
    assert.equal(frames[1]?.message.messageId, messageId);
    await agent.leave();
  }));

test("Stop verifications, heartbeats and ends of connections do not end an emulator that cannot write", () =>
  withStateFile(async ({ emulator, forbidWrites, allowWrites }) => {
    const failures: string[] = [];
    emulator.addEventListener("failure", ({ detail }) => failures.push(detail.reason));
    const agent = await TestAgent.connect(emulator);
    await agent.waitForTexts(1);
    const lost = emulator.sendHeartbeat();
    lost.acked.catch(() => {});
    forbidWrites();

    agent.send("TaskStopVerificationMessage", { messageId: "m", stopCandidates: [] });
    while (!/heartbeat/.test(failures.join()) || !/TaskStopVerif/.test(failures.join())) {
      await emulator.waitFor("failure");
    }
    const disconnected = emulator.waitFor("disconnected");
    await agent.leave();
    await disconnected;

    assert.match(failures.at(-1) ?? "", /cannot drop the unanswered heartbeats/);
    assert.deepEqual(emulator.pending.map(({ messageId }) => messageId), [lost.messageId]);
    allowWrites();
    const again = await TestAgent.connect(emulator);
    await again.waitForTexts(1);
    await again.leave();
  }, 1));
