/**
 * Runs one simulation.
 *
 * @module
 */

import process from "node:process";
import { configureSync, resetSync } from "@logtape/logtape";
import type { TranscriptEntry } from "../../emulator/acs/transcript.ts";
import { withVirtualGlobals } from "./globals.ts";
import { INVARIANTS } from "./invariants/invariants.ts";
import type { FaultKind } from "./faults.ts";
import { type Checks, Observer } from "./observer.ts";
import type { ScheduleItem } from "./schedule.ts";
import { Trace } from "./trace.ts";
import { VirtualTime } from "./virtual_time.ts";
import { World } from "./world.ts";

/** What to simulate. */
export interface SimulationOptions {
  /** Determines everything that the schedule does not. */
  readonly seed: number;
  /** What happens. */
  readonly schedule: readonly ScheduleItem[];
  /** For how long, in true ms. */
  readonly forMs: number;
  /** How many container instances the service has; 1 by default. */
  readonly instances?: number;
  /** Collects garbage, so that the live memory can be measured. */
  readonly collectGarbage?: (() => void) | undefined;
  /** Called with each line of the trace. */
  readonly onLine?: (line: string) => void;
  /** Observes the world, too. */
  readonly observe?: (world: World) => Checks;
}

/** A violated invariant. */
export interface BrokenInvariant {
  /** The invariant. */
  readonly says: string;
  /** What broke it. */
  readonly what: string;
  /** The step at which it was noticed. */
  readonly step: number;
  /** When, in true ms after the start. */
  readonly atMs: number;
  /** The faults active at that time. */
  readonly activeFaults: readonly FaultKind[];
}

/** The result of a simulation. */
export interface SimulationResult {
  /** The simulated time, in ms. */
  readonly simulatedMs: number;
  /** How many steps it had. */
  readonly steps: number;
  /** The SHA-256 of the trace. */
  readonly sha256: string;
  /** The newest lines of the trace. */
  readonly newest: readonly string[];
  /** The newest entries of the service's transcript. */
  readonly transcript: readonly TranscriptEntry[];
  /** How often the session began to connect. */
  readonly connects: number;
  /** How many frames reached the session. */
  readonly messages: number;
  /** How often each kind of fault happened. */
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** The longest time from the end of all faults until the session was ready, in ms. */
  readonly worstRecoveryMs: number;
  /** How long the session was ready after it should have noticed that nothing reaches it, in ms. */
  readonly wrongReadyMs: number;
  /** How much of the time in which a session existed it was ready, from 0 to 1. */
  readonly readyShare: number;
  /** How much CPU time it took, in ms. */
  readonly cpuMs: number;
  /** How much memory was in use at the end, in bytes; the live memory if garbage is collected. */
  readonly heapBytes: number;
  /** How much live memory was added after the first day, in bytes. */
  readonly grownBytes: number;
  /** The violated invariant; `undefined` if all held. */
  readonly broken: BrokenInvariant | undefined;
}

/** When every simulation starts, in ms since the epoch. */
export const START: number = Date.UTC(2026, 0, 1);

/** Time between two expensive checks, in ms. */
const LOOK_MS = 10_000;

/** The same, once nothing has been wrong for `LONG_CALM_MS`. */
const CALM_LOOK_MS = 60_000;

/** Everything has recovered by then, in ms. */
const LONG_CALM_MS = 2 * 3_600_000;

/** After this time nothing has a reason to use more memory, in ms. */
const HEAP_SETTLES_MS = 3 * 86_400_000;

/** How long everything may take to stop after the end, in ms. */
const END_MS = 15 * 60_000;

class InvariantBroken extends Error {}

/** Runs a simulation until its end, or until an invariant is violated. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, schedule, forMs, onLine, instances = 1 } = options;
  const startedCpu = process.cpuUsage();
  const time = new VirtualTime(START);
  const trace = new Trace(() => time.elapsedMs, onLine);
  const observer = new Observer(trace);
  const { collectGarbage } = options;
  return await withVirtualGlobals(time, async (leaks) => {
    configureSync({
      reset: true,
      sinks: { observer: (record) => observer.logged(record) },
      loggers: [
        { category: ["acs"], sinks: ["observer"], lowestLevel: "trace" },
        { category: ["logtape", "meta"], sinks: [], lowestLevel: "fatal" },
      ],
    });
    const world = new World({ time, seed, trace, observer, instances });
    let broken: BrokenInvariant | undefined;
    const checks = INVARIANTS.map(({ says, check }) =>
      check(world, (what) => {
        broken ??= {
          says,
          what,
          step: time.steps,
          atMs: time.elapsedMs,
          activeFaults: world.activeFaults,
        };
      }, leaks)
    );
    observer.notify([
      ...checks,
      world.readiness.checks(),
      ...(options.observe === undefined ? [] : [options.observe(world)]),
    ]);
    const afterStep = () => {
      observer.step();
      if (broken !== undefined) throw new InvariantBroken(broken.says);
    };
    let isOver = false;
    const look = () => {
      if (isOver) return;
      world.readiness.look();
      if (!time.isMachineFrozen) observer.look();
      time.after("world", world.calmForMs > LONG_CALM_MS ? CALM_LOOK_MS : LOOK_MS, look);
    };
    const heapBytes = () => {
      collectGarbage?.();
      return process.memoryUsage().heapUsed;
    };
    let firstHeapBytes: number | undefined;
    let lastHeapBytes: number | undefined;
    if (collectGarbage !== undefined) {
      time.after("world", HEAP_SETTLES_MS, () => firstHeapBytes = heapBytes());
    }
    try {
      time.after("world", LOOK_MS, look);
      world.start(schedule);
      await time.runUntil(forMs, afterStep);
      isOver = true;
      world.stop();
      await time.runUntil(forMs + END_MS, afterStep);
      observer.over();
      afterStep();
      lastHeapBytes = heapBytes();
    } catch (error) {
      if (!(error instanceof InvariantBroken)) throw error;
      trace.add("broken", error.message);
      trace.end();
      // Sessions of one process share timers: none may be left for the next simulation.
      world.end();
      await time.runUntil(Math.max(time.elapsedMs, time.frozenUntilMs) + END_MS, () => {});
    } finally {
      resetSync();
      world.service.emulator.stop();
    }
    const { user, system } = process.cpuUsage(startedCpu);
    return {
      simulatedMs: broken?.atMs ?? time.elapsedMs,
      steps: time.steps,
      sha256: trace.sha256(),
      newest: trace.newest,
      transcript: world.service.emulator.transcript.entries,
      connects: observer.counts.connects,
      messages: observer.counts.messages,
      faults: world.faultCounts,
      worstRecoveryMs: world.readiness.worstRecoveryMs,
      wrongReadyMs: world.readiness.wrongMs,
      readyShare: world.readiness.readyMs / Math.max(1, world.readiness.runningMs),
      cpuMs: (user + system) / 1000,
      heapBytes: lastHeapBytes ?? heapBytes(),
      grownBytes: (lastHeapBytes ?? 0) - (firstHeapBytes ?? lastHeapBytes ?? 0),
      broken,
    };
  });
}
