import assert from "node:assert/strict";
import { Deadlines } from "../../wsclient/deadlines.ts";
import { FrameWriter } from "../../wsclient/frame_writer.ts";
import { type FakeTime, withFakeTime } from "../testing/fakes/fake_time.ts";
import { MemoryConnection } from "../testing/fakes/memory_transport.ts";
import { test } from "../testing/test.ts";

const DEADLINE = 180_000;

/** A watched connection whose peer reads nothing unless the test says so. */
async function withWatch(
  fn: (
    stage: {
      time: FakeTime;
      connection: MemoryConnection;
      watch: FrameWriter;
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
    const watch = new FrameWriter(connection, deadlines, {
      writeTimeoutMs: DEADLINE,
      maxBufferedBytes: 1000,
      onStalled: () => stalls.push(Date.now() - startedAt),
      onOverflow: () => overflows.push(connection.bufferedAmount),
      onFailed: assert.ifError,
    });
    await fn({ time, connection, watch, deadlines, stalls, overflows });
  });
}

test("A peer that reads everything immediately costs one timer, and none once that has been seen", () =>
  withWatch(async ({ time, connection, watch, stalls }) => {
    connection.stalled = false;
    for (let count = 0; count < 100; count++) watch.send("x");
    assert.equal(connection.sent.length, 100);
    assert.equal(time.pendingTimers(), 1);
    await time.advance(DEADLINE / 3);
    assert.equal(time.pendingTimers(), 0);
    await time.advance(10 * DEADLINE);
    assert.deepEqual(stalls, []);
  }));

test("A send buffer that an additional check found empty is not checked again until something is sent", () =>
  withWatch(async ({ time, connection, watch, stalls }) => {
    watch.send("x");
    connection.bufferedAmount = 0;
    watch.checkEmpty();
    await time.advance(10 * DEADLINE);
    assert.deepEqual(stalls, []);
    watch.send("x");
    await time.advance(DEADLINE);
    assert.deepEqual(stalls, [11 * DEADLINE]);
  }));

test("Additional checks neither extend nor shorten the deadline of a peer that reads nothing", () =>
  withWatch(async ({ time, watch, stalls }) => {
    watch.send("x");
    for (let count = 0; count < DEADLINE / 1000; count++) {
      watch.checkEmpty();
      await time.advance(1000);
    }
    assert.deepEqual(stalls, [DEADLINE]);
  }));

test("Texts with more bytes than characters count by their bytes towards the limit", () =>
  withWatch(({ watch, deadlines, overflows }) => {
    watch.send("€".repeat(333));
    assert.deepEqual(overflows, []);
    watch.send("€");
    assert.deepEqual(overflows, [1002]);
    deadlines.clear();
    return Promise.resolve();
  }));

test("A peer that reads nothing for exactly the timeout is stalled, and that is reported once", () =>
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

test("A send buffer that exceeds its limit is reported immediately", () =>
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

test("Sending more meanwhile does not extend the deadline, and is not progress", () =>
  withWatch(async ({ time, watch, stalls }) => {
    for (let count = 0; count < DEADLINE / 1000; count++) {
      watch.send("x");
      await time.advance(1000);
    }
    assert.deepEqual(stalls, [DEADLINE]);
  }));

test("A peer that reads slowly is not stalled, however long it takes", () =>
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

test("A peer that reads more slowly than data is sent is not stalled", () =>
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

test("A peer that stops reading is stalled one timeout after its last progress was seen", () =>
  withWatch(async ({ time, connection, watch, stalls }) => {
    watch.send("x".repeat(100));
    await time.advance(DEADLINE / 2);
    connection.bufferedAmount = 50;
    await time.advance(2 * DEADLINE);
    assert.equal(stalls.length, 1);
    const [stalledAt] = stalls;
    assert.ok(stalledAt !== undefined);
    assert.ok(stalledAt >= 1.5 * DEADLINE && stalledAt <= 1.5 * DEADLINE + DEADLINE / 3);
  }));

test("A peer that has read everything and later reads nothing gets a whole timeout again", () =>
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

test("A buffer that was emptied and refilled between two checks is progress", () =>
  withWatch(async ({ time, connection, watch, deadlines, stalls }) => {
    for (let count = 0; count < 10; count++) {
      watch.send("x".repeat(100));
      await time.advance(DEADLINE / 2);
      connection.bufferedAmount = 0;
    }
    assert.deepEqual(stalls, []);
    deadlines.clear();
  }));

test("A cleared watch has no timer and never reports", () =>
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
