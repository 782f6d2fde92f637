import assert from "node:assert/strict";
import { delay } from "../../internal/delay.ts";
import { withFakeTime } from "../testing/fakes/fake_time.ts";
import { countListeners } from "../testing/measuring/count_listeners.ts";
import { test } from "../testing/test.ts";

test("A delay ends exactly when its time is up, and leaves no timer behind", () =>
  withFakeTime(async (time) => {
    let over = false;
    const waiting = delay(1000, new AbortController().signal).then(() => over = true);
    await time.advance(999);
    assert.equal(over, false);
    await time.advance(1);
    await waiting;
    assert.equal(time.pendingTimers(), 0);
  }));

test("An abort ends a delay early with its reason, and leaves no timer behind", () =>
  withFakeTime(async (time) => {
    const controller = new AbortController();
    const reason = new Error("stopped");
    const waiting = delay(1000, controller.signal);
    await time.advance(500);
    controller.abort(reason);
    await assert.rejects(waiting, (error) => error === reason);
    assert.equal(time.pendingTimers(), 0);
  }));

test("After an abort there is no delay", () =>
  withFakeTime(async (time) => {
    await assert.rejects(delay(1000, AbortSignal.abort(new Error("before"))), /before/);
    assert.equal(time.pendingTimers(), 0);
  }));

test("A thousand delays on one signal leave no listener behind", () =>
  withFakeTime(async (time) => {
    const controller = new AbortController();
    const { signal } = controller;
    const listeners = countListeners(signal);
    for (let count = 0; count < 1000; count++) {
      const waiting = delay(1, signal);
      await time.advance(1);
      await waiting;
    }
    assert.equal(listeners(), 0);
    controller.abort();
  }));
