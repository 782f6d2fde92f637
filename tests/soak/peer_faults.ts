/**
 * All faults of a soak.
 *
 * @module
 */

import type { Fault } from "../../emulator/mod.ts";

/** The faults, by their names in the report. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  ...Object.fromEntries(
    [null, 1000, 1001, 1002, 1003, 1006, 1007, 1008, 1009, 1011, 1012, 1013, 1015, 3000, 4000].map((
      code,
    ): [string, Fault] => [
      code === null ? "close without code" : `close ${code}`,
      { at: "connection", action: "close", code, reason: "" },
    ]),
  ),
  "FIN": { at: "connection", action: "end" },
  "RST": { at: "connection", action: "reset" },
  "stall": { at: "connection", action: "stall" },
  "half frame, stall": { at: "connection", action: "halfFrame", then: "stall" },
  "half frame, FIN": { at: "connection", action: "halfFrame", then: "end" },
  "half frame, RST": { at: "connection", action: "halfFrame", then: "reset" },
  "garbage": { at: "connection", action: "garbage" },
  "fragments": { at: "connection", action: "fragment", bytes: 7 },
  "long message": { at: "connection", action: "oversized", bytes: 1_000_000 },
  "delay": { at: "connection", action: "delay", ms: 200 },
  "duplicates": { at: "connection", action: "duplicate" },
  "other order": { at: "connection", action: "reorder" },
  "slow reading": { at: "connection", action: "slowRead", bytesPerSecond: 2_000 },
  "upgrade refused, framed": { at: "upgrade", action: "refuse", framed: true },
  "upgrade refused, bare": { at: "upgrade", action: "refuse", framed: false },
  "upgrade refused, inactive": {
    at: "upgrade",
    action: "refuse",
    status: 400,
    exception: "InactiveInstanceException",
  },
  "upgrade refused by a proxy": {
    at: "upgrade",
    action: "refuse",
    status: 503,
    body: "<h1>Unavailable</h1>",
  },
  "upgrade answered with 200": { at: "upgrade", action: "refuse", status: 200, body: "hello" },
  "upgrade hangs": { at: "upgrade", action: "hang" },
  "upgrade hangs in the head": { at: "upgrade", action: "hang", after: "head" },
  "upgrade FIN": { at: "upgrade", action: "end" },
  "upgrade RST": { at: "upgrade", action: "reset" },
  "discovery refused": { at: "discover", action: "refuse" },
  "discovery garbage": { at: "discover", action: "refuse", status: 200, body: "{]" },
  "discovery without endpoint": { at: "discover", action: "endpoint" },
  "discovery of nonsense": { at: "discover", action: "endpoint", endpoint: "gopher://nowhere" },
  "discovery hangs": { at: "discover", action: "hang" },
  "discovery FIN": { at: "discover", action: "end" },
  "discovery RST": { at: "discover", action: "reset" },
};

/** Frames that are not messages, have an unknown type, or are invalid in some other way. */
export const BAD_FRAMES: readonly (string | Uint8Array)[] = [
  "",
  "{",
  "null",
  "[]",
  '{"type":"HeartbeatMessage"}',
  '{"type":"NewsMessage","message":{"messageId":"n"}}',
  '{"type":7,"message":{}}',
  '{"type":"PayloadMessage","message":"text"}',
  '{"type":"PayloadMessage","message":{"messageId":7}}',
  '{"type":"PayloadMessage","message":{"messageId":"m","tasks":{}}}',
  '{"type":"PayloadMessage","message":{"tasks":[]}}',
  '{"type":"TaskManifestMessage","message":{"messageId":"m","timeline":-1}}',
  '{"type":"TaskStopVerificationAck","message":{"messageId":"stray"}}',
  '{"type":"IAMRoleCredentialsMessage","message":{"messageId":"m"}}',
  '{"type":"ConfirmAttachmentMessage","message":{"messageId":"m"}}',
  '{"type":"__proto__","message":{"constructor":{}}}',
  '{"type":"ErrorMessage","message":{"message":"an error"}}',
  '{"type":"CloseMessage","message":{"message":"going"}}',
  '{"type":"ServerException","message":{"message":"oh"}}',
  new Uint8Array([0, 159, 146, 150]),
  new TextEncoder().encode('{"type":"HeartbeatMessage","message":{"messageId":"binary"}}'),
];
