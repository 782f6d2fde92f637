import assert from "node:assert/strict";
import { encodeMessage } from "../../protocol/encode.ts";
import { test } from "../testing/test.ts";

test("A message goes out as its type and its fields, in the service's envelope", () => {
  assert.equal(
    encodeMessage("AckRequest", { cluster: "c", containerInstance: "i", messageId: "m" }),
    '{"type":"AckRequest","message":{"cluster":"c","containerInstance":"i","messageId":"m"}}',
  );
  assert.equal(
    encodeMessage("TaskStopVerificationMessage", {
      messageId: "m",
      stopCandidates: [{ taskArn: "t", taskClusterArn: "c", desiredStatus: "STOPPED" }],
    }),
    '{"type":"TaskStopVerificationMessage","message":{"messageId":"m","stopCandidates":' +
      '[{"taskArn":"t","taskClusterArn":"c","desiredStatus":"STOPPED"}]}}',
  );
});

test("What a message lacks is left out of the answer to it, and null stays null", () => {
  assert.equal(
    encodeMessage("HeartbeatAckRequest", { messageId: undefined }),
    '{"type":"HeartbeatAckRequest","message":{}}',
  );
  assert.equal(
    encodeMessage("IAMRoleCredentialsAckRequest", { messageId: "m", expiration: null }),
    '{"type":"IAMRoleCredentialsAckRequest","message":{"messageId":"m","expiration":null}}',
  );
});

test("Text of any kind survives, broken surrogate pairs as escapes", () => {
  const reason = 'line\nbreak "quoted" \u2028 😀';
  const frame: unknown = JSON.parse(encodeMessage("NackRequest", { reason }));
  assert.deepEqual(frame, { type: "NackRequest", message: { reason } });
  assert.ok(encodeMessage("NackRequest", { reason: "\ud800" }).isWellFormed());
});
