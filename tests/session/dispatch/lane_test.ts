import assert from "node:assert/strict";
import {
  emptyLaneHealth,
  Lane,
  type LaneJob,
  type LaneLimits,
} from "../../../session/dispatch/lane.ts";
import { TurnBudget } from "../../../internal/turn_budget.ts";
import { turns, withFakeTime } from "../../testing/fakes/fake_time.ts";
import { DEFAULT_LIMITS } from "../../../session/limits.ts";
import { test } from "../../testing/test.ts";

const STUCK_MS = 60_000;

/** For tests that are about something else. */
const NEVER_MS = 1_000_000_000;

/** A job with its handler. */
interface TestJob extends LaneJob {
  readonly name: string;
  run(): void | Promise<void>;
}

/** A job that a test ends. */
interface HeldJob extends TestJob {
  done(): void;
}

/** Jobs and lanes that record what happens, in order. */
function stage(bounds: Partial<LaneLimits> = {}, backlogMs = NEVER_MS) {
  const log: string[] = [];
  const budget = new TurnBudget(50);
  const lane = (name: string) =>
    new Lane<TestJob>({
      name,
      limits: {
        maxMessages: DEFAULT_LIMITS.maxLaneMessages,
        maxSize: DEFAULT_LIMITS.maxLaneSize,
        maxBytes: 1000,
        ...bounds,
      },
      handle: (job) => job.run(),
      turns: budget,
      stuckMs: STUCK_MS,
      backlogMs,
      onStuck: (lane, job) => log.push(`stuck ${lane} ${job.name}`),
      onBacklogged: (lane, waiting, ms) => log.push(`backlogged ${lane} ${waiting} ${ms}`),
    });
  const held = (name: string, changes: Partial<TestJob> = {}): HeldJob => {
    const gate = Promise.withResolvers<void>();
    return {
      name,
      size: 10,
      receivedAt: performance.now(),
      bytes: 0,
      measure: () => {},
      durationMs: 0,
      done: gate.resolve,
      async run() {
        log.push(`begin ${name}`);
        await gate.promise;
        log.push(`end ${name}`);
      },
      ...changes,
    };
  };
  const quick = (name: string, changes: Partial<TestJob> = {}) => ({
    name,
    size: 10,
    receivedAt: performance.now(),
    bytes: 0,
    measure: () => {},
    durationMs: 0,
    run: () => void log.push(name),
    ...changes,
  });
  /** A job that blocks the thread for this long, in ms. */
  const blocking = (name: string, ms: number) => quick(name, { durationMs: ms });
  return { log, budget, lane, held, quick, blocking };
}

test("Messages of one lane are handled one at a time, in order of arrival", async () => {
  const { log, lane, held, quick } = stage();
  const one = lane("one");
  const jobs = ["a", "b", "c"].map((name) => held(name));
  for (const job of jobs) assert.equal(one.push(job), true);
  one.push(quick("d"));
  assert.deepEqual(log, ["begin a"]);
  for (const job of jobs) {
    job.done();
    await turns(2);
  }
  assert.deepEqual(log, ["begin a", "end a", "begin b", "end b", "begin c", "end c", "d"]);
});

test("An idle lane starts a message immediately, and a synchronous handler delays nothing", () => {
  const { log, lane, quick } = stage();
  const one = lane("one");
  for (let count = 0; count < 3; count++) {
    one.push(quick(`job ${count}`));
    assert.equal(log.length, count + 1);
    assert.equal(one.health().depth, 0);
  }
});

test("A stuck lane does not block another lane", async () => {
  const { log, lane, held, quick } = stage();
  const [one, other] = [lane("one"), lane("other")];
  const stuck = held("stuck");
  one.push(stuck);
  one.push(quick("behind it"));
  other.push(quick("elsewhere"));
  assert.deepEqual(log, ["begin stuck", "elsewhere"]);
  stuck.done();
  await turns(2);
  assert.deepEqual(log.slice(2), ["end stuck", "behind it"]);
});

test("A message that arrives because of a handler is handled after it", async () => {
  const { log, lane, quick } = stage();
  const one = lane("one");
  one.push({
    ...quick("first"),
    run() {
      log.push("first");
      one.push(quick("second"));
      log.push("first still");
    },
  });
  await turns(1);
  assert.deepEqual(log, ["first", "first still", "second"]);
});

test("A copy is found by its key while the first one is queued or running, and not afterwards", async () => {
  const { lane, held, quick } = stage();
  const one = lane("one");
  const running = held("running", { key: "k1" });
  const waiting = quick("waiting", { key: "k2" });
  one.push(running);
  one.push(waiting);
  one.push(quick("without a key"));
  assert.equal(one.find("k1"), running);
  assert.equal(one.find("k2"), waiting);
  assert.equal(one.find("k3"), undefined);
  running.done();
  await turns(2);
  assert.equal(one.find("k1"), undefined);
  assert.equal(one.find("k2"), undefined);
});

