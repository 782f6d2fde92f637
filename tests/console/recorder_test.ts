import assert from "node:assert/strict";
import { Model } from "../../emulator/console/page/model.js";
import { Recorder } from "../../emulator/console/page/recorder.js";
import { test } from "../testing/test.ts";

const ARN = "arn:aws:ecs:us-west-2:111122223333:container-instance/default/00c0ffee";

test("An ack that arrives before the result of its call is recorded after the call", () => {
  const recorder = new Recorder();
  recorder.start();
  const model = new Model();
  const at = recorder.startedAt + 1;
  const message = { at, connectionId: 1, containerInstanceArn: ARN, messageId: "m1" };
  model.add({ ...message, number: 1, event: "sent", type: "PayloadMessage" });
  const ack = { ...message, number: 2, event: "received", type: "AckRequest", answers: true };
  recorder.happened(model.add(ack));

  recorder.called("run-task", {}, { messageId: "m1" });

  assert.deepEqual(recorder.steps, [
    { do: "run-task", as: "task" },
    { expect: "ack", messageId: "$task.messageId", within: 10_000 },
  ]);
});
