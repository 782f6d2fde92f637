import fc from "fast-check";
import assert from "node:assert/strict";
import { type DecodedMessage, decodeMessage } from "../../protocol/decode.ts";
import { RECEIVED_MESSAGE_TYPES } from "../../protocol/message_types.ts";
import { SHAPES } from "../../protocol/shapes.ts";
import { test } from "../testing/test.ts";
import { SAMPLES } from "./samples.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function reasonOf(decoded: DecodedMessage): string {
  assert.equal(decoded.kind, "undecodable");
  return decoded.kind === "undecodable" ? decoded.reason : "";
}

test("Every type of message is decoded from text and from bytes, with all its fields", () => {
  for (const type of RECEIVED_MESSAGE_TYPES) {
    const frame = JSON.stringify({ type, message: SAMPLES[type] });
    const expected = { kind: "message", type, message: SAMPLES[type] };
    assert.deepEqual(decodeMessage(frame), expected);
    assert.deepEqual(decodeMessage(bytes(frame)), expected);
  }
});

test("Checking the type determines the type of the message", () => {
  const decoded = decodeMessage(
    JSON.stringify({ type: "PayloadMessage", message: SAMPLES.PayloadMessage }),
  );
  assert.ok(decoded.kind === "message" && decoded.type === "PayloadMessage");
  assert.equal(decoded.message.tasks?.[0]?.containers?.[0]?.name, "app");
});

test("Unknown fields are kept, at the top and nested", () => {
  const message = { later: [1], tasks: [{ later: { deep: true }, containers: [{ later: 1.5 }] }] };
  const decoded = decodeMessage(JSON.stringify({ type: "PayloadMessage", message, more: 1 }));
  assert.deepEqual(decoded, { kind: "message", type: "PayloadMessage", message });
});

test("A null message is an empty one, and a missing one cannot be decoded", () => {
  assert.deepEqual(decodeMessage('{"type":"HeartbeatMessage","message":null}'), {
    kind: "message",
    type: "HeartbeatMessage",
    message: {},
  });
  assert.equal(
    reasonOf(decodeMessage('{"type":"HeartbeatMessage"}')),
    "HeartbeatMessage without a message",
  );
});

test("A field of the wrong JSON type is reported with type, path and both JSON types", () => {
  const frame = '{"type":"PayloadMessage","message":{"tasks":[{"containers":[{},{"cpu":"1"}]}]}}';
  assert.equal(
    reasonOf(decodeMessage(frame)),
    "PayloadMessage: tasks[0].containers[1].cpu: expected integer, got string",
  );
  assert.equal(
    reasonOf(decodeMessage('{"type":"HeartbeatMessage","message":"text"}')),
    "HeartbeatMessage: message: expected object, got string",
  );
});

test("A bare error becomes the message of its type, if the type has a text", () => {
  const withText = RECEIVED_MESSAGE_TYPES.filter((type) => "message" in SHAPES[type]);
  assert.equal(withText.length, 8);
  for (const type of withText) {
    for (const text of ["what happened", "", null]) {
      assert.deepEqual(decodeMessage(JSON.stringify({ [type]: text })), {
        kind: "message",
        type,
        message: { message: text },
      });
    }
  }
  assert.equal(
    reasonOf(decodeMessage('{"PayloadMessage":"text"}')),
    "PayloadMessage has no bare form",
  );
  assert.deepEqual(decodeMessage('{"LaterException":"text"}'), {
    kind: "unknown",
    type: "LaterException",
  });
});

test("A frame without a type is tried as a bare error and is otherwise undecodable", () => {
  const frames = [
    "{}",
    '{"type":null}',
    '{"type":""}',
    '{"type":null,"message":{}}',
    '{"type":"","message":{}}',
    '{"message":{"messageId":"1"}}',
    '{"ServerException":"text","more":"text"}',
    '{"type":"","ServerException":"text"}',
    '{"ServerException":{"message":"text"}}',
    '{"ServerException":1}',
  ];
  for (const frame of frames) assert.equal(reasonOf(decodeMessage(frame)), "no type", frame);
});

test("A type that is not a string, and JSON that is not an object, are undecodable", () => {
  assert.equal(
    reasonOf(decodeMessage('{"type":5,"message":{}}')),
    "type: expected string, got number",
  );
  assert.equal(
    reasonOf(decodeMessage('{"type":{"a":1}}')),
    "type: expected string, got object",
  );
  for (
    const [frame, is] of [["null", "null"], ["[]", "list"], ["1", "number"], ['"a"', "string"]]
  ) {
    assert.equal(reasonOf(decodeMessage(frame ?? "")), `expected object, got ${is}`);
  }
});

