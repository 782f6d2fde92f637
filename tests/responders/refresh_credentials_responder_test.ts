import assert from "node:assert/strict";
import { inspect } from "node:util";
import {
  MemoryCredentialsManager,
  type TaskIamRoleCredentials,
} from "../../responders/credentials_manager.ts";
import {
  type CredentialsMetadataSetter,
  refreshCredentialsResponder,
} from "../../responders/refresh_credentials_responder.ts";
import { StoppedTasks } from "../../responders/stopped_tasks.ts";
import type { IAMRoleCredentialsMessage } from "../../protocol/messages.ts";
import { assertInvalid, handle, recordingContext } from "../testing/fakes/responder_context.ts";
import { test } from "../testing/test.ts";

const ROLE_CREDENTIALS = {
  credentialsId: "c1",
  accessKeyId: "ASIAEXAMPLEEXAMPLE00",
  secretAccessKey: "made/up/secret",
  sessionToken: "made+up/token==",
  expiration: "2026-01-01T06:00:00Z",
};
const MESSAGE = {
  messageId: "m1",
  taskArn: "arn:aws:ecs:us-west-2:111122223333:task/default/a",
  roleType: "TaskApplication",
  roleCredentials: ROLE_CREDENTIALS,
};
const ACK = {
  type: "IAMRoleCredentialsAckRequest",
  message: { messageId: "m1", expiration: "2026-01-01T06:00:00Z", credentialsId: "c1" },
};

/** A metadata setter that records for whom it was called. */
function recordingSetter(): CredentialsMetadataSetter & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    setTaskRoleCredentialsMetadata: ({ messageId }) => void calls.push(`task ${messageId}`),
    setExecRoleCredentialsMetadata: ({ messageId }) => void calls.push(`exec ${messageId}`),
  };
}

test("Older credentials that are resent are acknowledged, and do not replace newer ones", async () => {
  const manager = new MemoryCredentialsManager();
  const setter = recordingSetter();
  const responder = refreshCredentialsResponder(manager, setter);
  const newer = { ...ROLE_CREDENTIALS, expiration: "2026-01-01T07:00:00Z" };
  await handle(responder, { ...MESSAGE, messageId: "m2", roleCredentials: newer });
  const { sent } = await handle(responder, MESSAGE);
  assert.deepEqual(manager.getTaskCredentials("c1")?.iamRoleCredentials, newer);
  assert.deepEqual(setter.calls, ["task m2"]);
  assert.deepEqual(sent, [ACK]);
});

test("Credentials of a stopped task are acknowledged but not stored", async () => {
  const manager = new MemoryCredentialsManager();
  const setter = recordingSetter();
  const stopped = new StoppedTasks();
  stopped.add([MESSAGE.taskArn]);
  const { sent } = await handle(refreshCredentialsResponder(manager, setter, stopped), MESSAGE);
  assert.deepEqual(sent, [ACK]);
  assert.equal(manager.getTaskCredentials("c1"), undefined);
  assert.deepEqual(setter.calls, []);
});

for (
  const { roleType, call } of [
    { roleType: "TaskApplication", call: "task m1" },
    { roleType: "TaskExecution", call: "exec m1" },
  ] as const
) {
  test(`Credentials of type ${roleType} are stored, passed to their own metadata setter, and then acknowledged`, async () => {
    const manager = new MemoryCredentialsManager();
    const setter = recordingSetter();
    const { sent } = await handle(refreshCredentialsResponder(manager, setter), {
      ...MESSAGE,
      roleType,
    });
    assert.deepEqual(manager.getTaskCredentials("c1"), {
      arn: MESSAGE.taskArn,
      roleType,
      iamRoleCredentials: ROLE_CREDENTIALS,
    });
    assert.deepEqual(setter.calls, [call]);
    assert.deepEqual(sent, [ACK]);
  });
}

test("Without a metadata setter, credentials are still stored and acknowledged", async () => {
  const manager = new MemoryCredentialsManager();
  assert.deepEqual((await handle(refreshCredentialsResponder(manager), MESSAGE)).sent, [ACK]);
  assert.equal(manager.isCredentialsPending("c1"), false);
});

test("Fresh credentials replace those with the same id", async () => {
  const manager = new MemoryCredentialsManager();
  const responder = refreshCredentialsResponder(manager);
  await handle(responder, MESSAGE);
  const roleCredentials = { ...ROLE_CREDENTIALS, accessKeyId: "ASIAEXAMPLEEXAMPLE01" };
  await handle(responder, { ...MESSAGE, roleCredentials });
  const stored = manager.getTaskCredentials("c1");
  assert.equal(stored?.iamRoleCredentials.accessKeyId, "ASIAEXAMPLEEXAMPLE01");
});

