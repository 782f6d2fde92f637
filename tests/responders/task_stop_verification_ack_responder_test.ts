import assert from "node:assert/strict";
import { memoryManifestMessageId } from "../../responders/manifest_message_id.ts";
import {
  type TaskStopper,
  taskStopVerificationAckResponder,
} from "../../responders/task_stop_verification_ack_responder.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";
import { assertInvalid, handle, recordingContext } from "../testing/fakes/responder_context.ts";
import { test } from "../testing/test.ts";

const MESSAGE = {
  messageId: "m1",
  stopTasks: [{ taskArn: "arn:task:1" }, { taskArn: "arn:task:2" }, { taskArn: "arn:task:3" }],
};

/** A responder that expects the verification of the manifest `m1`. */
function stage(stopTask?: TaskStopper["stopTask"]) {
  const stopped: string[] = [];
  const manifestMessageId = memoryManifestMessageId();
  manifestMessageId.setMessageId("m1");
  const responder = taskStopVerificationAckResponder(
    { stopTask: stopTask ?? ((taskArn) => void stopped.push(taskArn)) },
    manifestMessageId,
  );
  return { stopped, manifestMessageId, responder };
}

test("Every task that the service has verified is stopped, in order, and nothing is answered", async () => {
  const { stopped, responder } = stage();
  const { sent, work } = await handle(responder, MESSAGE);
  assert.deepEqual(stopped, ["arn:task:1", "arn:task:2", "arn:task:3"]);
  assert.deepEqual([sent, work], [[], []]);
});

test("A repeated verification stops nothing", async () => {
  const { stopped, manifestMessageId, responder } = stage();
  await handle(responder, MESSAGE);
  assert.equal(manifestMessageId.getMessageId(), "");
  await assertInvalid(responder, MESSAGE, /^it does not answer the last manifest$/);
  assert.equal(stopped.length, 3);
});

for (
  const { how, message } of [
    { how: "of another manifest", message: { ...MESSAGE, messageId: "m2" } },
    { how: "with an empty id", message: { ...MESSAGE, messageId: "" } },
    { how: "with a null id", message: { ...MESSAGE, messageId: null } },
    { how: "without an id", message: { stopTasks: MESSAGE.stopTasks } },
  ]
) {
  test(`A verification ${how} stops nothing, and the expected one still counts`, async () => {
    const { stopped, manifestMessageId, responder } = stage();
    await assertInvalid(responder, message, /^it does not answer the last manifest$/);
    assert.deepEqual(stopped, []);
    assert.equal(manifestMessageId.getMessageId(), "m1");
    await handle(responder, MESSAGE);
    assert.equal(stopped.length, 3);
  });
}

test("A verification with an empty id stops nothing when no manifest is expected", async () => {
  const { stopped, manifestMessageId, responder } = stage();
  manifestMessageId.setMessageId("");
  await assertInvalid(responder, { ...MESSAGE, messageId: "" }, /last manifest/);
  assert.deepEqual(stopped, []);
});

test("A verification without tasks is accepted, and entries without an ARN are skipped", async () => {
  for (const stopTasks of [null, [], [null, {}, { taskArn: null }, { taskArn: "" }]]) {
    const { stopped, manifestMessageId, responder } = stage();
    await handle(responder, { messageId: "m1", stopTasks });
    assert.deepEqual(stopped, []);
    assert.equal(manifestMessageId.getMessageId(), "");
  }
  const { stopped, responder } = stage();
  await handle(responder, { messageId: "m1", stopTasks: [null, { taskArn: "arn:task:1" }] });
  assert.deepEqual(stopped, ["arn:task:1"]);
});

test("A task that cannot be stopped does not prevent the others from being stopped, and its error is reported", async () => {
  const tried: string[] = [];
  const { responder } = stage((taskArn) => {
    tried.push(taskArn);
    if (taskArn === "arn:task:1") throw new Error("runtime is down");
    return Promise.resolve();
  });
  const context = recordingContext();
  await assert.rejects(
    async () => await responder.handleMessage(MESSAGE, context),
    (error) => {
      const description = describeError(error);
      assert.match(description, /could not stop arn:task:1 /);
      assert.match(description, /runtime is down/);
      return true;
    },
  );
  assert.deepEqual(tried, ["arn:task:1", "arn:task:2", "arn:task:3"]);
  await assertInvalid(responder, MESSAGE, /last manifest/);
});

test("Tasks whose stop rejects later are all tried, one after the other", async () => {
  const order: string[] = [];
  const { responder } = stage(async (taskArn) => {
    order.push(`try ${taskArn}`);
    await Promise.resolve();
    order.push(`end ${taskArn}`);
    throw new Error(taskArn);
  });
  await assert.rejects(async () => await responder.handleMessage(MESSAGE, recordingContext()), {
    message: "could not stop arn:task:1, arn:task:2, arn:task:3",
  });
  assert.deepEqual(order, [1, 2, 3].flatMap((n) => [`try arn:task:${n}`, `end arn:task:${n}`]));
});

test("If the expected id cannot be cleared, no task is stopped", async () => {
  const stopped: string[] = [];
  const responder = taskStopVerificationAckResponder(
    { stopTask: (taskArn) => void stopped.push(taskArn) },
    {
      getMessageId: () => "m1",
      setMessageId: () => Promise.reject(new Error("disk full")),
    },
  );
  await assert.rejects(
    async () => await responder.handleMessage(MESSAGE, recordingContext()),
    /disk full/,
  );
  assert.deepEqual(stopped, []);
});

test("If the accessor returns a promise for the expected id, a verification fails and says what to return", async () => {
  const { stopped, manifestMessageId, responder } = stage();
  Reflect.set(manifestMessageId, "getMessageId", () => Promise.resolve("m1"));
  await assert.rejects(
    async () => await responder.handleMessage(MESSAGE, recordingContext()),
    /getMessageId returned an object: return the id itself, without a promise/,
  );
  assert.deepEqual(stopped, []);
});

test("An accessor that expects no manifest may return nothing", async () => {
  for (const messageId of [undefined, null]) {
    const { stopped, manifestMessageId, responder } = stage();
    Reflect.set(manifestMessageId, "getMessageId", () => messageId);
    await assertInvalid(responder, MESSAGE, /^it does not answer the last manifest$/);
    assert.deepEqual(stopped, []);
  }
});
