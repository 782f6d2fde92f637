/** Credentials that arrive with a payload's tasks: stored, acknowledged, kept and removed. */

import assert from "node:assert/strict";
import { LimitExceededError } from "../../errors.ts";
import type { IAMRoleCredentials, PayloadMessage, Task } from "../../protocol/messages.ts";
import {
  type CredentialsManager,
  MemoryCredentialsManager,
} from "../../responders/credentials_manager.ts";
import { type PayloadAck, payloadResponder } from "../../responders/payload_responder.ts";
import { StoppedTasks } from "../../responders/stopped_tasks.ts";
import { memorySequenceNumber } from "../../responders/sequence_number.ts";
import {
  assertInvalid,
  handle,
  type RecordingContext,
} from "../testing/fakes/responder_context.ts";
import { test } from "../testing/test.ts";

const HEAD = {
  clusterArn: "arn:aws:ecs:us-west-2:111122223333:cluster/default",
  containerInstanceArn: "arn:aws:ecs:us-west-2:111122223333:container-instance/default/a",
};

function arnOf(task: string): string {
  return `arn:aws:ecs:us-west-2:111122223333:task/default/${task}`;
}

function credentialsOf(credentialsId: string, expiration: string): IAMRoleCredentials {
  return { credentialsId, expiration, accessKeyId: "AKIDEXAMPLE", secretAccessKey: "made/up" };
}

const EARLIER = "2026-01-01T06:00:00Z";
const LATER = "2026-01-01T12:00:00Z";

/** A payload with one task that has two roles. */
function payloadOf(task: string, expiration: string, desiredStatus = "RUNNING"): PayloadMessage {
  return {
    ...HEAD,
    messageId: `payload ${task}`,
    tasks: [{
      arn: arnOf(task),
      desiredStatus,
      roleCredentials: credentialsOf(`role ${task}`, expiration),
      executionRoleCredentials: credentialsOf(`exec ${task}`, expiration),
    }],
  };
}

type Handler = (message: PayloadMessage, ack: PayloadAck) => void | Promise<void>;

function responderOf(
  manager: CredentialsManager,
  processMessage: Handler = async (_message, ack) => await ack(),
  stoppedTasks?: StoppedTasks,
) {
  return payloadResponder({ processMessage }, {
    sequenceNumbers: memorySequenceNumber(),
    credentialsManager: manager,
    stoppedTasks,
  });
}

/** The acknowledged ids, in order; `"payload"` for the payload itself. */
function acknowledged({ sent }: RecordingContext): string[] {
  return sent.map(({ type, message }) => {
    if (type === "AckRequest") return "payload";
    return "credentialsId" in message ? String(message.credentialsId) : "";
  });
}

test("A payload's credentials are stored before its handler is called, and acknowledged with it", async () => {
  const manager = new MemoryCredentialsManager();
  const responder = responderOf(manager, async (_message, ack) => {
    assert.equal(manager.getTaskCredentials("role a")?.arn, arnOf("a"));
    assert.equal(manager.getTaskCredentials("role a")?.roleType, "TaskApplication");
    assert.equal(manager.getTaskCredentials("exec a")?.roleType, "TaskExecution");
    await ack();
  });
  const { sent } = await handle(responder, payloadOf("a", EARLIER));
  const ack = { messageId: "payload a", expiration: EARLIER };
  assert.deepEqual(sent.slice(1).map(({ message }) => message), [
    { ...ack, credentialsId: "role a" },
    { ...ack, credentialsId: "exec a" },
  ]);
});

test("An asynchronous manager has stored the credentials before the handler is called", async () => {
  const manager = new MemoryCredentialsManager();
  const slow: CredentialsManager = {
    setTaskCredentials: (credentials) =>
      Promise.resolve().then(() => manager.setTaskCredentials(credentials)),
    getTaskCredentials: (id) => manager.getTaskCredentials(id),
    removeCredentials: (id) => manager.removeCredentials(id),
    addKnownCredentialsId: (id) => manager.addKnownCredentialsId(id),
    isCredentialsPending: (id) => manager.isCredentialsPending(id),
  };
  const responder = responderOf(slow, async (_message, ack) => {
    assert.ok(manager.getTaskCredentials("exec a"));
    await ack();
  });
  assert.deepEqual(acknowledged(await handle(responder, payloadOf("a", EARLIER))), [
    "payload",
    "role a",
    "exec a",
  ]);
});

test("A list passed to ack replaces the default acknowledgements; an empty one acknowledges none", async () => {
  const lists: readonly (readonly [string[], string[]])[] = [
    [[], ["payload"]],
    [["exec a"], ["payload", "exec a"]],
    [["exec a", "mine", "exec a"], ["payload", "exec a", "mine"]],
  ];
  for (const [ids, expected] of lists) {
    const responder = responderOf(new MemoryCredentialsManager(), async (_message, ack) => {
      await ack(ids.map((credentialsId) => ({ credentialsId })));
    });
    assert.deepEqual(acknowledged(await handle(responder, payloadOf("a", EARLIER))), expected);
  }
});