test("A lane holds as many queued messages as its limit allows, in addition to the running one", async () => {
  const { log, lane, held, quick } = stage({ maxMessages: 2 });
  const one = lane("one");
  const running = held("running");
  assert.deepEqual(
    [one.push(running), one.push(quick("a")), one.push(quick("b")), one.push(quick("c"))],
    [true, true, true, false],
  );
  assert.equal(one.health().depth, 3);
  running.done();
  await turns(2);
  assert.deepEqual(log.slice(2), ["a", "b"]);
  assert.equal(one.push(quick("c")), true);
});

test("A lane holds as many characters as its limit allows, including the running message", async () => {
  const { lane, held, quick } = stage({ maxSize: 100 });
  const one = lane("one");
  const running = held("running", { size: 60 });
  assert.equal(one.push(running), true);
  assert.equal(one.push(quick("too long", { size: 41 })), false);
  assert.equal(one.push(quick("just fits", { size: 40 })), true);
  assert.equal(one.push(quick("one more", { size: 1 })), false);
  assert.equal(one.health().size, 100);
  running.done();
  await turns(2);
  assert.deepEqual([one.health().size, one.health().depth], [0, 0]);
  assert.equal(one.push(quick("fits now", { size: 100 })), true);
  assert.equal(one.push(quick("never fits", { size: 101 })), false);
});

test("A handler that blocks its lane for too long is reported once, and the next one gets its own deadline", () =>
  withFakeTime(async (time) => {
    const { log, lane, held } = stage();
    const one = lane("one");
    const [first, second] = [held("first"), held("second")];
    one.push(first);
    one.push(second);
    await time.advance(STUCK_MS - 1);
    assert.equal(one.health().stuck, false);
    await time.advance(1);
    assert.deepEqual(log, ["begin first", "stuck one first"]);
    assert.equal(one.health().stuck, true);
    await time.advance(10 * STUCK_MS);
    assert.equal(log.length, 2);
    first.done();
    await time.advance(STUCK_MS - 1);
    assert.equal(one.health().stuck, false);
    assert.deepEqual(log.slice(2), ["end first", "begin second"]);
    await time.advance(1);
    assert.equal(log.at(-1), "stuck one second");
    second.done();
    await time.advance(0);
    assert.equal(time.pendingTimers(), 0);
    assert.equal(one.health().stuck, false);
  }));

test("A lane that is stopped permanently drops its queue, and no longer reports a stuck handler", () =>
  withFakeTime(async (time) => {
    const { log, lane, held, quick } = stage();
    const one = lane("one");
    const running = held("running");
    const waiting = quick("waiting");
    one.push(running);
    one.push(waiting);
    assert.deepEqual(one.stop(), [waiting]);
    assert.equal(time.pendingTimers(), 0);
    await time.advance(10 * STUCK_MS);
    assert.deepEqual(log, ["begin running"]);
    running.done();
    await one.idle();
    assert.deepEqual(one.stop(), []);
  }));

test("Handlers that finish in time leave no timer behind", () =>
  withFakeTime(async (time) => {
    const { lane, held, quick } = stage();
    const one = lane("one");
    const job = held("job");
    one.push(quick("quick"));
    assert.equal(time.pendingTimers(), 0);
    one.push(job);
    assert.equal(time.pendingTimers(), 1);
    job.done();
    await turns(2);
    assert.equal(time.pendingTimers(), 0);
  }));

test("A handler that starts right after another is reported as stuck when its own time limit is over", () =>
  withFakeTime(async (time) => {
    const { log, lane, held } = stage();
    const one = lane("one");
    const [first, second] = [held("first"), held("second")];
    one.push(first);
    one.push(second);
    await time.advance(STUCK_MS - 10);
    first.done();
    await time.advance(STUCK_MS - 1);
    assert.deepEqual(log, ["begin first", "end first", "begin second"]);
    assert.equal(time.pendingTimers(), 1);
    await time.advance(1);
    assert.equal(log.at(-1), "stuck one second");
    second.done();
    await time.advance(0);
    assert.equal(time.pendingTimers(), 0);
  }));

test("A lane's health has its depth, its size and the age of the oldest message", () =>
  withFakeTime(async (time) => {
    const { lane, held } = stage();
    const one = lane("one");
    const idle = emptyLaneHealth("one");
    assert.deepEqual(one.health(), idle);
    const first = held("first", { size: 1 });
    one.push(first);
    await time.advance(1000);
    const second = held("second", { size: 2 });
    one.push(second);
    await time.advance(500);
    const two = { ...idle, depth: 2, size: 3, oldestAgeMs: 1500, oldestWaitingMs: 500 };
    assert.deepEqual(one.health(), two);
    first.done();
    await time.advance(500);
    assert.deepEqual(one.health(), { ...idle, depth: 1, size: 2, oldestAgeMs: 1000 });
    second.done();
    await time.advance(0);
    assert.deepEqual(one.health(), idle);
  }));

