import assert from "node:assert/strict";
import { filterFor } from "../../emulator/console/page/filter.js";
import { Model } from "../../emulator/console/page/model.js";
import { test } from "../testing/test.ts";

const ARN = "arn:aws:ecs:us-west-2:111122223333:container-instance/default/00c0ffee";

function rows() {
  const model = new Model();
  const on = { connectionId: 1, containerInstanceArn: ARN };
  const sent = { event: "sent", ...on };
  return [
    model.add({ number: 1, at: 1_000, event: "connected", ...on }),
    model.add({ number: 2, at: 1_001, ...sent, type: "HeartbeatMessage", messageId: "beat" }),
    model.add({ number: 3, at: 1_002, ...sent, type: "PayloadMessage", messageId: "load" }),
    model.add({
      number: 4,
      at: 1_012,
      event: "received",
      ...on,
      type: "AckRequest",
      messageId: "load",
    }),
    model.add({ number: 5, at: 1_013, event: "problem", ...on, reason: "answers no message" }),
  ];
}

for (
  const [words, hideHeartbeats, expected] of [
    ["", false, [1, 2, 3, 5]],
    ["", true, [1, 3, 5]],
    ["payload", false, [3]],
    ["type:ACK", false, [3]],
    ["-payload -type:heartbeat", false, [1, 5]],
    ["agent:c0ffee problem", false, [5]],
    ["agent:other", false, []],
    ["connection:1 event:sent", false, [2, 3]],
    ["no message", false, [5]],
    ["unknown:word", false, []],
    ["  -  ", false, [1, 2, 3, 5]],
  ] as const
) {
  test(`The filter "${words}" shows the right rows${hideHeartbeats ? ", without heartbeats" : ""}`, () => {
    const shown = rows().filter(filterFor(words, hideHeartbeats));

    assert.deepEqual(shown.map(({ entry }) => entry.number), expected);
  });
}

test("An answer is linked to its message, with the time in between", () => {
  const [, , payload, ack] = rows();

  assert.equal(payload?.answer, ack);
  assert.equal(payload?.latency, 10);
  assert.equal(ack?.question, payload);
});