test("Credentials shared by two tasks are acknowledged once", async () => {
  const shared = payloadOf("a", EARLIER);
  const message = { ...shared, tasks: [...shared.tasks ?? [], ...shared.tasks ?? []] };
  const context = await handle(responderOf(new MemoryCredentialsManager()), message);
  assert.deepEqual(acknowledged(context), ["payload", "role a", "exec a"]);
});

test("Credentials without an id, or of a task without an ARN, leave the payload unacknowledged", async () => {
  const manager = new MemoryCredentialsManager();
  const responder = responderOf(manager, () => assert.fail("the handler was called"));
  const roleCredentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "made/up" };
  const messages: readonly (readonly [Task[], RegExp])[] = [
    [[{ arn: arnOf("a"), roleCredentials }], /roleCredentials have no credentialsId/],
    [
      [{ arn: arnOf("a"), executionRoleCredentials: { ...roleCredentials, credentialsId: "" } }],
      /executionRoleCredentials have no credentialsId/,
    ],
    [[{ roleCredentials: credentialsOf("c", LATER) }], /a task with roleCredentials has no arn/],
  ];
  for (const [tasks, words] of messages) {
    await assertInvalid(responder, { ...HEAD, messageId: "p", tasks }, words);
  }
});

test("A manager that refuses credentials leaves the payload unacknowledged", async () => {
  const manager = new MemoryCredentialsManager({ maxEntries: 1 });
  const responder = responderOf(manager, () => assert.fail("the handler was called"));
  await assert.rejects(
    handle(responder, payloadOf("a", "2999-01-01T00:00:00Z")),
    LimitExceededError,
  );
});

test("A redelivered payload does not replace newer credentials with its own, but has them acknowledged", async () => {
  const manager = new MemoryCredentialsManager();
  const responder = responderOf(manager);
  await handle(responder, payloadOf("a", EARLIER));
  const fresh = credentialsOf("role a", LATER);
  manager.setTaskCredentials({
    arn: arnOf("a"),
    roleType: "TaskApplication",
    iamRoleCredentials: fresh,
  });
  const again = await handle(responder, payloadOf("a", EARLIER));
  assert.equal(manager.getTaskCredentials("role a")?.iamRoleCredentials, fresh);
  assert.deepEqual(acknowledged(again), ["payload", "role a", "exec a"]);
  await handle(responder, payloadOf("a", "2026-01-02T00:00:00Z"));
  assert.notEqual(manager.getTaskCredentials("role a")?.iamRoleCredentials, fresh);
});

test("A task's credentials are removed once the payload that stops it has been acknowledged, and not before", async () => {
  const manager = new MemoryCredentialsManager();
  await handle(responderOf(manager), payloadOf("a", EARLIER));
  await handle(responderOf(manager), payloadOf("b", EARLIER));
  await handle(responderOf(manager, () => {}), payloadOf("a", EARLIER, "STOPPED"));
  assert.ok(manager.getTaskCredentials("role a"), "the stop has not been acknowledged yet");
  await handle(responderOf(manager), payloadOf("a", EARLIER, "STOPPED"));
  assert.equal(manager.getTaskCredentials("role a"), undefined);
  assert.equal(manager.getTaskCredentials("exec a"), undefined);
  assert.ok(manager.getTaskCredentials("role b"));
});

test("A payload that is redelivered after its task was stopped does not restore the credentials", async () => {
  const manager = new MemoryCredentialsManager();
  const responder = responderOf(manager, undefined, new StoppedTasks());
  await handle(responder, payloadOf("a", EARLIER));
  await handle(responder, payloadOf("a", EARLIER, "STOPPED"));
  const redelivered = await handle(responder, payloadOf("a", LATER));
  assert.deepEqual(acknowledged(redelivered), ["payload", "role a", "exec a"]);
  assert.equal(manager.getTaskCredentials("role a"), undefined);
  await handle(responder, payloadOf("b", EARLIER));
  assert.ok(manager.getTaskCredentials("role b"));
});

test("20,000 tasks one after the other leave nothing behind, in a store with room for two", async () => {
  const manager = new MemoryCredentialsManager({ maxEntries: 2 });
  const responder = responderOf(manager);
  const never = "2999-01-01T00:00:00Z";
  for (let n = 0; n < 20_000; n++) {
    await handle(responder, payloadOf(`t${n}`, never));
    await handle(responder, payloadOf(`t${n}`, never, "STOPPED"));
  }
  assert.equal(manager.getTaskCredentials("role t19999"), undefined);
});

test("Without a manager to store them, credentials are left to the handler", async () => {
  const responder = payloadResponder(
    { processMessage: (_message, ack) => ack([{ credentialsId: "mine" }]) },
    { sequenceNumbers: memorySequenceNumber() },
  );
  const message = { ...HEAD, messageId: "p", tasks: [{ roleCredentials: { accessKeyId: "A" } }] };
  assert.deepEqual(acknowledged(await handle(responder, message)), ["payload", "mine"]);
});
