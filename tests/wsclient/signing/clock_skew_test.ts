import fc from "fast-check";
import assert from "node:assert/strict";
import {
  ClockSkew,
  describeClockSkew,
  MIN_CLOCK_SKEW_MS,
  parseDateHeader,
} from "../../../wsclient/signing/clock_skew.ts";
import { withFakeTime } from "../../testing/fake_time.ts";
import { test } from "../../testing/test.ts";

const MINUTE = 60_000;

test("Without a word from the service the local clock is taken as right", () =>
  withFakeTime((time) => {
    const skew = new ClockSkew();
    assert.equal(skew.skewMs, 0);
    assert.equal(skew.now(), Date.UTC(2026, 0, 1));
    time.setSystemTime(Date.UTC(2030, 0, 1));
    assert.equal(skew.now(), Date.UTC(2030, 0, 1));
    return Promise.resolve();
  }));

test("A clock that is behind or ahead is corrected for the next signature, and stays corrected as time passes", () =>
  withFakeTime(async (time) => {
    for (const skewMs of [10 * MINUTE, -10 * MINUTE]) {
      const skew = new ClockSkew();
      assert.equal(skew.observe(skewMs), true);
      assert.equal(skew.skewMs, skewMs);
      assert.equal(skew.now(), Date.now() + skewMs);
      await time.advance(5000);
      assert.equal(skew.now(), Date.now() + skewMs);
    }
  }));

test("A difference below a minute is none", () => {
  const skew = new ClockSkew();
  for (const skewMs of [0, 1, -1, MIN_CLOCK_SKEW_MS - 1, 1 - MIN_CLOCK_SKEW_MS]) {
    assert.equal(skew.observe(skewMs), false);
    assert.equal(skew.skewMs, 0);
  }
  assert.equal(skew.observe(MIN_CLOCK_SKEW_MS), true);
  assert.equal(skew.skewMs, MIN_CLOCK_SKEW_MS);
});

test("The same skew, give or take, is told once; another one anew; a mended clock too", () => {
  const skew = new ClockSkew();
  assert.equal(skew.observe(10 * MINUTE), true);
  assert.equal(skew.observe(10 * MINUTE + 1000), false);
  assert.equal(skew.observe(10 * MINUTE), false);
  assert.equal(skew.observe(20 * MINUTE), true);
  assert.equal(skew.observe(undefined), false);
  assert.equal(skew.skewMs, 20 * MINUTE);
  assert.equal(skew.observe(500), true);
  assert.equal(skew.skewMs, 0);
});

for (
  const { value, expected } of [
    { value: "Thu, 01 Jan 2026 00:00:00 GMT", expected: Date.UTC(2026, 0, 1) },
    { value: "Sun, 06 Nov 1994 08:49:37 GMT", expected: Date.UTC(1994, 10, 6, 8, 49, 37) },
    { value: "Thu, 01 Jan 1970 00:00:00 GMT", expected: 0 },
    { value: undefined, expected: undefined },
    { value: null, expected: undefined },
    { value: "", expected: undefined },
    { value: "tomorrow", expected: undefined },
  ]
) {
  test(`The Date header ${JSON.stringify(value)} is read as ${expected}`, () => {
    assert.equal(parseDateHeader(value), expected);
  });
}

test("Every Date header that the HTTP standard asks for is read", () => {
  fc.assert(fc.property(
    fc.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true }),
    (date) => {
      assert.equal(parseDateHeader(date.toUTCString()), Math.floor(+date / 1000) * 1000);
    },
  ));
});

for (
  const { skewMs, words } of [
    { skewMs: undefined, words: /^$/ },
    { skewMs: 0, words: /^$/ },
    { skewMs: 59_999, words: /^$/ },
    { skewMs: -59_999, words: /^$/ },
    { skewMs: 60_000, words: /^the local clock is about 1 min behind the service's; / },
    { skewMs: 15 * MINUTE, words: /^the local clock is about 15 min behind the service's; / },
    { skewMs: -15 * MINUTE, words: /^the local clock is about 15 min ahead of the service's; / },
    { skewMs: -3_600_000, words: /next signature is corrected, but mend the clock$/ },
  ]
) {
  test(`A skew of ${skewMs} ms reads ${words}`, () => {
    assert.match(describeClockSkew(skewMs), words);
  });
}
