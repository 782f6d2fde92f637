import assert from "node:assert/strict";
import { mock } from "node:test";
import { SuspendWatch } from "../../session/suspend_watch.ts";
import { type FakeTime, TimerCount, withFakeTime } from "../testing/fakes/fake_time.ts";
import { test } from "../testing/test.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** Runs a test with a 30 s watch, and passes it what the watch has reported. */
function withWatch(
  fn: (time: FakeTime, reported: readonly number[], watch: SuspendWatch) => Promise<void>,
): Promise<void> {
  return withFakeTime(async (time) => {
    const reported: number[] = [];
    const watch = new SuspendWatch(30 * SECOND, (ms) => reported.push(ms));
    try {
      await fn(time, reported, watch);
    } finally {
      watch.clear();
      assert.equal(time.pendingTimers(), 0);
    }
  });
}

/** The wall clock continues while every timer stands still. */
function suspend(time: FakeTime, ms: number): void {
  time.setSystemTime(Date.now() + ms);
}

test("The suspension of a machine for an hour is detected within 15 seconds, once", () =>
  withWatch(async (time, reported) => {
    await time.advance(12 * SECOND);
    suspend(time, HOUR);
    assert.deepEqual(reported, []);
    await time.advance(15 * SECOND);
    assert.deepEqual(reported, [HOUR]);
    await time.advance(HOUR);
    assert.deepEqual(reported, [HOUR]);
  }));

test("Each suspension is reported", () =>
  withWatch(async (time, reported) => {
    for (let count = 1; count <= 3; count++) {
      suspend(time, count * HOUR);
      await time.advance(15 * SECOND);
    }
    assert.deepEqual(reported, [HOUR, 2 * HOUR, 3 * HOUR]);
  }));

test("Half a minute is a suspension, less is not, and small steps do not add up", () =>
  withWatch(async (time, reported) => {
    for (let count = 1; count <= 10; count++) {
      suspend(time, 29_999);
      await time.advance(15 * SECOND);
    }
    assert.deepEqual(reported, []);
    suspend(time, 30_000);
    await time.advance(15 * SECOND);
    assert.deepEqual(reported, [30_000]);
  }));

test("A clock that is set back is not a suspension, and hides none that follows", () =>
  withWatch(async (time, reported) => {
    suspend(time, -HOUR);
    await time.advance(60 * SECOND);
    assert.deepEqual(reported, []);
    suspend(time, HOUR);
    await time.advance(15 * SECOND);
    assert.deepEqual(reported, [HOUR]);
  }));

test("A thread that was blocked for an hour does not count as a suspension, and does not hide a later one", () =>
  withWatch(async (time, reported) => {
    await time.advance(12 * SECOND);
    time.block(HOUR);
    await time.advance(60 * SECOND);
    assert.deepEqual(reported, []);
    suspend(time, HOUR);
    await time.advance(15 * SECOND);
    assert.deepEqual(reported, [HOUR]);
  }));

test("A test that advances the mocked timers of node:test by a minute or a day is not a suspension", async () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 0 });
  const reported: number[] = [];
  const watch = new SuspendWatch(30 * SECOND, (ms) => reported.push(ms));
  try {
    for (const ms of [60 * SECOND, 29 * SECOND, 3 * SECOND, 24 * HOUR]) {
      mock.timers.tick(ms);
      await Promise.resolve();
    }
    assert.deepEqual(reported, []);
  } finally {
    watch.clear();
    mock.timers.reset();
  }
});

for (const seconds of [30, 31, 40, 45, 60, 3600]) {
  test(`A test that advances mocked timers by ${seconds} s before a frame arrives is not a suspension`, () => {
    mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 0 });
    const reported: number[] = [];
    const watch = new SuspendWatch(30 * SECOND, (ms) => reported.push(ms));
    try {
      // Frames within a second after another one are not compared.
      let receivedAt = performance.now();
      const receive = () => watch.frameReceived(receivedAt += 1 * SECOND);
      receive();
      for (let count = 0; count < 3; count++) {
        mock.timers.tick(seconds * SECOND);
        receive();
        mock.timers.tick(5 * SECOND);
        receive();
      }
      assert.deepEqual(reported, []);
    } finally {
      watch.clear();
      mock.timers.reset();
    }
  });
}