test("The acknowledgement waits for a slow store and a slow metadata setter", async () => {
  const order: string[] = [];
  const stored = Promise.withResolvers<void>();
  const noted = Promise.withResolvers<void>();
  const manager = new MemoryCredentialsManager();
  const slowManager = {
    setTaskCredentials(credentials: TaskIamRoleCredentials) {
      manager.setTaskCredentials(credentials);
      return stored.promise;
    },
    getTaskCredentials: (id: string) => manager.getTaskCredentials(id),
    removeCredentials: (id: string) => manager.removeCredentials(id),
    addKnownCredentialsId: (id: string) => manager.addKnownCredentialsId(id),
    isCredentialsPending: (id: string) => manager.isCredentialsPending(id),
  };
  const context = recordingContext();
  const handled = refreshCredentialsResponder(slowManager, {
    setTaskRoleCredentialsMetadata() {
      order.push("notified");
      return noted.promise;
    },
  }).handleMessage(MESSAGE, context);
  await Promise.resolve();
  assert.deepEqual([order, context.sent], [[], []]);
  stored.resolve();
  await stored.promise;
  await Promise.resolve();
  assert.deepEqual([order, context.sent], [["notified"], []]);
  noted.resolve();
  await handled;
  assert.deepEqual(context.sent, [ACK]);
});

test("Credentials are not acknowledged if the store or the metadata setter fails", async () => {
  const context = recordingContext();
  const failure = new Error("disk full");
  const failing = refreshCredentialsResponder(new MemoryCredentialsManager(), {
    setTaskRoleCredentialsMetadata: () => Promise.reject(failure),
    setExecRoleCredentialsMetadata: () => Promise.reject(failure),
  });
  for (const roleType of ["TaskApplication", "TaskExecution"]) {
    await assert.rejects(
      async () => await failing.handleMessage({ ...MESSAGE, roleType }, context),
      (error) => error === failure,
    );
  }
  const manager = new MemoryCredentialsManager();
  manager.setTaskCredentials = () => {
    throw failure;
  };
  const setter = recordingSetter();
  await assert.rejects(
    async () => await refreshCredentialsResponder(manager, setter).handleMessage(MESSAGE, context),
    (error) => error === failure,
  );
  assert.deepEqual(setter.calls, []);
  assert.deepEqual(context.sent, []);
});

const { messageId: _id, ...withoutMessageId } = MESSAGE;
const { taskArn: _arn, ...withoutTaskArn } = MESSAGE;
const { roleCredentials: _credentials, ...withoutRoleCredentials } = MESSAGE;
const { roleType: _type, ...withoutRoleType } = MESSAGE;
const { credentialsId: _credentialsId, ...withoutCredentialsId } = ROLE_CREDENTIALS;

const BROKEN: readonly { rule: string; error: RegExp; messages: IAMRoleCredentialsMessage[] }[] = [
  {
    rule: "messageId",
    error: /^messageId is missing or empty$/,
    messages: [withoutMessageId, { ...MESSAGE, messageId: null }, { ...MESSAGE, messageId: "" }],
  },
  {
    rule: "taskArn",
    error: /^taskArn is missing or empty$/,
    messages: [withoutTaskArn, { ...MESSAGE, taskArn: null }, { ...MESSAGE, taskArn: "" }],
  },
  {
    rule: "roleCredentials",
    error: /^roleCredentials is missing$/,
    messages: [withoutRoleCredentials, { ...MESSAGE, roleCredentials: null }],
  },
  {
    rule: "roleCredentials.credentialsId",
    error: /^roleCredentials\.credentialsId is missing or empty$/,
    messages: [
      { ...MESSAGE, roleCredentials: withoutCredentialsId },
      { ...MESSAGE, roleCredentials: { ...ROLE_CREDENTIALS, credentialsId: null } },
      { ...MESSAGE, roleCredentials: { ...ROLE_CREDENTIALS, credentialsId: "" } },
    ],
  },
  {
    rule: "a roleType that is known",
    error: /^roleType is neither TaskApplication nor TaskExecution$/,
    messages: [
      withoutRoleType,
      { ...MESSAGE, roleType: null },
      { ...MESSAGE, roleType: "" },
      { ...MESSAGE, roleType: "taskapplication" },
      { ...MESSAGE, roleType: "TaskLater" },
    ],
  },
];

for (const { rule, error, messages } of BROKEN) {
  test(`Credentials without ${rule} are invalid: neither stored, reported nor acknowledged`, async () => {
    const manager = new MemoryCredentialsManager();
    const setter = recordingSetter();
    for (const message of messages) {
      await assertInvalid(refreshCredentialsResponder(manager, setter), message, error);
    }
    assert.equal(manager.getTaskCredentials("c1"), undefined);
    assert.deepEqual(setter.calls, []);
  });
}

test("Printing the credentials manager shows no credentials", async () => {
  const manager = new MemoryCredentialsManager();
  await handle(refreshCredentialsResponder(manager), MESSAGE);
  const printed = [
    inspect(manager, { depth: null, showHidden: true }),
    JSON.stringify(manager),
    "Deno" in globalThis ? Deno.inspect(manager, { depth: 10, showHidden: true }) : "",
  ].join();
  for (const secret of [ROLE_CREDENTIALS.secretAccessKey, ROLE_CREDENTIALS.sessionToken]) {
    assert.ok(!printed.includes(secret), printed);
  }
});
