import assert from "node:assert/strict";
import { Deadlines } from "../../wsclient/deadlines.ts";
import { WriteWatch } from "../../wsclient/write_watch.ts";
import { type FakeTime, withFakeTime } from "../testing/fake_time.ts";
import { MemoryConnection } from "../testing/memory_transport.ts";
import { test } from "../testing/test.ts";

const DEADLINE = 180_000;

/** A watched connection whose peer takes nothing unless the test says so. */
async function withWatch(
  fn: (
    stage: {
      time: FakeTime;
      connection: MemoryConnection;
      watch: WriteWatch;
      deadlines: Deadlines;
      stalls: number[];
      overflows: number[];
    },
  ) => Promise<void>,
): Promise<void> {
  await withFakeTime(async (time) => {
    const connection = new MemoryConnection();
    connection.stalled = true;
    const stalls: number[] = [];
    const startedAt = Date.now();
    const overflows: number[] = [];
    const deadlines = new Deadlines();
    const watch = new WriteWatch(connection, deadlines, {
      writeTimeoutMs: DEADLINE,
      maxBufferedBytes: 1000,
      onStalled: () => stalls.push(Date.now() - startedAt),
      onOverflow: () => overflows.push(connection.bufferedAmount),
      onFailed: assert.ifError,
    });
    await fn({ time, connection, watch, deadlines, stalls, overflows });
  });
}

test("A peer that takes all at once costs one timer, and none once that has been seen", () =>
  withWatch(async ({ time, connection, watch, stalls }) => {
    connection.stalled = false;
    for (let count = 0; count < 100; count++) watch.send("x");
    assert.equal(connection.sent.length, 100);
    assert.equal(time.pendingTimers(), 1);
    await time.advance(DEADLINE / 6);
    assert.equal(time.pendingTimers(), 0);
    await time.advance(10 * DEADLINE);
    assert.deepEqual(stalls, []);
  }));

test("Texts of more bytes than characters count by their bytes against the limit", () =>
  withWatch(({ watch, deadlines, overflows }) => {
    watch.send("€".repeat(333));
    assert.deepEqual(overflows, []);
    watch.send("€");
    assert.deepEqual(overflows, [1002]);
    deadlines.clear();
    return Promise.resolve();
  }));

test("A peer that takes nothing for exactly the deadline is stalled, and that is told once", () =>
  withWatch(async ({ time, watch, stalls }) => {
    watch.send("x".repeat(100));
    await time.advance(DEADLINE - 1);
    assert.deepEqual(stalls, []);
    await time.advance(1);
    assert.deepEqual(stalls, [DEADLINE]);
    await time.advance(10 * DEADLINE);
    assert.deepEqual(stalls, [DEADLINE]);
    assert.equal(time.pendingTimers(), 0);
  }));

test("A send buffer that grows past its limit is told at once", () =>
  withWatch(({ connection, watch, deadlines, overflows }) => {
    watch.send("x".repeat(1000));
    assert.deepEqual(overflows, []);
    watch.send("x");
    assert.deepEqual(overflows, [1001]);
    connection.bufferedAmount = 0;
    watch.send("x".repeat(1000));
    assert.deepEqual(overflows, [1001]);
    deadlines.clear();
    return Promise.resolve();
  }));

test("More that is sent meanwhile does not put off the deadline, and is no progress", () =>
  withWatch(async ({ time, watch, stalls }) => {
    for (let count = 0; count < DEADLINE / 1000; count++) {
      watch.send("x");
      await time.advance(1000);
    }
    assert.deepEqual(stalls, [DEADLINE]);
  }));

test("A peer that takes slowly is not stalled, however long it takes", () =>
  withWatch(async ({ time, connection, watch, deadlines, stalls }) => {
    watch.send("x".repeat(100));
    for (let taken = 0; taken < 99; taken++) {
      await time.advance(DEADLINE / 2);
      connection.bufferedAmount -= 1;
    }
    assert.deepEqual(stalls, []);
    assert.equal(connection.bufferedAmount, 1);
    deadlines.clear();
  }));

test("A peer that takes slowly less than is sent is not stalled", () =>
  withWatch(async ({ time, connection, watch, deadlines, stalls }) => {
    for (let count = 0; count < 50; count++) {
      watch.send("x".repeat(10));
      await time.advance(DEADLINE / 3);
      connection.bufferedAmount -= 1;
    }
    assert.ok(connection.bufferedAmount > 400);
    assert.deepEqual(stalls, []);
    deadlines.clear();
  }));

test("A peer that stops taking is stalled a deadline after its last progress was seen", () =>
  withWatch(async ({ time, connection, watch, stalls }) => {
    watch.send("x".repeat(100));
    await time.advance(DEADLINE / 2);
    connection.bufferedAmount = 50;
    await time.advance(2 * DEADLINE);
    assert.equal(stalls.length, 1);
    const [stalledAt] = stalls;
    assert.ok(stalledAt !== undefined);
    assert.ok(stalledAt >= 1.5 * DEADLINE && stalledAt <= 1.5 * DEADLINE + DEADLINE / 6);
  }));

test("A peer that has taken all and later takes nothing gets a whole deadline anew", () =>
  withWatch(async ({ time, connection, watch, stalls }) => {
    watch.send("x");
    await time.advance(DEADLINE - 1);
    connection.bufferedAmount = 0;
    await time.advance(DEADLINE);
    assert.equal(time.pendingTimers(), 0);
    watch.send("x");
    await time.advance(DEADLINE - 1);
    assert.deepEqual(stalls, []);
    await time.advance(1);
    assert.deepEqual(stalls, [3 * DEADLINE - 1]);
  }));

test("A buffer that was emptied and filled again between two looks is progress", () =>
  withWatch(async ({ time, connection, watch, deadlines, stalls }) => {
    for (let count = 0; count < 10; count++) {
      watch.send("x".repeat(100));
      await time.advance(DEADLINE / 2);
      connection.bufferedAmount = 0;
    }
    assert.deepEqual(stalls, []);
    deadlines.clear();
  }));

test("A cleared watch has no timer and never tells", () =>
  withWatch(async ({ time, watch, deadlines, stalls }) => {
    watch.send("x");
    assert.equal(time.pendingTimers(), 1);
    deadlines.clear();
    deadlines.clear();
    assert.equal(time.pendingTimers(), 0);
    await time.advance(2 * DEADLINE);
    assert.deepEqual(stalls, []);
  }));

test("A send that the connection refuses throws and starts no watch", () =>
  withWatch(({ time, connection, watch }) => {
    connection.close(1000, "gone");
    assert.throws(() => watch.send("x"), /the connection is closed/);
    assert.equal(time.pendingTimers(), 0);
    return Promise.resolve();
  }));
