import assert from "node:assert/strict";
import { FrameGate } from "../../wsclient/frame_gate.ts";
import { turns, withFakeTime } from "../testing/fakes/fake_time.ts";
import { test } from "../testing/test.ts";

/** A gate in front of a handler that a test starts and ends, and the frames it has released. */
function stage(maxWaitingBytes = 100_000_000) {
  const admitted: (string | Uint8Array)[] = [];
  const handler = { isBusy: false, isSlow: false };
  const gate = new FrameGate({
    maxWaitingBytes,
    isBusy: () => handler.isBusy && !handler.isSlow,
    countAsSlow: () => void (handler.isSlow = true),
    admit(frame) {
      admitted.push(frame);
      return frame.length;
    },
  });
  return { admitted, handler, gate };
}

test("Frames are released immediately while no handler is running", () => {
  const { admitted, gate } = stage();
  for (const frame of ["a", "b", "c"]) gate.take(frame);
  assert.deepEqual(admitted, ["a", "b", "c"]);
});

test("A frame that arrives while a handler is running is released as soon as that is done", async () => {
  const { admitted, handler, gate } = stage();
  handler.isBusy = true;
  gate.take("a");
  gate.take("b");
  gate.take("c");
  assert.deepEqual(admitted, ["a"]);
  await Promise.resolve();
  assert.deepEqual(admitted, ["a"]);
  handler.isBusy = false;
  await turns(1);
  assert.deepEqual(admitted, ["a", "b", "c"]);
  gate.take("d");
  assert.deepEqual(admitted, ["a", "b", "c", "d"]);
});

test("A handler that does not finish holds frames back for no longer than the event loop turns", async () => {
  const { admitted, handler, gate } = stage();
  handler.isBusy = true;
  for (const frame of ["a", "b", "c"]) gate.take(frame);
  await turns(1);
  assert.deepEqual(admitted, ["a", "b", "c"]);
});

test("If a handler has not finished by then, later frames are released immediately", async () => {
  const { admitted, handler, gate } = stage();
  handler.isBusy = true;
  for (const frame of ["a", "b"]) gate.take(frame);
  await turns(1);
  for (const frame of ["c", "d"]) gate.take(frame);
  assert.deepEqual(admitted, ["a", "b", "c", "d"]);
  // The next handler is waited for again.
  handler.isSlow = false;
  for (const frame of ["e", "f"]) gate.take(frame);
  assert.deepEqual(admitted, ["a", "b", "c", "d", "e"]);
  handler.isBusy = false;
  await turns(1);
  assert.deepEqual(admitted, ["a", "b", "c", "d", "e", "f"]);
});

test("The end of a connection waits for the frames before it, and for nothing else", async () => {
  const { admitted, handler, gate } = stage();
  gate.take("a");
  gate.whenEmpty(() => void admitted.push("end"));
  assert.deepEqual(admitted.splice(0), ["a", "end"]);
  handler.isBusy = true;
  for (const frame of ["a", "b", "c"]) gate.take(frame);
  gate.whenEmpty(() => void admitted.push("end"));
  assert.deepEqual(admitted, ["a"]);
  await turns(1);
  assert.deepEqual(admitted, ["a", "b", "c", "end"]);
});

test("Waiting frames and waiters can be dropped", async () => {
  const { admitted, handler, gate } = stage();
  handler.isBusy = true;
  for (const frame of ["a", "b"]) gate.take(frame);
  gate.whenEmpty(() => void admitted.push("end"));
  gate.clear();
  await turns(1);
  assert.deepEqual(admitted, ["a"]);
});

test("If more bytes are waiting than allowed, the oldest frames are released, and the lanes decide", () => {
  const { admitted, handler, gate } = stage(1000);
  handler.isBusy = true;
  gate.take("first");
  for (const frame of ["a".repeat(250), new Uint8Array(500)]) gate.take(frame);
  assert.equal(admitted.length, 1);
  gate.take("b");
  assert.equal(admitted.length, 2);
  gate.take("c".repeat(1000));
  assert.deepEqual(admitted.slice(2), [new Uint8Array(500), "b", "c".repeat(1000)]);
  gate.clear();
});

test("A burst of large frames lets the event loop turn after every 5 Mi characters", () =>
  withFakeTime(async (time) => {
    const { admitted, gate } = stage();
    const frame = "x".repeat(3_000_000);
    for (let count = 0; count < 5; count++) gate.take(frame);
    assert.equal(admitted.length, 2);
    await time.advance(0);
    assert.equal(admitted.length, 4);
    await time.advance(1);
    assert.equal(admitted.length, 5);
    await time.advance(1);
    assert.equal(time.pendingTimers(), 0);
  }));

test("Frames that arrive in separate turns are not delayed", () =>
  withFakeTime(async (time) => {
    const { admitted, gate } = stage();
    const frame = "x".repeat(3_000_000);
    for (let count = 1; count <= 5; count++) {
      gate.take(frame);
      assert.equal(admitted.length, count);
      await time.advance(1);
    }
  }));
