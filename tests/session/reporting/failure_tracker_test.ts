import assert from "node:assert/strict";
import { FailureTracker, type OngoingFailure } from "../../../session/reporting/failure_tracker.ts";
import { withFakeTime } from "../../testing/fakes/fake_time.ts";
import { test } from "../../testing/test.ts";

const MINUTE = 60_000;
const STARTED_AT = Date.UTC(2026, 0, 1);

function tracking(): { tracker: FailureTracker; reports: OngoingFailure[] } {
  const reports: OngoingFailure[] = [];
  const tracker = new FailureTracker(MINUTE, (failure) => void reports.push(failure));
  return { tracker, reports };
}

test("An ongoing failure is reported once a minute, with its start, its count and the latest error", () =>
  withFakeTime(async (time) => {
    const { tracker, reports } = tracking();
    tracker.recordFailure("first");
    await time.advance(MINUTE - 1);
    assert.equal(reports.length, 0);
    tracker.recordFailure("second");
    await time.advance(1);
    assert.deepEqual(reports, [{ since: STARTED_AT, failures: 2, error: "second" }]);
    tracker.recordFailure("third");
    await time.advance(MINUTE);
    assert.deepEqual(reports[1], { since: STARTED_AT, failures: 3, error: "third" });
    await time.advance(3 * MINUTE);
    assert.equal(reports.length, 5);
    tracker.recordSuccess();
  }));

test("A failure that ends within a minute is not reported, and leaves no timer behind", () =>
  withFakeTime(async (time) => {
    const { tracker, reports } = tracking();
    tracker.recordFailure("first");
    await time.advance(MINUTE - 1);
    tracker.recordSuccess();
    assert.equal(tracker.failing, undefined);
    assert.equal(time.pendingTimers(), 0);
    await time.advance(10 * MINUTE);
    assert.deepEqual(reports, []);
  }));

test("After a success, the next failure starts from the beginning", () =>
  withFakeTime(async (time) => {
    const { tracker, reports } = tracking();
    tracker.recordFailure("first");
    tracker.recordFailure("again");
    await time.advance(MINUTE / 2);
    tracker.recordSuccess();
    tracker.recordFailure("later");
    assert.deepEqual(tracker.failing, {
      since: STARTED_AT + MINUTE / 2,
      failures: 1,
      error: "later",
    });
    await time.advance(MINUTE);
    assert.equal(reports.length, 1);
    tracker.recordSuccess();
  }));

test("Any number of failures uses one timer, and a success without a failure does nothing", () =>
  withFakeTime((time) => {
    const { tracker } = tracking();
    tracker.recordSuccess();
    for (let count = 0; count < 100; count++) tracker.recordFailure(count);
    assert.equal(time.pendingTimers(), 1);
    tracker.recordSuccess();
    tracker.recordSuccess();
    assert.equal(time.pendingTimers(), 0);
    return Promise.resolve();
  }));
