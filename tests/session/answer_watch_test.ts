import assert from "node:assert/strict";
import { AnswerWatch } from "../../session/answer_watch.ts";
import { type FakeTime, withFakeTime } from "../testing/fakes/fake_time.ts";
import { test } from "../testing/test.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

function withWatch(fn: (watch: AnswerWatch, time: FakeTime) => Promise<void>): Promise<void> {
  return withFakeTime((time) => {
    const watch = new AnswerWatch(2 * MINUTE);
    watch.connected();
    return fn(watch, time);
  });
}

/**
 * A message arrives, is answered, and some time later a new connection replaces the current one.
 */
async function round(watch: AnswerWatch, time: FakeTime, ms: number, id = "p1") {
  const lost = watch.received("PayloadMessage", id);
  watch.answered(id);
  await time.advance(ms);
  watch.connected();
  return lost;
}

test("A message that is redelivered once after its answer means a lost answer, nothing more", () =>
  withWatch(async (watch, time) => {
    assert.equal(await round(watch, time, 10 * SECOND), undefined);
    assert.equal(await round(watch, time, 10 * SECOND), undefined);
    assert.equal(watch.lost, undefined);
  }));

test("A message redelivered twice although it was answered over two connections shows that answers are lost, and is reported once", () =>
  withWatch(async (watch, time) => {
    const lost = { type: "PayloadMessage", messageId: "p1", connections: 2 };
    const reports = [];
    for (let count = 1; count <= 7; count++) reports.push(await round(watch, time, 8 * SECOND));
    assert.deepEqual(reports.filter((report) => report !== undefined), [lost]);
    assert.equal(reports.indexOf(reports.find((report) => report !== undefined)), 2);
    assert.equal(watch.lost?.connections, 6);
  }));

test("A message that was not answered over the last connection says nothing when it is redelivered, however often its answers were lost before", () =>
  withWatch(async (watch, time) => {
    for (let count = 1; count <= 5; count++) await round(watch, time, 8 * SECOND);
    // Answers arrive again, but the handler of this message fails once.
    watch.received("PayloadMessage", "p1");
    await time.advance(30 * MINUTE);
    watch.connected();
    watch.received("PayloadMessage", "p1");
    watch.answered("p1");
    await time.advance(3 * MINUTE);
    assert.equal(watch.lost, undefined);
  }));

test("Nor does a message that was not answered when it was last redelivered, if a connection without it came in between", () =>
  withWatch(async (watch, time) => {
    for (let count = 1; count <= 5; count++) await round(watch, time, 8 * SECOND);
    watch.received("PayloadMessage", "p1");
    await time.advance(30 * MINUTE);
    watch.connected();
    await time.advance(SECOND);
    watch.connected();
    assert.equal(watch.received("PayloadMessage", "p1"), undefined);
    watch.answered("p1");
    assert.equal(watch.lost, undefined);
    await time.advance(8 * SECOND);
    watch.connected();
    assert.notEqual(watch.received("PayloadMessage", "p1"), undefined, "this answer was lost");
  }));

test("A message redelivered repeatedly over the same connection shows nothing: its answer may be on the way", () =>
  withWatch(async (watch, time) => {
    for (let count = 1; count <= 10; count++) {
      assert.equal(watch.received("PayloadMessage", "p1"), undefined);
      watch.answered("p1");
      await time.advance(SECOND);
    }
    assert.equal(watch.lost, undefined);
  }));

test("A message that was not answered may be redelivered any number of times", () =>
  withWatch(async (watch, time) => {
    for (let count = 1; count <= 10; count++) {
      assert.equal(watch.received("PayloadMessage", "p1"), undefined);
      await time.advance(8 * SECOND);
      watch.connected();
    }
    assert.equal(watch.lost, undefined);
  }));

test("Answers that were in transit when a connection ended do not prolong the loss of earlier answers", () =>
  withWatch(async (watch, time) => {
    for (let count = 1; count <= 2; count++) await round(watch, time, 8 * SECOND);
    assert.notEqual(watch.received("PayloadMessage", "p1"), undefined);
    await time.advance(90 * SECOND);
    watch.connected();
    await round(watch, time, SECOND, "p2");
    assert.equal(watch.received("PayloadMessage", "p2"), undefined);
    await time.advance(2 * MINUTE);
    assert.equal(watch.lost, undefined);
  }));

test("Answers are assumed to arrive again after two minutes without a redelivery", () =>
  withWatch(async (watch, time) => {
    for (let count = 1; count <= 2; count++) await round(watch, time, 8 * SECOND);
    watch.received("PayloadMessage", "p1");
    await time.advance(2 * MINUTE - 1);
    assert.notEqual(watch.lost, undefined);
    await time.advance(1);
    assert.equal(watch.lost, undefined);
  }));

test("A message redelivered every half hour is watched until a connection has been open for two minutes without it", () =>
  withWatch(async (watch, time) => {
    for (let count = 1; count <= 2; count++) await round(watch, time, 30 * MINUTE);
    watch.received("PayloadMessage", "p1");
    for (let minute = 0; minute < 30; minute++) {
      assert.notEqual(watch.lost, undefined);
      await time.advance(MINUTE);
    }
    watch.connected();
    await time.advance(2 * MINUTE - 1);
    assert.notEqual(watch.lost, undefined);
    await time.advance(1);
    assert.equal(watch.lost, undefined);
    watch.connected();
    assert.equal(watch.lost, undefined);
  }));

test("A message redelivered every half hour is watched for an hour at most, so that the state does not flap in between", () =>
  withWatch(async (watch, time) => {
    for (let count = 1; count <= 2; count++) await round(watch, time, 30 * MINUTE);
    watch.received("PayloadMessage", "p1");
    await time.advance(60 * MINUTE - 1);
    assert.notEqual(watch.lost, undefined);
    await time.advance(1);
    assert.equal(watch.lost, undefined);
  }));

test("Only a few hundred ids are remembered, and no id longer than a line", () =>
  withWatch(async (watch, time) => {
    const long = "x".repeat(129);
    for (let count = 1; count <= 3; count++) {
      for (let id = 0; id < 300; id++) {
        watch.received("PayloadMessage", `m${id}`);
        watch.answered(`m${id}`);
      }
      watch.received("PayloadMessage", long);
      watch.answered(long);
      await time.advance(SECOND);
      watch.connected();
    }
    assert.equal(watch.received("PayloadMessage", long), undefined);
    assert.notEqual(watch.lost, undefined);
    await time.advance(10 * MINUTE);
    assert.equal(watch.received("PayloadMessage", "m0"), undefined);
    assert.equal(watch.received("PayloadMessage", "m299")?.connections, 3);
  }));
