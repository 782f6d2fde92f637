import assert from "node:assert/strict";
import {
  isReceivedMessageType,
  isSentMessageType,
  RECEIVED_MESSAGE_TYPES,
  SENT_MESSAGE_TYPES,
} from "../../protocol/message_types.ts";
import { test } from "../testing/test.ts";
import { SAMPLES } from "./samples.ts";

test("The types that the service sends are known by name, and none of them is sent by the agent", () => {
  assert.ok(RECEIVED_MESSAGE_TYPES.every(isReceivedMessageType));
  assert.ok(!RECEIVED_MESSAGE_TYPES.some(isSentMessageType));
  assert.deepEqual([...RECEIVED_MESSAGE_TYPES].sort(), Object.keys(SAMPLES).sort());
});

test("The types that the agent sends are known by name, and none of them is received", () => {
  assert.ok(SENT_MESSAGE_TYPES.includes("AckRequest"));
  assert.ok(SENT_MESSAGE_TYPES.every(isSentMessageType));
  assert.ok(!SENT_MESSAGE_TYPES.some(isReceivedMessageType));
});

test("Names that every object inherits, names in a different case and the empty name are not types", () => {
  for (const name of ["__proto__", "constructor", "toString", "heartbeatmessage", "", " "]) {
    assert.equal(isReceivedMessageType(name), false, name);
    assert.equal(isSentMessageType(name), false, name);
  }
});
