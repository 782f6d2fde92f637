import assert from "node:assert/strict";
import process from "node:process";
import { setTimeout as realDelay } from "node:timers/promises";
import { test } from "../testing/test.ts";
import { withVirtualGlobals } from "./globals.ts";
import { drawSchedule } from "./schedule.ts";
import { DAY_MS, runSeed, TRACED_DAYS, TRACED_SEED } from "./seeds.ts";
import { simulate } from "./simulate.ts";
import { VirtualTime } from "./virtual_time.ts";

/** `deno task test:node` sets it to the trace on Deno. */
const TRACE_ON_DENO = process.env["ACS_SIMULATION_SHA256"];

test("The same seed gives the same trace, byte for byte, on each runtime", async () => {
  const one = await runSeed(TRACED_SEED, TRACED_DAYS);
  const other = await runSeed(TRACED_SEED, TRACED_DAYS);
  assert.equal(one.result.broken, undefined);
  assert.ok(one.result.steps > 5_000, `${one.result.steps} steps`);
  assert.equal(other.result.sha256, one.result.sha256);
  if (TRACE_ON_DENO !== undefined) assert.equal(one.result.sha256, TRACE_ON_DENO);
});

test("A different seed gives a different trace", async () => {
  const schedule = drawSchedule(1, DAY_MS / 10, "calm");
  const traces = await Promise.all([1, 2].map(async (seed) => {
    const { sha256 } = await runAlone(() => simulate({ seed, schedule, forMs: DAY_MS / 10 }));
    return sha256;
  }));
  assert.notEqual(traces[0], traces[1]);
});

test("The speed of the machine does not change a trace", async () => {
  const { result: fast } = await runSeed(5, 0.05);
  let count = 0;
  const { result: slow } = await runSeed(5, 0.05, {
    onLine() {
      // Reading the real clock, or a real timer, would now change the result.
      if (++count % 50 === 0) blockFor(2);
    },
  });
  assert.equal(slow.sha256, fast.sha256);
});

test("A call to Math.random during a simulation is a leak, and fails it", async () => {
  const time = new VirtualTime(0);
  const found = await withVirtualGlobals(time, async (leaks) => {
    time.after("machine", 10, () => {
      assert.throws(() => Math.random(), /not repeatable/);
      assert.throws(() => crypto.randomUUID(), /not repeatable/);
    });
    await time.runUntil(20, () => {});
    return leaks.found;
  });
  assert.equal(found.length, 2);
  assert.ok(Math.random() < 1);
});

test("The clocks and timers of a simulation are independent of the real ones", async () => {
  const realBefore = Date.now();
  const time = new VirtualTime(Date.UTC(2030, 0, 1));
  const fired: number[] = [];
  await withVirtualGlobals(time, async () => {
    setTimeout(() => fired.push(Date.now()), 3_600_000);
    const every = setInterval(() => fired.push(performance.now()), 1_000_000);
    await realDelay(5);
    assert.equal(new Date().toISOString(), "2030-01-01T00:00:00.000Z");
    await time.runUntil(3_600_000, () => {});
    clearInterval(every);
  });
  assert.deepEqual(fired, [1_000_000, 2_000_000, 3_000_000, Date.UTC(2030, 0, 1, 1)]);
  assert.ok(Math.abs(Date.now() - realBefore) < 60_000);
});

test("A suspended machine's timers stand still, and its wall clock continues", async () => {
  const time = new VirtualTime(0);
  const seen: Record<string, number> = {};
  await withVirtualGlobals(time, async () => {
    time.after("machine", 0, () => {
      const before = performance.now();
      setTimeout(() => {
        seen["monotonic"] = performance.now() - before;
        seen["wall"] = Date.now();
      }, 1_000);
    });
    time.after("world", 500, () => time.suspend(60_000));
    await time.runUntil(100_000, () => {});
  });
  assert.deepEqual(seen, { monotonic: 1_000, wall: 61_000 });
});

test("A blocked thread's timers are late, and both of its clocks continue", async () => {
  const time = new VirtualTime(0);
  const seen: number[] = [];
  await withVirtualGlobals(time, async () => {
    time.after("machine", 0, () => {
      const before = performance.now();
      setTimeout(() => seen.push(performance.now() - before, Date.now()), 1_000);
    });
    time.after("world", 500, () => time.block(60_000));
    await time.runUntil(100_000, () => {});
  });
  assert.deepEqual(seen, [60_500, 60_500]);
});

test("When a thread is free again, its timers run first, and then everything is read in one turn", async () => {
  const time = new VirtualTime(0);
  const seen: string[] = [];
  await withVirtualGlobals(time, async () => {
    time.after("machine", 0, () => setTimeout(() => seen.push("timer"), 1_000));
    for (const [index, ms] of [700, 800, 900].entries()) {
      time.after("machine", ms, () => {
        seen.push(`frame ${index}`);
        setTimeout(() => seen.push(`timer of frame ${index}`), 0);
        time.work(10);
      });
    }
    time.after("world", 500, () => time.block(60_000));
    await time.runUntil(100_000, () => {});
  });
  assert.deepEqual(seen, [
    "timer",
    ...[0, 1, 2].map((index) => `frame ${index}`),
    ...[0, 1, 2].map((index) => `timer of frame ${index}`),
  ]);
});

/** Two simulations in one process would share the globals. */
let running: Promise<unknown> = Promise.resolve();

function runAlone<T>(run: () => Promise<T>): Promise<T> {
  const result = running.then(run);
  running = result;
  return result;
}

/** The real clock, whatever the global is later. */
const realNow = performance.now.bind(performance);

/** Blocks the real thread. */
function blockFor(ms: number): void {
  const until = realNow() + ms;
  while (realNow() < until) continue;
}