test("Waiting for a lane to become idle ends when nothing is running or queued", async () => {
  const { lane, held } = stage();
  const one = lane("one");
  await one.idle();
  const jobs = [held("a"), held("b")];
  for (const job of jobs) one.push(job);
  let idle = 0;
  const waiting = [1, 2].map(() => one.idle().then(() => idle++));
  jobs[0]?.done();
  await turns(2);
  assert.equal(idle, 0);
  jobs[1]?.done();
  await Promise.all(waiting);
  assert.equal(idle, 2);
  await one.idle();
});

test("Waiting for idle also ends when the queued messages are removed", async () => {
  const { lane, held } = stage();
  const one = lane("one");
  const running = held("running");
  one.push(running);
  one.push(held("never begun"));
  const idle = one.idle();
  one.stop();
  running.done();
  await idle;
});

test("A thousand quick messages behind a slow one are handled in order, without a deep stack", async () => {
  const { log, lane, held, quick } = stage();
  const one = lane("one");
  const slow = held("slow");
  one.push(slow);
  const names = Array.from({ length: DEFAULT_LIMITS.maxLaneMessages }, (_, index) => `${index}`);
  for (const name of names) assert.equal(one.push(quick(name)), true);
  assert.equal(one.push(quick("one too many")), false);
  slow.done();
  await one.idle();
  assert.deepEqual(log, ["begin slow", "end slow", ...names]);
});

test("The event loop turns between messages that block the thread", () =>
  withFakeTime(async (time) => {
    const { log, lane, blocking } = stage();
    const one = lane("one");
    setTimeout(() => log.push("a timer"), 0);
    for (const name of ["a", "b", "c"]) one.push(blocking(name, 300));
    const idle = one.idle();
    assert.deepEqual(log, ["a"]);
    assert.equal(one.health().depth, 2);
    assert.equal(one.isHandling, false, "frames are released meanwhile");
    await time.advance(0);
    assert.deepEqual(log, ["a", "a timer", "b"]);
    await time.advance(1);
    assert.equal(log.at(-1), "c");
    await idle;
    await time.advance(1);
    assert.equal(time.pendingTimers(), 0);
  }));

test("Fast messages never wait for the event loop, however many there are", () =>
  withFakeTime((time) => {
    const { log, lane, blocking } = stage({ maxMessages: 4 });
    const one = lane("one");
    for (let count = 0; count < 10_000; count++) one.push(blocking("fast", 0.01));
    assert.equal(log.length, 10_000);
    return time.advance(1);
  }));

test("A lane that is half full no longer waits for the event loop, so that a fast handler never overflows it", () =>
  withFakeTime(async (time) => {
    const { log, lane, blocking } = stage({ maxMessages: 4 });
    const one = lane("one");
    for (const name of "abcdefgh") assert.equal(one.push(blocking(name, 60)), true);
    assert.deepEqual(log, [..."abcdef"]);
    assert.equal(one.health().depth, 2);
    for (let turn = 0; turn < 3; turn++) await time.advance(1);
    assert.deepEqual(log, [..."abcdefgh"]);
    assert.equal(time.pendingTimers(), 0);
  }));

test("A lane that was half full and did not wait later returns to one message per turn", () =>
  withFakeTime(async (time) => {
    const { log, lane, blocking } = stage({ maxMessages: 4 });
    const one = lane("one");
    for (const name of "abcdef") one.push(blocking(name, 60));
    assert.deepEqual(log, [..."abcd"]);
    await time.advance(0);
    assert.deepEqual(log, [..."abcde"]);
    await time.advance(1);
    assert.deepEqual(log, [..."abcdef"]);
  }));

test("A message that blocked the thread makes other lanes wait for the event loop, too", () =>
  withFakeTime(async (time) => {
    const { log, lane, quick, blocking } = stage();
    lane("one").push(blocking("a", 60));
    const other = lane("other");
    other.push(quick("b"));
    assert.deepEqual(log, ["a"]);
    await time.advance(1);
    assert.deepEqual(log, ["a", "b"]);
  }));

test("An async handler that blocks the thread lets the event loop turn before the next one", () =>
  withFakeTime(async (time) => {
    const { log, lane, quick } = stage();
    const one = lane("one");
    const jobs = ["a", "b"].map((name) =>
      quick(name, {
        durationMs: 300,
        async run() {
          log.push(name);
          await undefined;
        },
      })
    );
    for (const job of jobs) one.push(job);
    await turns(1);
    assert.deepEqual(log, ["a"]);
    await time.advance(1);
    assert.deepEqual(log, ["a", "b"]);
  }));

