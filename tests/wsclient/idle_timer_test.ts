import fc from "fast-check";
import assert from "node:assert/strict";
import { IdleTimer } from "../../wsclient/idle_timer.ts";
import { addJitter } from "../../wsclient/jitter.ts";
import { withFakeTime } from "../testing/fake_time.ts";
import { test } from "../testing/test.ts";

/** A source of randomness that gives these numbers, one after the other. */
function drawing(...numbers: number[]): { random: () => number; drawn(): number } {
  let next = 0;
  return { random: () => numbers[next++] ?? 0, drawn: () => next };
}

test("A silent peer is noticed after the idle limit and its random part, once", () =>
  withFakeTime(async (time) => {
    let idle = 0;
    const { random } = drawing(0.5);
    new IdleTimer({ idleTimeoutMs: 60_000, idleJitterMs: 60_000, random }, () => idle++);
    await time.advance(89_999);
    assert.equal(idle, 0);
    await time.advance(1);
    assert.equal(idle, 1);
    await time.advance(1_000_000);
    assert.equal(idle, 1);
    assert.equal(time.pendingTimers(), 0);
  }));

test("Each reset starts over with a random part drawn anew", () =>
  withFakeTime(async (time) => {
    let idle = 0;
    const { random, drawn } = drawing(0, 0.25, 0.75);
    const timer = new IdleTimer(
      { idleTimeoutMs: 60_000, idleJitterMs: 60_000, random },
      () => idle++,
    );
    assert.equal(drawn(), 1);
    await time.advance(59_999);
    timer.reset();
    assert.equal(drawn(), 2);
    await time.advance(74_999);
    timer.reset();
    assert.equal(drawn(), 3);
    await time.advance(104_999);
    assert.equal(idle, 0);
    await time.advance(1);
    assert.equal(idle, 1);
    assert.equal(drawn(), 3);
  }));

test("A timer that is cleared, even twice, never tells and is gone", () =>
  withFakeTime(async (time) => {
    const timer = new IdleTimer(
      { idleTimeoutMs: 1, idleJitterMs: 0, random: () => 0 },
      () => assert.fail("told"),
    );
    assert.equal(time.pendingTimers(), 1);
    timer.clear();
    timer.clear();
    assert.equal(time.pendingTimers(), 0);
    await time.advance(10);
  }));

test("Resetting keeps one timer, however often", () =>
  withFakeTime((time) => {
    const limit = { idleTimeoutMs: 60_000, idleJitterMs: 60_000, random: Math.random };
    const timer = new IdleTimer(limit, () => {});
    for (let count = 0; count < 1000; count++) timer.reset();
    assert.equal(time.pendingTimers(), 1);
    timer.clear();
    return Promise.resolve();
  }));

test("Jitter adds from nothing to its most, and in proportion to the draw", () => {
  const span = fc.nat({ max: 10_000_000 });
  fc.assert(
    fc.property(span, span, fc.double({ min: 0, max: 1, noNaN: true }), (ms, most, draw) => {
      const result = addJitter(ms, most, () => draw);
      assert.ok(result >= ms && result <= ms + most);
      assert.equal(result, ms + draw * most);
    }),
  );
});
