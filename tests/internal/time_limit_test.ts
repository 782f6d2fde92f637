import assert from "node:assert/strict";
import { abortable, timeLimit } from "../../internal/time_limit.ts";
import { withFakeTime } from "../testing/fakes/fake_time.ts";
import { countListeners } from "../testing/measuring/count_listeners.ts";
import { test } from "../testing/test.ts";

const timeIsUp = new Error("time is up");

test("A time limit aborts with its own error exactly when time is up", () =>
  withFakeTime(async (time) => {
    let made = 0;
    const limit = timeLimit(1000, () => {
      made += 1;
      return timeIsUp;
    });
    await time.advance(999);
    assert.equal(limit.signal.aborted, false);
    assert.equal(made, 0);
    await time.advance(1);
    assert.equal(limit.signal.aborted, true);
    assert.equal(limit.signal.reason, timeIsUp);
    assert.equal(time.pendingTimers(), 0);
  }));

test("A cleared time limit never aborts, neither by time nor by its parent, and leaves no timer behind", () =>
  withFakeTime(async (time) => {
    const parent = new AbortController();
    const limit = timeLimit(1000, () => timeIsUp, parent.signal);
    limit.clear();
    assert.equal(time.pendingTimers(), 0);
    await time.advance(2000);
    parent.abort();
    assert.equal(limit.signal.aborted, false);
    limit.clear();
  }));

test("A time limit aborts with its parent's reason, immediately if the parent was aborted before", () =>
  withFakeTime((time) => {
    const reason = new Error("not any more");
    const parent = new AbortController();
    const before = timeLimit(1000, () => timeIsUp, parent.signal);
    parent.abort(reason);
    const after = timeLimit(1000, () => timeIsUp, parent.signal);
    for (const limit of [before, after]) {
      assert.equal(limit.signal.aborted, true);
      assert.equal(limit.signal.reason, reason);
      limit.clear();
    }
    assert.equal(time.pendingTimers(), 0);
    return Promise.resolve();
  }));

test("The first abort reason is kept", () =>
  withFakeTime(async (time) => {
    const parent = new AbortController();
    const limit = timeLimit(1000, () => timeIsUp, parent.signal);
    await time.advance(1000);
    parent.abort(new Error("too late"));
    assert.equal(limit.signal.reason, timeIsUp);
    limit.clear();
  }));

test("Work that is not interrupted returns its own result", async () => {
  const { signal } = new AbortController();
  assert.equal(await abortable(Promise.resolve(1), signal), 1);
  const failure = new Error("broken");
  await assert.rejects(abortable(Promise.reject(failure), signal), (error) => error === failure);
});

test("Hanging work is abandoned with the signal's reason as soon as it aborts", async () => {
  const controller = new AbortController();
  const reason = new Error("not any more");
  const waiting = abortable(new Promise(() => {}), controller.signal);
  controller.abort(reason);
  await assert.rejects(waiting, (error) => error === reason);
});

test("A signal that was aborted before takes precedence over finished work", async () => {
  const signal = AbortSignal.abort(new Error("before"));
  await assert.rejects(abortable(Promise.resolve(1), signal), /before/);
});

test("Work that fails after it was abandoned is not an unhandled rejection", async () => {
  const controller = new AbortController();
  const work = Promise.withResolvers<void>();
  const waiting = abortable(work.promise, controller.signal);
  controller.abort(new Error("left"));
  await assert.rejects(waiting, /left/);
  work.reject(new Error("late"));
  await assert.rejects(work.promise, /late/);
});

test("A thousand waits on one signal leave no listener behind", async () => {
  const { signal } = new AbortController();
  const listeners = countListeners(signal);
  for (let count = 0; count < 1000; count++) {
    await abortable(Promise.resolve(count), signal);
    timeLimit(1, () => timeIsUp, signal).clear();
  }
  assert.equal(listeners(), 0);
});