test("An unknown type is reported by a name that is safe to log, whatever its message", () => {
  const name = `Later\n\u0000\u001b[31m\u202e\u2028Message${"x".repeat(100)}`;
  const decoded = decodeMessage(JSON.stringify({ type: name, message: 5 }));
  assert.ok(decoded.kind === "unknown");
  assert.match(decoded.type, /^Later\[31mMessagex+$/);
  assert.ok(decoded.type.length <= 64);
  assert.deepEqual(decodeMessage('{"type":"LaterMessage"}'), {
    kind: "unknown",
    type: "LaterMessage",
  });
  const cutInAPair = decodeMessage(JSON.stringify({ type: `${"x".repeat(63)}😀` }));
  assert.deepEqual(cutInAPair, { kind: "unknown", type: "x".repeat(63) });
});

test("Names that every object inherits are unknown types", () => {
  for (const type of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"]) {
    const unknown = { kind: "unknown", type };
    assert.deepEqual(decodeMessage(`{"type":"${type}","message":{}}`), unknown);
    assert.deepEqual(decodeMessage(`{"${type}":"text"}`), unknown);
  }
  assert.equal(reasonOf(decodeMessage('{"__proto__":{"type":"HeartbeatMessage"}}')), "no type");
  assert.deepEqual(decodeMessage('{"type":"HeartbeatMessage","message":{"__proto__":{"a":1}}}'), {
    kind: "message",
    type: "HeartbeatMessage",
    message: JSON.parse('{"__proto__":{"a":1}}'),
  });
});

test("Broken JSON and a byte order mark are undecodable, and neither is quoted", () => {
  for (
    const text of ["", "{", "secret", '{"type":"HeartbeatMessage","message":{}} x', "\ufeff{}"]
  ) {
    assert.equal(reasonOf(decodeMessage(text)), "not JSON", text);
    assert.equal(reasonOf(decodeMessage(bytes(text))), "not JSON", text);
  }
});

test("A binary frame with a byte that is not UTF-8 is decoded, as the reference agent does", () => {
  const frame = new Uint8Array([...bytes('{"ServerException":"'), 0xff, ...bytes('"}')]);
  assert.deepEqual(decodeMessage(frame), {
    kind: "message",
    type: "ServerException",
    message: { message: "\ufffd" },
  });
});

test("A frame nested a million levels deep is decoded or refused, and does not crash", () => {
  const deep = "[".repeat(1_000_000) + "]".repeat(1_000_000);
  assert.equal(reasonOf(decodeMessage(deep)), "expected object, got list");
  assert.equal(
    decodeMessage(`{"type":"HeartbeatMessage","message":{"x":${deep}}}`).kind,
    "message",
  );
  assert.equal(
    reasonOf(decodeMessage(`{"type":"HeartbeatMessage","message":{"messageId":${deep}}}`)),
    "HeartbeatMessage: messageId: expected string, got list",
  );
  assert.equal(reasonOf(decodeMessage("[".repeat(1_000_000))), "not JSON");
});

test("No text or bytes make the decoder throw, and its errors are short", () => {
  const types = fc.constantFrom(...RECEIVED_MESSAGE_TYPES, "Later", "__proto__", "", null, 5);
  const frames = fc.record({ type: types, message: fc.jsonValue() }, { requiredKeys: [] });
  const samples = fc.constantFrom(...RECEIVED_MESSAGE_TYPES)
    .map((type) => JSON.stringify({ type, message: SAMPLES[type] }));
  const damaged = fc.tuple(samples, fc.nat(), fc.nat(3), fc.string({ maxLength: 3 }))
    .map(([text, at, gone, put]) => {
      const start = at % text.length;
      return text.slice(0, start) + put + text.slice(start + gone);
    });
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    frames.map((frame) => JSON.stringify(frame)),
    damaged,
  );
  const data = fc.oneof(texts, texts.map(bytes), fc.uint8Array());
  const property = fc.property(data, (frame) => {
    const decoded = decodeMessage(frame);
    if (decoded.kind === "unknown") assert.ok(decoded.type.length <= 64);
    if (decoded.kind === "undecodable") {
      assert.match(decoded.reason, /^[\w:, .*[\]-]{1,200}$/);
    }
  });
  fc.assert(property, { numRuns: 2000 });
});
