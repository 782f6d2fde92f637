import assert from "node:assert/strict";
import fc from "fast-check";
import { Deadlines } from "../../wsclient/deadlines.ts";
import { withFakeTime } from "../testing/fakes/fake_time.ts";
import { test } from "../testing/test.ts";

test("Deadlines that are not set cost no timer, and any number of them costs one", () =>
  withFakeTime((time) => {
    const deadlines = new Deadlines();
    const [first, second, third] = [1, 2, 3].map(() => deadlines.add(() => {}));
    assert.ok(first && second && third);
    assert.equal(time.pendingTimers(), 0);
    deadlines.set(first, 300);
    deadlines.set(second, 100);
    deadlines.set(third, 200);
    assert.equal(time.pendingTimers(), 1);
    deadlines.clear();
    assert.equal(time.pendingTimers(), 0);
    return Promise.resolve();
  }));

test("A deadline that is unset does not expire until it is set again", () =>
  withFakeTime(async (time) => {
    let passed = 0;
    const deadlines = new Deadlines();
    const deadline = deadlines.add(() => passed++);
    deadlines.set(deadline, 100);
    deadlines.unset(deadline);
    await time.advance(1000);
    assert.equal(passed, 0);
    deadlines.set(deadline, 100);
    await time.advance(100);
    assert.equal(passed, 1);
    assert.equal(time.pendingTimers(), 0);
  }));

test("A deadline that was cleared by the one before it does not expire", () =>
  withFakeTime(async (time) => {
    const passed: string[] = [];
    const deadlines = new Deadlines();
    const first = deadlines.add(() => {
      passed.push("first");
      deadlines.clear();
    });
    const second = deadlines.add(() => passed.push("second"));
    for (const deadline of [first, second]) deadlines.set(deadline, 100);
    await time.advance(1000);
    deadlines.set(second, 100);
    await time.advance(1000);
    assert.deepEqual(passed, ["first"]);
    assert.equal(time.pendingTimers(), 0);
  }));

test("After the thread was blocked, an expired deadline waits for a second, so that frames that arrived meanwhile are read first", () =>
  withFakeTime(async (time) => {
    const passed: number[] = [];
    const deadlines = new Deadlines();
    const start = performance.now();
    const deadline = deadlines.add(() => passed.push(performance.now() - start));
    deadlines.set(deadline, 60_000);
    time.block(90_000);
    assert.deepEqual(passed, []);
    // A frame that had arrived while the thread was blocked.
    deadlines.set(deadline, 60_000);
    await time.advance(59_999);
    assert.deepEqual(passed, []);
    await time.advance(1);
    assert.deepEqual(passed, [150_000]);
    deadlines.set(deadline, 60_000);
    time.block(90_000);
    await time.advance(1_000);
    assert.deepEqual(passed, [150_000, 241_000]);
  }));

test("A thread that is blocked repeatedly does not keep a deadline from expiring", () =>
  withFakeTime((time) => {
    let passed = 0;
    const deadlines = new Deadlines();
    deadlines.set(deadlines.add(() => passed++), 60_000);
    for (let count = 0; count < 3; count++) time.block(50_000);
    assert.equal(passed, 1);
    return Promise.resolve();
  }));

test("Whatever the order of settings, each deadline expires once, at the time set last", () => {
  const step = fc.record({ which: fc.nat({ max: 2 }), ms: fc.nat(1000), wait: fc.nat(500) });
  return fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), (steps) =>
      withFakeTime(async (time) => {
        const passed: { which: number; at: number }[] = [];
        const expected: { which: number; at: number }[] = [];
        const dueAt = [Infinity, Infinity, Infinity];
        const deadlines = new Deadlines();
        const all = dueAt.map((_, which) =>
          deadlines.add(() => passed.push({ which, at: Date.now() }))
        );
        const advance = async (ms: number) => {
          const until = Date.now() + ms;
          await time.advance(ms);
          for (const [which, at] of dueAt.entries()) {
            if (at > until) continue;
            expected.push({ which, at });
            dueAt[which] = Infinity;
          }
        };
        for (const { which, ms, wait } of steps) {
          const deadline = all[which];
          assert.ok(deadline);
          // Timers wait for at least 1 ms.
          deadlines.set(deadline, 1 + ms);
          dueAt[which] = Date.now() + 1 + ms;
          await advance(wait);
        }
        await advance(2000);
        const inOrder = (found: typeof passed) =>
          found.toSorted((one, other) => one.at - other.at || one.which - other.which);
        assert.deepEqual(inOrder(passed), inOrder(expected));
        assert.equal(time.pendingTimers(), 0);
      })),
    { numRuns: 50 },
  );
});
