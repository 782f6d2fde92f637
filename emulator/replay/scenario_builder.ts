/**
 * Builds a scenario from what a service and its agents did, in the order in which it happened.
 *
 * @module
 */

import { MAX_WAIT_MS } from "../control/input_types.ts";
import type { Fault } from "../faults/fault.ts";
import type {
  ExpectStep,
  Scenario,
  ScenarioEmulatorOptions,
  ScenarioEvent,
  ScenarioStep,
} from "../scenario/scenario.ts";

/** Shorter pauses of the service are not repeated, in ms. */
const MIN_PAUSE_MS = 50;

/** The time limit of an expectation is at least this long, in ms. */
const MIN_WITHIN_MS = 10_000;

/**
 * The time limit of connections, their ends and refused requests is at least this long, in ms: agents
 * start, back off, and notice a dead connection late.
 */
const MIN_CONNECT_WITHIN_MS = 60_000;

/** The events with the longer time limit. */
const SLOW_EVENTS: ReadonlySet<ScenarioEvent> = new Set([
  "connected",
  "disconnected",
  "discovered",
  "refused",
]);

/** An expectation may take this many times its recorded duration. */
const PATIENCE = 3;

/** The time that a scenario may take beyond its pauses, in ms. */
const SLACK_MS = 120_000;

/** A step, and the line of the source that it came from. */
interface Placed {
  readonly step: ScenarioStep;
  readonly line: number;
}

/** A scenario, and the line of the source that each step came from. */
export interface BuiltScenario {
  /** The scenario. */
  readonly scenario: Scenario;
  /** The line for each step, from 1. */
  readonly lines: readonly number[];
}

/** Where something happened: its time, in ms, and its line in the source. */
export interface Moment {
  /** The time, in ms since an arbitrary moment. */
  readonly at: number;
  /** The line, from 1. */
  readonly line: number;
}

/** Collects the steps. */
export class ScenarioBuilder {
  readonly #speed: number;
  /** The steps in groups: faults for later requests are added to the group before those requests. */
  readonly #groups: Placed[][] = [[], []];
  /** The group that the faults for the next request of a kind are added to. */
  readonly #armed = new Map<string, number>();
  #last: number | undefined;
  #pausesMs = 0;

  /** @param speed How many times faster than it happened. */
  constructor(speed: number) {
    this.#speed = speed;
  }

  /** Notes that something happened that is not a step. */
  passed({ at }: Moment): void {
    this.#last = at;
  }

  /** The service did something; the same time passes after the previous event. */
  act(step: ScenarioStep, moment: Moment): void {
    this.#pause(moment);
    this.#add(step, moment);
  }

  /** The agent did something, which is expected of any agent. */
  expect(step: Omit<ExpectStep, "since" | "within">, moment: Moment): void {
    const least = SLOW_EVENTS.has(step.expect) ? MIN_CONNECT_WITHIN_MS : MIN_WITHIN_MS;
    const within = Math.min(Math.max(least, this.#sinceLast(moment) * PATIENCE), MAX_WAIT_MS);
    this.#add({ ...step, since: "start", within: Math.round(within) }, moment);
    this.#last = moment.at;
  }

  /**
   * A request was hit by a fault, which must be there before the agent makes it: right after the last
   * request of its kind that succeeded.
   */
  arm(kind: string, fault: Fault, moment: Moment): void {
    const group = this.#groups[this.#armed.get(kind) ?? 0];
    const last = group?.at(-1);
    const next = last === undefined ? undefined : sameFault(last.step, fault);
    if (group !== undefined && last !== undefined && next !== undefined) {
      group[group.length - 1] = { ...last, step: inject(fault, next + 1) };
      return;
    }
    group?.push({ step: inject(fault, 1), line: moment.line });
  }

  /** A request of a kind succeeded: faults of later ones come after it. */
  succeeded(kind: string): void {
    // The group for the faults, and the next one for what follows.
    this.#armed.set(kind, this.#groups.push([]) - 1);
    this.#groups.push([]);
  }

  /** Adds steps after all others. */
  finally(steps: readonly ScenarioStep[], line: number): void {
    this.#groups.push(steps.map((step) => ({ step, line })));
  }

  /**
   * The scenario.
   *
   * @param head Its name, description and options.
   */
  build(
    head: {
      readonly name: string;
      readonly description: string;
      readonly emulator: ScenarioEmulatorOptions;
    },
  ): BuiltScenario {
    const placed = this.#groups.flat();
    const used = JSON.stringify(placed.map(({ step }) => step));
    const steps = placed.map(({ step }) => withoutUnusedName(step, used));
    const timeoutMs = Math.min(Math.round(this.#pausesMs) + SLACK_MS, MAX_WAIT_MS);
    return { scenario: { ...head, timeoutMs, steps }, lines: placed.map(({ line }) => line) };
  }

  #sinceLast({ at }: Moment): number {
    return this.#last === undefined ? 0 : Math.max(0, at - this.#last) / this.#speed;
  }

  #pause(moment: Moment): void {
    let left = this.#sinceLast(moment);
    this.#last = moment.at;
    if (left < MIN_PAUSE_MS) return;
    this.#pausesMs += left;
    while (left > 0) {
      const pause = Math.round(Math.min(left, MAX_WAIT_MS));
      left -= MAX_WAIT_MS;
      if (pause > 0) this.#add({ pause }, moment);
    }
  }

  #add(step: ScenarioStep, { line }: Moment): void {
    this.#groups.at(-1)?.push({ step, line });
  }
}

function inject(fault: Fault, next: number): ScenarioStep {
  return { do: "inject-fault", with: { fault, next } };
}

/** How often a step injects the same fault; `undefined` if it does something else. */
function sameFault(step: ScenarioStep, fault: Fault): number | undefined {
  if (!("do" in step) || step.do !== "inject-fault") return undefined;
  const { fault: other, next } = step.with ?? {};
  const isSame = JSON.stringify(other) === JSON.stringify(fault) && typeof next === "number";
  return isSame ? next : undefined;
}

function withoutUnusedName(step: ScenarioStep, used: string): ScenarioStep {
  if (!("as" in step) || step.as === undefined) return step;
  if (used.includes(`"$${step.as}.`)) return step;
  const { as: _, ...rest } = step;
  return rest;
}
