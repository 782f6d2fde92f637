import assert from "node:assert/strict";
import { SuspendWatch } from "../../session/suspend_watch.ts";
import { type FakeTime, withFakeTime } from "../testing/fake_time.ts";
import { test } from "../testing/test.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** Runs a test with a watch for 30 s, and gives it what the watch has told. */
function withWatch(fn: (time: FakeTime, told: readonly number[]) => Promise<void>): Promise<void> {
  return withFakeTime(async (time) => {
    const told: number[] = [];
    const watch = new SuspendWatch(30 * SECOND, (ms) => told.push(ms));
    try {
      await fn(time, told);
    } finally {
      watch.clear();
      assert.equal(time.pendingTimers(), 0);
    }
  });
}

/** The wall clock goes on while every timer stands still. */
function suspend(time: FakeTime, ms: number): void {
  time.setSystemTime(Date.now() + ms);
}

test("A machine that was suspended for an hour is noticed within five seconds, once", () =>
  withWatch(async (time, told) => {
    await time.advance(12 * SECOND);
    suspend(time, HOUR);
    assert.deepEqual(told, []);
    await time.advance(5 * SECOND);
    assert.deepEqual(told, [HOUR]);
    await time.advance(HOUR);
    assert.deepEqual(told, [HOUR]);
  }));

test("Each suspension is told", () =>
  withWatch(async (time, told) => {
    for (let count = 1; count <= 3; count++) {
      suspend(time, count * HOUR);
      await time.advance(5 * SECOND);
    }
    assert.deepEqual(told, [HOUR, 2 * HOUR, 3 * HOUR]);
  }));

test("Half a minute is a suspension, less is none, and small steps do not add up", () =>
  withWatch(async (time, told) => {
    for (let count = 1; count <= 10; count++) {
      suspend(time, 29_999);
      await time.advance(5 * SECOND);
    }
    assert.deepEqual(told, []);
    suspend(time, 30_000);
    await time.advance(5 * SECOND);
    assert.deepEqual(told, [30_000]);
  }));

test("A clock that is set back is no suspension, and hides none that follows", () =>
  withWatch(async (time, told) => {
    suspend(time, -HOUR);
    await time.advance(60 * SECOND);
    assert.deepEqual(told, []);
    suspend(time, HOUR);
    await time.advance(5 * SECOND);
    assert.deepEqual(told, [HOUR]);
  }));

test("A day without a suspension tells nothing", () =>
  withWatch(async (time, told) => {
    await time.advance(24 * HOUR);
    assert.deepEqual(told, []);
  }));
