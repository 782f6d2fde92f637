import fc from "fast-check";
import assert from "node:assert/strict";
import {
  ClockSkew,
  describeClockSkew,
  MIN_CLOCK_SKEW_MS,
  parseDateHeader,
} from "../../../wsclient/signing/clock_skew.ts";
import { withFakeTime } from "../../testing/fakes/fake_time.ts";
import { test } from "../../testing/test.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

test("Without a measurement the local clock is assumed to be right", () =>
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

test("A difference of less than a minute is ignored", () => {
  const skew = new ClockSkew();
  for (const skewMs of [0, 1, -1, MIN_CLOCK_SKEW_MS - 1, 1 - MIN_CLOCK_SKEW_MS]) {
    assert.equal(skew.observe(skewMs), false);
    assert.equal(skew.skewMs, 0);
  }
  assert.equal(skew.observe(MIN_CLOCK_SKEW_MS), true);
  assert.equal(skew.skewMs, MIN_CLOCK_SKEW_MS);
});

test("The same skew, within tolerance, is reported once; a different one again; a corrected clock too", () => {
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
    { value: "Tue, 31 Feb 2026 00:00:00 GMT", expected: undefined },
    { value: "Fri, 01 Jan 2026 00:00:00 GMT", expected: undefined },
    { value: "Thu, 01 Jan 2026 24:00:00 GMT", expected: undefined },
    { value: "Thu, 01 Jan 2026 23:59:60 GMT", expected: undefined },
    { value: "Thu, 01 Jan 2026 00:00:00 +0200", expected: undefined },
    { value: "2026-01-01T00:00:00Z", expected: undefined },
    { value: "Sat, 13 Sep 275760 00:00:00 GMT", expected: undefined },
    {
      value: "Thu, 01 Jan 2026 00:00:00 GMT, Thu, 01 Jan 2026 00:00:00 GMT",
      expected: undefined,
    },
  ]
) {
  test(`The Date header ${JSON.stringify(value)} is read as ${expected}`, () => {
    assert.equal(parseDateHeader(value), expected);
  });
}

test("Every Date format that the HTTP standard requires is parsed", () => {
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
    { skewMs: 60_000, words: /^the local clock is about 1 min behind the service's$/ },
    { skewMs: 15 * MINUTE, words: /^the local clock is about 15 min behind the service's$/ },
    { skewMs: -600_509, words: /^the local clock is about 10 min ahead of the service's$/ },
    { skewMs: DAY, words: /^the local clock is about 1440 min behind the service's$/ },
    { skewMs: -3 * DAY, words: /^the local clock is about 3 days ahead of the service's$/ },
  ]
) {
  test(`A skew of ${skewMs} ms is described as ${words}`, () => {
    assert.match(describeClockSkew(skewMs), words);
  });
}

test("A skew of a day is corrected in either direction, although the Date header drops fractions of a second", () => {
  for (const skewMs of [DAY, DAY - 999, -DAY, -DAY - 999]) {
    const skew = new ClockSkew();
    assert.equal(skew.assess(skewMs).corrects, true);
    assert.equal(skew.observe(skewMs), true);
    assert.equal(skew.skewMs, skewMs);
  }
});

test("A skew of more than a day is described and not used", () => {
  const toYear9999 = Date.UTC(9999, 11, 31) - Date.now();
  for (const skewMs of [DAY + MINUTE, -DAY - MINUTE, 3 * DAY, toYear9999]) {
    const skew = new ClockSkew();
    skew.observe(10 * MINUTE);
    const { words, corrects } = skew.assess(skewMs);
    assert.match(
      words,
      /^the local clock is about \d+ (min|days) (behind|ahead of) the service's; /,
    );
    assert.match(words, /not corrected by more than 1440 min: .*timing\.maxClockSkewMs$/);
    assert.equal(corrects, false);
    assert.equal(skew.observe(skewMs), false);
    assert.equal(skew.skewMs, 10 * MINUTE);
  }
});

test("The largest skew that is corrected is configurable: decades for a clock that starts in 1970, or none at all", () => {
  const since1970 = Date.UTC(2026, 0, 1);
  const any = new ClockSkew(8.64e15);
  assert.equal(any.assess(since1970).corrects, true);
  assert.equal(any.observe(since1970), true);
  const none = new ClockSkew(0);
  assert.equal(none.assess(10 * MINUTE).corrects, false);
  assert.equal(none.observe(10 * MINUTE), false);
  assert.equal(none.assess(0).words, "");
});

test("The promise is kept: the next signature is corrected exactly when the text says so", () => {
  const measured = fc.integer({ min: -2 * DAY, max: 2 * DAY });
  fc.assert(fc.property(fc.option(measured, { nil: 0 }), measured, (before, now) => {
    const skew = new ClockSkew();
    skew.observe(before);
    const inUse = skew.skewMs;
    const { words, corrects } = skew.assess(now);
    assert.equal(/next signature/.test(words), corrects);
    assert.equal(skew.observe(now), corrects);
    assert.equal(Math.abs(skew.skewMs - inUse) >= MIN_CLOCK_SKEW_MS, corrects);
  }));
});

test("A clock that has been corrected is not a permanent failure: the next signature uses it", () => {
  const skew = new ClockSkew();
  skew.observe(10 * MINUTE);
  assert.deepEqual(skew.assess(900), {
    words: "the local clock is right again: the next signature is made with it",
    corrects: true,
  });
});
