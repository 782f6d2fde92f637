import assert from "node:assert/strict";
import { attachInstanceEniResponder } from "../../responders/attach_instance_eni_responder.ts";
import { attachResourceResponder } from "../../responders/attach_resource_responder.ts";
import { attachTaskEniResponder } from "../../responders/attach_task_eni_responder.ts";
import { MemoryCredentialsManager } from "../../responders/credentials_manager.ts";
import { Doctor } from "../../responders/doctor.ts";
import { heartbeatResponder } from "../../responders/heartbeat_responder.ts";
import { memoryManifestMessageId } from "../../responders/manifest_message_id.ts";
import { payloadResponder } from "../../responders/payload_responder.ts";
import { refreshCredentialsResponder } from "../../responders/refresh_credentials_responder.ts";
import { RequestResponders } from "../../responders/request_responders.ts";
import type { RequestResponder } from "../../responders/responder.ts";
import { memorySequenceNumber } from "../../responders/sequence_number.ts";
import { taskManifestResponder } from "../../responders/task_manifest_responder.ts";
import { taskStopVerificationAckResponder } from "../../responders/task_stop_verification_ack_responder.ts";
import { performUpdateResponder, stageUpdateResponder } from "../../responders/update_responder.ts";
import { RECEIVED_MESSAGE_TYPES } from "../../protocol/message_types.ts";
import type { ReceivedMessageType } from "../../protocol/messages.ts";
import { recordingContext } from "../testing/fakes/responder_context.ts";
import { test } from "../testing/test.ts";

test("A message is passed to the responder of its type, with the context, and to no other", async () => {
  const handled: unknown[] = [];
  const responders = new RequestResponders();
  const context = recordingContext();
  responders.add({
    name: "close",
    messageType: "CloseMessage",
    handleMessage: (message, given) => void handled.push("close", message, given),
  });
  responders.add({
    name: "error",
    messageType: "ErrorMessage",
    handleMessage: (message, given) => void handled.push("error", message, given),
  });
  const message = { message: "on its way" };
  await responders.handle({ type: "CloseMessage", message }, context);
  assert.deepEqual(handled, ["close", message, context]);
});

test("A message without a responder is reported as unhandled", () => {
  const responders = new RequestResponders();
  for (const type of RECEIVED_MESSAGE_TYPES) {
    assert.equal(responders.has(type), false);
    assert.equal(responders.handle({ type, message: {} }, recordingContext()), undefined);
  }
});

test("A later responder replaces an earlier one of the same type", async () => {
  const responders = new RequestResponders();
  const handled: string[] = [];
  for (const name of ["earlier", "later"]) {
    responders.add({
      name,
      messageType: "HeartbeatMessage",
      handleMessage: () => void handled.push(name),
    });
  }
  assert.equal(responders.has("HeartbeatMessage"), true);
  await responders.handle({ type: "HeartbeatMessage", message: {} }, recordingContext());
  assert.deepEqual(handled, ["later"]);
});

test("An error that a responder throws or rejects with reaches the caller", async () => {
  const failure = new Error("broken");
  const responders = new RequestResponders();
  responders.add({
    name: "throws",
    messageType: "CloseMessage",
    handleMessage() {
      throw failure;
    },
  });
  responders.add({
    name: "rejects",
    messageType: "ErrorMessage",
    handleMessage: () => Promise.reject(failure),
  });
  const context = recordingContext();
  assert.throws(
    () => responders.handle({ type: "CloseMessage", message: {} }, context),
    (error) => error === failure,
  );
  await assert.rejects(
    async () => await responders.handle({ type: "ErrorMessage", message: {} }, context),
    (error) => error === failure,
  );
});

