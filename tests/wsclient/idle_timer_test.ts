import fc from "fast-check";
import assert from "node:assert/strict";
import { Deadlines } from "../../wsclient/deadlines.ts";
import { IdleTimer } from "../../wsclient/idle_timer.ts";
import { addJitter } from "../../internal/jitter.ts";
import { withFakeTime } from "../testing/fakes/fake_time.ts";
import { test } from "../testing/test.ts";

const LIMIT = { idleTimeoutMs: 60_000, idleJitterMs: 60_000 };

/** A random source that returns these numbers, one after the other. */
function drawing(...numbers: number[]): { random: () => number; drawn(): number } {
  let next = 0;
  return { random: () => numbers[next++] ?? 0, drawn: () => next };
}

test("A silent peer is noticed once, after the idle timeout and its jitter", () =>
  withFakeTime(async (time) => {
    let idle = 0;
    const { random } = drawing(0.5);
    new IdleTimer(LIMIT, random, new Deadlines(), () => idle++);
    await time.advance(89_999);
    assert.equal(idle, 0);
    await time.advance(1);
    assert.equal(idle, 1);
    await time.advance(1_000_000);
    assert.equal(idle, 1);
    assert.equal(time.pendingTimers(), 0);
  }));

test("Each reset starts again with new jitter", () =>
  withFakeTime(async (time) => {
    let idle = 0;
    const { random, drawn } = drawing(0, 0.25, 0.75);
    const timer = new IdleTimer(LIMIT, random, new Deadlines(), () => idle++);
    assert.equal(drawn(), 1);
    await time.advance(59_999);
    timer.reset(performance.now());
    assert.equal(drawn(), 2);
    await time.advance(74_999);
    timer.reset(performance.now());
    assert.equal(drawn(), 3);
    await time.advance(104_999);
    assert.equal(idle, 0);
    await time.advance(1);
    assert.equal(idle, 1);
    assert.equal(drawn(), 3);
  }));

test("A timer whose deadlines are cleared, even twice, never fires and is gone", () =>
  withFakeTime(async (time) => {
    const deadlines = new Deadlines();
    const timer = new IdleTimer(LIMIT, () => 0, deadlines, () => assert.fail("fired"));
    assert.equal(time.pendingTimers(), 1);
    deadlines.clear();
    deadlines.clear();
    timer.reset(performance.now());
    assert.equal(time.pendingTimers(), 0);
    await time.advance(100_000);
  }));

test("Whatever is drawn, a peer is noticed exactly its last timeout after its last frame", () => {
  const span = fc.nat({ max: 200_000 });
  const draw = fc.double({ min: 0, max: 1, noNaN: true });
  return fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ span, draw }), { maxLength: 20 }),
      draw,
      (heard, first) =>
        withFakeTime(async (time) => {
          let next = first;
          const startedAt = Date.now();
          const idleAt: number[] = [];
          const timer = new IdleTimer(
            LIMIT,
            () => next,
            new Deadlines(),
            () => idleAt.push(Date.now()),
          );
          let expected = startedAt + 60_000 + Math.floor(60_000 * first);
          for (const { span, draw } of heard) {
            // It is done once it has fired.
            if (Date.now() + span >= expected) break;
            await time.advance(span);
            next = draw;
            timer.reset(performance.now());
            if (span > 0) expected = Date.now() + 60_000 + Math.floor(60_000 * draw);
          }
          await time.advance(expected - 1 - Date.now());
          assert.deepEqual(idleAt, []);
          await time.advance(2);
          assert.equal(idleAt.length, 1);
          await time.advance(1_000_000);
          assert.equal(idleAt.length, 1);
          assert.equal(time.pendingTimers(), 0);
        }),
    ),
    { numRuns: 30 },
  );
});

test("Setting the clock neither shortens nor delays it", () =>
  withFakeTime(async (time) => {
    let idle = 0;
    const timer = new IdleTimer(LIMIT, () => 0, new Deadlines(), () => idle++);
    for (const setBy of [3_600_000, -7_200_000]) {
      time.setSystemTime(Date.now() + setBy);
      await time.advance(30_000);
      timer.reset(performance.now());
    }
    await time.advance(59_999);
    assert.equal(idle, 0);
    await time.advance(1);
    assert.equal(idle, 1);
  }));

test("A frame that arrives at the same time according to a clock that was set back meanwhile counts", () =>
  withFakeTime(async (time) => {
    const timer = new IdleTimer(LIMIT, () => 0, new Deadlines(), () => assert.fail("idle"));
    const now = Date.now();
    for (let count = 0; count < 5; count++) {
      await time.advance(50_000);
      time.setSystemTime(now);
      timer.reset(performance.now());
    }
  }));

test("Any number of resets uses one timer", () =>
  withFakeTime((time) => {
    const deadlines = new Deadlines();
    const timer = new IdleTimer(LIMIT, Math.random, deadlines, () => {});
    for (let count = 0; count < 1000; count++) timer.reset(performance.now());
    assert.equal(time.pendingTimers(), 1);
    deadlines.clear();
    return Promise.resolve();
  }));

test("Jitter adds between nothing and its maximum, in proportion to the draw", () => {
  const span = fc.nat({ max: 10_000_000 });
  fc.assert(
    fc.property(span, span, fc.double({ min: 0, max: 1, noNaN: true }), (ms, most, draw) => {
      const result = addJitter(ms, most, () => draw);
      assert.ok(result >= ms && result <= ms + most);
      assert.equal(result, ms + draw * most);
    }),
  );
});
