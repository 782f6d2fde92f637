import fc from "fast-check";
import assert from "node:assert/strict";
import { backoffMs } from "../../session/backoff.ts";
import { test } from "../testing/test.ts";

const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const DEFAULTS = { backoffMinMs: 250, backoffMaxMs: 120_000 };

test("Delays start at 250 ms, grow by half and end at two minutes, in whole ms", () => {
  const delays = Array.from(
    { length: 20 },
    (_, failures) => backoffMs(failures, { ...DEFAULTS, random: () => 0 }),
  );
  assert.deepEqual(delays.slice(0, 5), [250, 375, 563, 844, 1266]);
  assert.deepEqual(delays.slice(-4), [120_000, 120_000, 120_000, 120_000]);
  assert.equal(delays.findIndex((ms) => ms === 120_000), 16);
});

test("Jitter adds up to a fifth of the delay, and the next delay does not build on it", () => {
  fc.assert(fc.property(fc.nat({ max: 60 }), draw, (failures, drawn) => {
    const without = backoffMs(failures, { ...DEFAULTS, random: () => 0 });
    const delay = backoffMs(failures, { ...DEFAULTS, random: () => drawn });
    assert.ok(delay >= without && delay <= Math.ceil(1.2 * without), `${delay} for ${without}`);
  }));
});

test("Whatever the options, no delay is shorter than the one before or longer than the maximum", () => {
  fc.assert(fc.property(
    fc.double({ min: 1, max: 1e6, noNaN: true }),
    fc.double({ min: 0, max: 1e7, noNaN: true }),
    (backoffMinMs, more) => {
      const backoffMaxMs = backoffMinMs + more;
      let before = 0;
      for (const failures of [...Array.from({ length: 50 }, (_, index) => index), 1e6]) {
        const delay = backoffMs(failures, { backoffMinMs, backoffMaxMs, random: () => 0 });
        assert.ok(delay >= before && delay <= Math.ceil(backoffMaxMs));
        before = delay;
      }
    },
  ));
});
