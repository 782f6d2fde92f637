import assert from "node:assert/strict";
import { FrameGate } from "../../../session/dispatch/frame_gate.ts";
import { turns, withFakeTime } from "../../testing/fakes/fake_time.ts";
import { test } from "../../testing/test.ts";

/** A gate before a handler that the test starts and ends, and the frames that it has released. */
function stage(maxWaitingBytes = 100_000_000) {
  const released: (string | Uint8Array)[] = [];
  const handler = { isRunning: false, isSlow: false };
  const gate = new FrameGate({
    maxWaitingBytes,
    handlers: {
      get isHandling() {
        return handler.isRunning && !handler.isSlow;
      },
      markSlow: () => void (handler.isSlow = true),
    },
    release(frame) {
      released.push(frame);
      return frame.length;
    },
  });
  const push = (frame: string | Uint8Array) => gate.push(frame, performance.now());
  return { released, handler, gate, push };
}

test("Frames are released immediately while no handler is running", () => {
  const { released, push } = stage();
  for (const frame of ["a", "b", "c"]) push(frame);
  assert.deepEqual(released, ["a", "b", "c"]);
});

test("A frame that arrives while a handler is running is released as soon as that is done", async () => {
  const { released, handler, push } = stage();
  handler.isRunning = true;
  push("a");
  push("b");
  push("c");
  assert.deepEqual(released, ["a"]);
  await Promise.resolve();
  assert.deepEqual(released, ["a"]);
  handler.isRunning = false;
  await turns(1);
  assert.deepEqual(released, ["a", "b", "c"]);
  push("d");
  assert.deepEqual(released, ["a", "b", "c", "d"]);
});

test("A handler that does not finish holds frames back for no longer than the event loop turns", async () => {
  const { released, handler, push } = stage();
  handler.isRunning = true;
  for (const frame of ["a", "b", "c"]) push(frame);
  await turns(1);
  assert.deepEqual(released, ["a", "b", "c"]);
});

test("If a handler has not finished by then, later frames are released immediately", async () => {
  const { released, handler, push } = stage();
  handler.isRunning = true;
  for (const frame of ["a", "b"]) push(frame);
  await turns(1);
  for (const frame of ["c", "d"]) push(frame);
  assert.deepEqual(released, ["a", "b", "c", "d"]);
  // The next handler is waited for again.
  handler.isSlow = false;
  for (const frame of ["e", "f"]) push(frame);
  assert.deepEqual(released, ["a", "b", "c", "d", "e"]);
  handler.isRunning = false;
  await turns(1);
  assert.deepEqual(released, ["a", "b", "c", "d", "e", "f"]);
});

test("The end of a connection waits for the frames before it, and for nothing else", async () => {
  const { released, handler, gate, push } = stage();
  push("a");
  await gate.drained();
  assert.deepEqual(released.splice(0), ["a"]);
  handler.isRunning = true;
  for (const frame of ["a", "b", "c"]) push(frame);
  const drained = gate.drained().then(() => released.push("end"));
  assert.deepEqual(released, ["a"]);
  await drained;
  assert.deepEqual(released, ["a", "b", "c", "end"]);
});

test("A gate that is cleared drops the waiting frames, and nothing waits for them anymore", async () => {
  const { released, handler, gate, push } = stage();
  handler.isRunning = true;
  for (const frame of ["a", "b"]) push(frame);
  const drained = gate.drained();
  gate.clear();
  await drained;
  assert.deepEqual(released, ["a"]);
});

test("If more bytes are waiting than allowed, the oldest frames are released to the lanes", () => {
  const { released, handler, gate, push } = stage(1000);
  handler.isRunning = true;
  push("first");
  for (const frame of ["a".repeat(250), new Uint8Array(500)]) push(frame);
  assert.equal(released.length, 1);
  push("b");
  assert.equal(released.length, 2);
  push("c".repeat(1001));
  assert.deepEqual(released.slice(2), [new Uint8Array(500), "b", "c".repeat(1001)]);
  gate.clear();
});

test("A burst of large frames lets the event loop turn after every 5 Mi characters", () =>
  withFakeTime(async (time) => {
    const { released, push } = stage();
    const frame = "x".repeat(3_000_000);
    for (let count = 0; count < 5; count++) push(frame);
    assert.equal(released.length, 2);
    await time.advance(0);
    assert.equal(released.length, 4);
    await time.advance(1);
    assert.equal(released.length, 5);
    await time.advance(1);
    assert.equal(time.pendingTimers(), 0);
  }));

test("Once more frames have arrived in a turn than may wait, the remaining frames of that turn do not wait", () =>
  withFakeTime(async (time) => {
    const { released, handler, push } = stage(10_000_000);
    const frame = "x".repeat(3_000_000);
    for (let count = 0; count < 3; count++) push(frame);
    assert.equal(released.length, 2);
    push(frame);
    assert.equal(released.length, 3);
    for (let count = 0; count < 3; count++) push(frame);
    assert.equal(released.length, 7);
    // They still wait for handlers.
    handler.isRunning = true;
    push(frame);
    assert.equal(released.length, 7);
    handler.isRunning = false;
    push(frame);
    assert.equal(released.length, 9);
    await time.advance(1);
    for (let count = 0; count < 3; count++) push(frame);
    assert.equal(released.length, 11);
    await time.advance(1);
    assert.equal(released.length, 12);
    await time.advance(1);
    assert.equal(time.pendingTimers(), 0);
  }));

test("Frames that arrive in separate turns are not delayed", () =>
  withFakeTime(async (time) => {
    const { released, push } = stage();
    const frame = "x".repeat(3_000_000);
    for (let count = 1; count <= 5; count++) {
      push(frame);
      assert.equal(released.length, count);
      await time.advance(1);
    }
  }));
