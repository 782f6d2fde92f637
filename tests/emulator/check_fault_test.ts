import assert from "node:assert/strict";
import { AcsEmulator, checkFault, type Fault } from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";

const at = "connection";

const EVERY_FAULT: readonly Fault[] = [
  { at: "discover", action: "refuse", status: 200, exception: "E", message: "m", body: "b" },
  { at: "discover", action: "hang" },
  { at: "discover", action: "endpoint", endpoint: "e" },
  { at: "discover", action: "end" },
  { at: "discover", action: "reset" },
  {
    at: "upgrade",
    action: "refuse",
    status: 599,
    exception: "E",
    message: "m",
    body: "b",
    framed: true,
  },
  { at: "upgrade", action: "hang", after: "request" },
  { at: "upgrade", action: "hang", after: "head" },
  { at: "upgrade", action: "end" },
  { at: "upgrade", action: "reset" },
  { at, action: "close", code: 65_535, reason: "é".repeat(61), afterMs: 0 },
  { at, action: "close", code: null },
  { at, action: "end", afterMs: 2_147_483_647 },
  { at, action: "reset", afterMs: 1 },
  { at, action: "stall", afterMs: 1 },
  { at, action: "slowRead", bytesPerSecond: 1.5, afterMs: 1 },
  { at, action: "halfFrame", then: "stall", afterMs: 1 },
  { at, action: "halfFrame", then: "end" },
  { at, action: "halfFrame", then: "reset" },
  { at, action: "garbage", bytes: 2, afterMs: 1 },
  { at, action: "fragment", bytes: 1, afterMs: 1 },
  { at, action: "oversized", bytes: 64, afterMs: 1 },
  { at, action: "delay", ms: 0, afterMs: 1 },
  { at, action: "duplicate", afterMs: 1 },
  { at, action: "reorder", withinMs: 0, afterMs: 1 },
];

test("Every fault passes the check, even after a round trip through JSON", () => {
  for (const fault of EVERY_FAULT) checkFault(JSON.parse(JSON.stringify(fault)));
});

const MISTAKES: readonly [unknown, typeof TypeError | typeof RangeError, RegExp][] = [
  [undefined, TypeError, /^A fault must be an object: current value is undefined$/],
  [null, TypeError, /^A fault must be an object/],
  [[], TypeError, /^A fault must be an object: current value is an object$/],
  ["end", TypeError, /current value is "end"$/],
  [
    {},
    TypeError,
    /^at must be one of api, discover, upgrade, connection: current value is undefined$/,
  ],
  [{ at: "toString", action: "end" }, TypeError, /^at .*"toString"$/],
  [{ at }, TypeError, /^action must be one of close, end, .*current value is undefined$/],
  [{ at: "discover", action: "close" }, TypeError, /^action .*"close"$/],
  [{ at, action: "constructor" }, TypeError, /^action .*"constructor"$/],
  [
    { at, action: "end", afterMS: 5 },
    TypeError,
    /^afterMS is not a field of .* connection\/end; did you mean afterMs\?$/,
  ],
  [{ at: "discover", action: "end", afterMs: 5 }, TypeError, /^afterMs is not a field/],
  [{ at: "discover", action: "refuse", framed: true }, TypeError, /^framed is not a field/],
  [{ at: "upgrade", action: "refuse", status: "403" }, TypeError, /^status .*a number.*"403"$/],
  [{ at: "upgrade", action: "refuse", status: 101 }, RangeError, /^status .* 200 to 599.* 101$/],
  [{ at: "upgrade", action: "refuse", status: 200.5 }, RangeError, /^status .*whole.* 200\.5$/],
  [{ at: "upgrade", action: "refuse", framed: 1 }, TypeError, /^framed must be true or false/],
  [{ at: "upgrade", action: "refuse", body: 1 }, TypeError, /^body must be a string.* 1$/],
  [{ at: "upgrade", action: "refuse", body: null }, TypeError, /^body .* null$/],
  [
    { at: "upgrade", action: "hang", after: "body" },
    TypeError,
    /^after .*request or head.*"body"$/,
  ],
  [{ at: "discover", action: "endpoint", endpoint: {} }, TypeError, /^endpoint .*an object$/],
  [{ at, action: "close", code: 65_536 }, RangeError, /^code .* 65536$/],
  [{ at, action: "close", code: -1 }, RangeError, /^code .* -1$/],
  [{ at, action: "close", reason: "é".repeat(62) }, RangeError, /^reason .* 123 bytes.* 124$/],
  [{ at, action: "slowRead" }, TypeError, /^bytesPerSecond is missing: .* connection\/slowRead/],
  [{ at, action: "slowRead", bytesPerSecond: 0 }, RangeError, /^bytesPerSecond /],
  [{ at, action: "slowRead", bytesPerSecond: NaN }, RangeError, /^bytesPerSecond .* NaN$/],
  [{ at, action: "halfFrame", then: "close" }, TypeError, /^then /],
  [{ at, action: "garbage", bytes: 1 }, RangeError, /^bytes /],
  [{ at, action: "fragment" }, TypeError, /^bytes is missing: /],
  [{ at, action: "fragment", bytes: 0 }, RangeError, /^bytes /],
  [{ at, action: "oversized", bytes: 63 }, RangeError, /^bytes /],
  [{ at, action: "delay", ms: -1 }, RangeError, /^ms /],
  [{ at, action: "delay", ms: 2_147_483_648 }, RangeError, /^ms /],
  [{ at, action: "reorder", withinMs: Infinity }, RangeError, /^withinMs .* Infinity$/],
  [{ at, action: "end", afterMs: "5" }, TypeError, /^afterMs /],
  [{ at, action: "drop" }, TypeError, /^action .*"drop"; it is called end now$/],
  [{ at, action: "freeze" }, TypeError, /^action .*"freeze"; it is called stall now$/],
  [{ at: "upgrade", action: "refuse", count: 2 }, TypeError, /^count .*; it is called next now$/],
];

test("A mistake in a fault is an error that names the field and its value", () => {
  for (const [value, type, message] of MISTAKES) {
    assert.throws(() => checkFault(value), (error) => {
      assert.ok(error instanceof type, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
});

test("An invalid fault or `next` is refused before anything happens", async () => {
  await using emulator = await AcsEmulator.listen();
  const fault: Fault = { at: "connection", action: "end" };

  for (const next of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => emulator.injectFault(fault, { next }), {
      name: "RangeError",
      message: `next must be a whole number of at least 1: current value is ${next}`,
    });
  }
  assert.throws(() => emulator.injectFault({ ...fault, afterMs: -1 }), RangeError);
});
