import fc from "fast-check";
import assert from "node:assert/strict";
import {
  ExponentialBackoff,
  type ExponentialBackoffOptions,
} from "../../session/exponential_backoff.ts";
import { test } from "../testing/test.ts";

const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("By default, delays start at 250 ms, grow by half and are capped at two minutes", () => {
  const backoff = new ExponentialBackoff({ random: () => 0 });
  const delays = Array.from({ length: 20 }, () => backoff.duration());
  assert.deepEqual(delays.slice(0, 5), [250, 375, 562.5, 843.75, 1265.625]);
  assert.deepEqual(delays.slice(-4), [120_000, 120_000, 120_000, 120_000]);
  assert.equal(delays.findIndex((ms) => ms === 120_000), 16);
});

test("Up to a fifth of each delay is added as jitter, and the next delay grows from the value without it", () => {
  fc.assert(fc.property(fc.array(draw, { minLength: 1, maxLength: 40 }), (draws) => {
    let next = 0;
    const backoff = new ExponentialBackoff({ random: () => draws[next++] ?? 0 });
    let expected = 250;
    for (const drawn of draws) {
      const delay = backoff.duration();
      assert.ok(delay >= expected && delay <= 1.2 * expected, `${delay} for ${expected}`);
      assert.equal(delay, expected + drawn * (expected * 0.2));
      expected = Math.min(120_000, expected * 1.5);
    }
    assert.equal(next, draws.length);
  }));
});

test("Whatever the options, no delay is shorter than the one before or longer than the maximum", () => {
  fc.assert(fc.property(
    fc.record({
      minMs: fc.double({ min: 1, max: 1e6, noNaN: true }),
      more: fc.double({ min: 0, max: 1e7, noNaN: true }),
      multiplier: fc.double({ min: 1, max: 10, noNaN: true }),
    }),
    ({ minMs, more, multiplier }) => {
      const maxMs = minMs + more;
      const backoff = new ExponentialBackoff({ minMs, maxMs, multiplier, random: () => 0 });
      let before = 0;
      for (let count = 0; count < 50; count++) {
        const delay = backoff.duration();
        assert.ok(delay >= before && delay <= maxMs);
        before = delay;
      }
    },
  ));
});

test("A reset starts from the beginning, at any time", () => {
  fc.assert(fc.property(fc.nat({ max: 50 }), (count) => {
    const backoff = new ExponentialBackoff({ random: () => 0 });
    for (let step = 0; step < count; step++) backoff.duration();
    backoff.reset();
    assert.deepEqual([backoff.duration(), backoff.duration()], [250, 375]);
  }));
});

test("Without a random source, delays differ from instance to instance", () => {
  const delays = Array.from({ length: 50 }, () => new ExponentialBackoff().duration());
  assert.ok(delays.every((ms) => ms >= 250 && ms <= 300));
  assert.ok(new Set(delays).size > 1);
});

for (
  const { options, message } of [
    {
      options: { minMs: -1 },
      message: /^minMs must be a number of at least 1: current value is -1$/,
    },
    { options: { minMs: 0 }, message: /^minMs .* at least 1: current value is 0$/ },
    { options: { minMs: NaN }, message: /^minMs .* NaN$/ },
    { options: { minMs: Infinity }, message: /^minMs .* Infinity$/ },
    {
      options: { minMs: 500, maxMs: 499 },
      message: /^maxMs .* at least 500: current value is 499$/,
    },
    { options: { maxMs: Infinity }, message: /^maxMs .* Infinity$/ },
    { options: { multiplier: 0.9 }, message: /^multiplier .* at least 1: current value is 0\.9$/ },
    { options: { multiplier: NaN }, message: /^multiplier .* NaN$/ },
    { options: { jitter: -0.1 }, message: /^jitter .* at least 0: current value is -0\.1$/ },
  ] satisfies { options: ExponentialBackoffOptions; message: RegExp }[]
) {
  test(`Options that cannot work (${Object.entries(options).join(" and ")}) are refused by name`, () => {
    assert.throws(() => new ExponentialBackoff(options), { name: "RangeError", message });
  });
}
