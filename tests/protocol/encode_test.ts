import assert from "node:assert/strict";
import { encodeMessage } from "../../protocol/encode.ts";
import { test } from "../testing/test.ts";

test("A message is sent as its type and its fields, in the service's envelope", () => {
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

test("Missing and null fields of a message are left out of the answer to it", () => {
  for (const nothing of [undefined, null]) {
    assert.equal(
      encodeMessage("AckRequest", {
        cluster: nothing,
        containerInstance: nothing,
        messageId: nothing,
      }),
      '{"type":"AckRequest","message":{}}',
    );
    assert.equal(
      encodeMessage("NackRequest", { cluster: "c", messageId: nothing, reason: nothing }),
      '{"type":"NackRequest","message":{"cluster":"c"}}',
    );
    assert.equal(
      encodeMessage("HeartbeatAckRequest", { messageId: nothing }),
      '{"type":"HeartbeatAckRequest","message":{}}',
    );
    assert.equal(
      encodeMessage("IAMRoleCredentialsAckRequest", {
        messageId: "m",
        expiration: nothing,
        credentialsId: "",
      }),
      '{"type":"IAMRoleCredentialsAckRequest","message":{"messageId":"m","credentialsId":""}}',
    );
    assert.equal(
      encodeMessage("TaskStopVerificationMessage", {
        messageId: nothing,
        stopCandidates: [{ taskArn: "t", desiredStatus: nothing }, null],
      }),
      '{"type":"TaskStopVerificationMessage","message":{"stopCandidates":[{"taskArn":"t"}]}}',
    );
  }
});

test("The word null within a string is kept", () => {
  assert.equal(
    encodeMessage("NackRequest", { messageId: "null", reason: 'it is ":null"' }),
    '{"type":"NackRequest","message":{"messageId":"null","reason":"it is \\":null\\""}}',
  );
});

test("Any text survives, broken surrogate pairs as escapes", () => {
  const reason = 'line\nbreak "quoted" \u2028 😀';
  const frame: unknown = JSON.parse(encodeMessage("NackRequest", { reason }));
  assert.deepEqual(frame, { type: "NackRequest", message: { reason } });
  assert.ok(encodeMessage("NackRequest", { reason: "\ud800" }).isWellFormed());
});