test("A responder that returns anything but a promise is done immediately, and a promise of another library is awaited", async () => {
  for (const returned of [7, "done", {}, { then: 7 }]) {
    const responders = new RequestResponders();
    const responder: RequestResponder<"CloseMessage"> = {
      name: "odd",
      messageType: "CloseMessage",
      handleMessage() {},
    };
    Reflect.set(responder, "handleMessage", () => returned);
    responders.add(responder);
    await responders.handle({ type: "CloseMessage", message: {} }, recordingContext());
    const failure = new Error("broken");
    const thenable = { then: (_done: unknown, fail: (error: Error) => void) => fail(failure) };
    Reflect.set(responder, "handleMessage", () => thenable);
    const handled = responders.handle({ type: "CloseMessage", message: {} }, recordingContext());
    assert.ok(handled instanceof Promise);
    await assert.rejects(handled, (error) => error === failure);
  }
});

test("A responder for a type that the service never sends is a programming error that names it", () => {
  for (const messageType of ["AckRequest", "constructor", "__proto__", ""]) {
    const responder: RequestResponder = JSON.parse(JSON.stringify({ name: "x", messageType }));
    assert.throws(() => new RequestResponders().add(responder), {
      name: "RangeError",
      message: `Cannot respond to "${messageType}": ACS sends no messages of that type`,
    });
  }
});

test("A responder names its lane and what a redelivery means; without them it inherits those of the one it replaces", () => {
  const responders = new RequestResponders();
  const dispatching = (type: ReceivedMessageType) => [
    responders.laneOf(type),
    responders.redeliveryOf(type),
  ];
  const own = { name: "own", messageType: "TaskManifestMessage", handleMessage() {} } as const;
  assert.deepEqual(dispatching("TaskManifestMessage"), ["other", "copy"]);
  responders.add(
    taskManifestResponder(
      { compareRunningTasksOnInstanceWithManifest: () => [] },
      memorySequenceNumber(),
      memoryManifestMessageId(),
    ),
  );
  assert.deepEqual(dispatching("TaskManifestMessage"), ["payload", "new"]);
  responders.add(own);
  assert.deepEqual(dispatching("TaskManifestMessage"), ["payload", "new"]);
  responders.add({ ...own, lane: "updates", redelivery: "copy" });
  assert.deepEqual(dispatching("TaskManifestMessage"), ["updates", "copy"]);
});

for (const [field, value] of [["lane", "payloads"], ["redelivery", "twice"]]) {
  test(`A responder with an unknown ${field} is rejected, with the values that exist`, () => {
    const given = { name: "own", messageType: "CloseMessage", [field ?? ""]: value };
    const responder: RequestResponder = {
      ...JSON.parse(JSON.stringify(given)),
      handleMessage() {},
    };
    assert.throws(() => new RequestResponders().add(responder), {
      name: "RangeError",
      message: new RegExp(
        `^The ${field} of the responder to CloseMessage is "${value}"; it must be`,
      ),
    });
  });
}

test("Every responder of this package answers another type, under its own name", () => {
  const numbers = memorySequenceNumber();
  const ids = memoryManifestMessageId();
  const update = { stageUpdate: () => {}, performUpdate: () => {} };
  const all = [
    heartbeatResponder(new Doctor()),
    payloadResponder({ processMessage: () => {} }, { sequenceNumbers: numbers }),
    refreshCredentialsResponder(new MemoryCredentialsManager()),
    attachTaskEniResponder({ handleEniAttachment: () => {} }),
    attachInstanceEniResponder({ handleEniAttachment: () => {} }),
    attachResourceResponder({ handleResourceAttachment: () => {} }),
    taskManifestResponder(
      { compareRunningTasksOnInstanceWithManifest: () => [] },
      numbers,
      ids,
    ),
    taskStopVerificationAckResponder({ stopTask: () => {} }, ids),
    stageUpdateResponder(update),
    performUpdateResponder(update),
  ];
  assert.equal(new Set(all.map(({ messageType }) => messageType)).size, all.length);
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { messageType } of all) assert.ok(RECEIVED_MESSAGE_TYPES.includes(messageType));
});