test("Messages that together take less than one turn need not wait", () =>
  withFakeTime(async (time) => {
    const { log, lane, blocking } = stage();
    const one = lane("one");
    for (const name of ["a", "b", "c", "d"]) one.push(blocking(name, 12));
    assert.equal(log.length, 4);
    one.push(blocking("e", 12));
    one.push(blocking("f", 12));
    assert.equal(log.length, 5);
    await time.advance(1);
    assert.equal(log.length, 6);
  }));

test("An event loop that turns anyway is not waited for", () =>
  withFakeTime(async (time) => {
    const { log, lane, blocking } = stage();
    const one = lane("one");
    for (let count = 1; count <= 20; count++) {
      one.push(blocking("job", 40));
      assert.equal(log.length, count);
      await time.advance(1);
    }
  }));

test("A lane that is stopped while it waits for the event loop is idle", () =>
  withFakeTime(async (time) => {
    const { log, budget, lane, blocking } = stage();
    const one = lane("one");
    for (const name of ["a", "b"]) one.push(blocking(name, 300));
    const idle = one.idle();
    assert.equal(one.stop().length, 1);
    budget.stop();
    await idle;
    budget.spend(300);
    assert.deepEqual([log, time.pendingTimers()], [["a"], 0]);
  }));

test("After an asynchronous handler, the next one does not wait for the event loop", () =>
  withFakeTime(async (time) => {
    const { log, lane, held } = stage();
    const one = lane("one");
    const [first, second] = [held("first", { durationMs: 900_000 }), held("second")];
    one.push(first);
    one.push(second);
    await time.advance(1);
    first.done();
    await turns(1);
    assert.deepEqual(log, ["begin first", "end first", "begin second"]);
    second.done();
    await turns(1);
    assert.equal(time.pendingTimers(), 0);
  }));

test("A lane whose handler does not keep up is reported once, and again after it has recovered", () =>
  withFakeTime(async (time) => {
    const { log, lane, held, quick } = stage({}, 180_000);
    const one = lane("one");
    const handle = async (job: HeldJob) => {
      await time.advance(40_000);
      job.done();
      await turns(2);
    };
    const fall = async () => {
      log.length = 0;
      const jobs = Array.from({ length: 8 }, (_, index) => held(`${index}`));
      for (const job of jobs) one.push(job);
      one.push(quick("last"));
      for (const job of jobs.slice(0, 4)) await handle(job);
      assert.equal(one.health().backlogged, false);
      assert.ok(!log.join().includes("backlogged"));
      for (const job of jobs.slice(4)) {
        await time.advance(20_000);
        assert.equal(one.health().backlogged, true);
        await handle(job);
      }
      assert.equal(log.at(-1), "last");
      assert.deepEqual(one.health(), emptyLaneHealth("one"));
      return log.filter((entry) => entry.startsWith("backlogged"));
    };
    assert.deepEqual(await fall(), ["backlogged one 4 180000"]);
    assert.equal(time.pendingTimers(), 0);
    assert.deepEqual(await fall(), ["backlogged one 4 180000"]);
    assert.equal(time.pendingTimers(), 0);
  }));

test("A lane holds as much memory as its limit allows, and measures messages only when it has to", async () => {
  const { lane, quick, held } = stage();
  const one = lane("one");
  const measured: string[] = [];
  /** A message whose size limit is 100 bytes, and whose measured size is 30. */
  const small = (name: string) => {
    const job = quick(name, {
      bytes: 100,
      measure() {
        measured.push(name);
        Object.assign(job, { bytes: 30 });
      },
    });
    return job;
  };
  const running = held("running", { bytes: 100 });
  one.push(running);
  for (let index = 1; index <= 9; index++) assert.equal(one.push(small(`${index}`)), true);
  assert.deepEqual(measured.splice(0), []);
  assert.equal(one.push(small("10")), true);
  assert.deepEqual(measured.splice(0), ["10", "1"]);
  let count = 10;
  while (one.push(small(`${++count}`)));
  assert.equal(count, 31, "100 bytes, and 30 times 30");
  running.done();
  await one.idle();
  assert.equal(one.push(quick("all of it", { bytes: 1000 })), true);
});

test("A message that is larger than a whole lane is distinguished from one that does not fit at the moment", async () => {
  const { lane, quick, held } = stage();
  const one = lane("one");
  const running = held("running", { bytes: 10 });
  one.push(running);
  const [large, tooLarge] = [quick("large", { bytes: 1000 }), quick("too large", { bytes: 1001 })];
  assert.deepEqual([one.push(large), one.isTooLarge(large)], [false, false]);
  assert.deepEqual([one.push(tooLarge), one.isTooLarge(tooLarge)], [false, true]);
  running.done();
  await one.idle();
  assert.deepEqual([one.push(large), one.push(tooLarge)], [true, false]);
});
