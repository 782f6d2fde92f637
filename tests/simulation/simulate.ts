/**
 * Runs one simulation.
 *
 * @module
 */

import process from "node:process";
import type { TranscriptEntry } from "../../emulator/acs/transcript.ts";
import { withVirtualGlobals } from "./globals.ts";
import { type Sentence, SENTENCES } from "./invariants.ts";
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
  /** Called with each line of the trace. */
  readonly onLine?: (line: string) => void;
  /** Observes the world, too. */
  readonly observe?: (world: World) => Checks;
}

/** A violated invariant. */
export interface BrokenSentence {
  /** The sentence. */
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
  /** How long the session was ready although an invariant forbids it, in ms. */
  readonly wrongReadyMs: number;
  /** How much CPU time it took, in ms. */
  readonly cpuMs: number;
  /** How much memory was in use at the end, in bytes. */
  readonly heapBytes: number;
  /** The violated invariant; `undefined` if all held. */
  readonly broken: BrokenSentence | undefined;
}

/** When every simulation starts. */
const START = Date.UTC(2026, 0, 1);

/** Time between two expensive checks, in ms. */
const LOOK_MS = 10_000;

/** How long everything may take to stop after the end, in ms. */
const END_MS = 15 * 60_000;

class SentenceBroken extends Error {}

/** Runs a simulation until its end, or until an invariant is violated. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, schedule, forMs, onLine } = options;
  const startedCpu = process.cpuUsage();
  const time = new VirtualTime(START);
  const trace = new Trace(() => time.elapsedMs, onLine);
  const observer = new Observer(trace);
  return await withVirtualGlobals(time, async (leaks) => {
    const world = new World({ time, seed, trace, observer });
    let broken: BrokenSentence | undefined;
    const checks = SENTENCES.map(({ says, check }: Sentence) =>
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
    observer.notify(options.observe === undefined ? checks : [...checks, options.observe(world)]);
    const afterStep = () => {
      observer.step();
      if (broken !== undefined) throw new SentenceBroken(broken.says);
    };
    const recovery = new RecoveryWatch(world);
    let isOver = false;
    const look = () => {
      if (isOver) return;
      recovery.look();
      if (!time.isMachineFrozen) observer.look();
      time.after("world", LOOK_MS, look);
    };
    try {
      time.after("world", LOOK_MS, look);
      world.start(schedule);
      await time.runUntil(forMs, afterStep);
      isOver = true;
      world.agent.stop();
      await time.runUntil(forMs + END_MS, afterStep);
      observer.over();
      afterStep();
    } catch (error) {
      if (!(error instanceof SentenceBroken)) throw error;
      trace.add("broken", error.message);
    } finally {
      world.service.emulator.stop();
    }
    const { user, system } = process.cpuUsage(startedCpu);
    return {
      simulatedMs: time.elapsedMs,
      steps: time.steps,
      sha256: trace.sha256(),
      newest: trace.newest,
      transcript: world.service.emulator.transcript.entries,
      connects: observer.counts.connects,
      messages: observer.counts.messages,
      faults: world.faultCounts,
      worstRecoveryMs: recovery.worstMs,
      // A check finds it, and ends the simulation.
      wrongReadyMs: broken?.says.includes("not ready") ? LOOK_MS : 0,
      cpuMs: (user + system) / 1000,
      heapBytes: process.memoryUsage().heapUsed,
      broken,
    };
  });
}

/** Measures how long the session takes to be ready after the last fault. */
class RecoveryWatch {
  readonly #world: World;
  #wasCalm = true;
  #isAwaited = false;
  worstMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  look(): void {
    const { calmForMs, agent: { session }, time } = this.#world;
    const isCalm = calmForMs > 0;
    if (isCalm && !this.#wasCalm) this.#isAwaited = true;
    if (!isCalm) this.#isAwaited = false;
    this.#wasCalm = isCalm;
    if (!this.#isAwaited || session === undefined || time.isMachineFrozen) return;
    if (!time.as("machine", () => session.health().ready)) return;
    this.#isAwaited = false;
    this.worstMs = Math.max(this.worstMs, calmForMs);
  }
}