test("The first frame after a suspension causes a single report", () =>
  withWatch(async (time, reported, watch) => {
    suspend(time, HOUR);
    await time.advance(2 * SECOND);
    watch.frameReceived(performance.now());
    watch.frameReceived(performance.now());
    await time.advance(0.1 * SECOND);
    assert.deepEqual(reported, [HOUR]);
    await time.advance(HOUR);
    assert.deepEqual(reported, [HOUR]);
  }));

test("If frames usually arrive every 30 seconds, a suspension is detected within 45 seconds without a frame", () =>
  withWatch(async (time, reported, watch) => {
    for (let count = 0; count < 10; count++) {
      await time.advance(30 * SECOND);
      watch.frameReceived(performance.now());
    }
    suspend(time, HOUR);
    await time.advance(45 * SECOND - 1);
    assert.deepEqual(reported, []);
    await time.advance(1);
    assert.deepEqual(reported, [HOUR]);
    suspend(time, HOUR);
    await time.advance(15 * SECOND);
    assert.deepEqual(reported, [HOUR, HOUR]);
  }));

test("While frames arrive every 30 seconds, no timer wakes the process", () =>
  withWatch(async (time, _reported, watch) => {
    using timers = new TimerCount();
    for (let count = 0; count < 10; count++) {
      await time.advance(2 * SECOND);
      watch.frameReceived(performance.now());
      await time.advance(28 * SECOND);
    }
    assert.equal(timers.fired, 0);
    await time.advance(17 * SECOND);
    assert.equal(timers.fired, 1);
  }));

test("Each session gets each report until it stops watching, and all of them use one timer", () =>
  withFakeTime(async (time) => {
    const reported: string[] = [];
    const watches = ["first", "second"].map((name) =>
      new SuspendWatch(30 * SECOND, () => reported.push(name))
    );
    assert.equal(time.pendingTimers(), 1);
    suspend(time, HOUR);
    await time.advance(15 * SECOND);
    assert.deepEqual(reported, ["first", "second"]);
    watches[0]?.clear();
    watches[0]?.clear();
    suspend(time, HOUR);
    await time.advance(15 * SECOND);
    assert.deepEqual(reported, ["first", "second", "second"]);
    watches[1]?.clear();
    assert.equal(time.pendingTimers(), 0);
  }));

test("A session that starts after a suspension gets no report of it; the others get it immediately", () =>
  withWatch(async (time, reported) => {
    await time.advance(12 * SECOND);
    suspend(time, HOUR);
    const late: number[] = [];
    const watch = new SuspendWatch(30 * SECOND, (ms) => late.push(ms));
    assert.deepEqual(reported, [HOUR]);
    await time.advance(60 * SECOND);
    assert.deepEqual([reported, late], [[HOUR], []]);
    suspend(time, HOUR);
    await time.advance(15 * SECOND);
    assert.deepEqual([reported, late], [[HOUR, HOUR], [HOUR]]);
    watch.clear();
  }));

test("Sessions that are started when a suspension is reported get no report of it, nor do those that are stopped", () =>
  withFakeTime(async (time) => {
    const reported: string[] = [];
    const watches: SuspendWatch[] = [];
    const start = (name: string) => {
      watches.push(
        new SuspendWatch(30 * SECOND, () => {
          reported.push(name);
          if (reported.length > 10) return;
          start(`${name}, again`);
          watches[1]?.clear();
        }),
      );
    };
    for (const name of ["first", "second"]) start(name);
    suspend(time, HOUR);
    await time.advance(15 * SECOND);
    for (const watch of watches) watch.clear();
    assert.deepEqual(reported, ["first"]);
    assert.equal(time.pendingTimers(), 0);
  }));

test("A day without a suspension reports nothing", () =>
  withWatch(async (time, reported) => {
    await time.advance(24 * HOUR);
    assert.deepEqual(reported, []);
  }));

test("A frame that arrives after a session has stopped watching, while its handlers finish, sets no timer", () =>
  withWatch(async (time, _reported, watch) => {
    await time.advance(10 * SECOND);
    watch.clear();
    watch.frameReceived(performance.now());
    assert.equal(time.pendingTimers(), 0);
  }));
