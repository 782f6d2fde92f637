/**
 * Builds a scenario from the recorded actions of a service and its agents, in chronological order.
 *
 * @module
 */

import { isJsonObject } from "../../internal/json.ts";
import { MAX_TIMER_MS } from "../../internal/number_option.ts";
import { MAX_WAIT_MS } from "../control/input_types.ts";
import type { Fault } from "../faults/fault.ts";
import type {
  ExpectStep,
  Scenario,
  ScenarioEmulatorOptions,
  ScenarioEvent,
  ScenarioStep,
} from "../scenario/scenario.ts";

/** Minimum length of a pause of the service, in ms; shorter ones are left out. */
const MIN_PAUSE_MS = 50;

/** Minimum time limit of an expectation, in ms. */
const MIN_WITHIN_MS = 10_000;

/** Minimum time limit of `SLOW_EVENTS`, in ms: agents take long to start and to back off. */
const MIN_CONNECT_WITHIN_MS = 60_000;

/**
 * Minimum time limit of `SLOW_EVENTS` after a fault that makes the service silent, in ms: agents
 * wait about 2 min for a message or for a response.
 */
const MIN_SILENT_WITHIN_MS = 180_000;

/** Faults that make the service silent. */
const SILENT: ReadonlySet<unknown> = new Set<Fault["action"]>(["hang", "stall"]);

/** Events whose minimum time limit is longer than that of the others. */
const SLOW_EVENTS: ReadonlySet<ScenarioEvent> = new Set([
  "connected",
  "disconnected",
  "discovered",
  "refused",
]);

/** Factor by which an expectation may take longer than recorded. */
const PATIENCE = 3;

/** Time allowed for a scenario in addition to its pauses and its agents' delays, in ms. */
const SLACK_MS = 120_000;

/** A step, and the line of the source that it came from. */
interface PlacedStep {
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

/** When something happened, and its line in the source. */
export interface Moment {
  /** The time, in ms since an arbitrary start. */
  readonly at: number;
  /** The line, from 1. */
  readonly line: number;
}

/** Collects the steps. */
export class ScenarioBuilder {
  readonly #speed: number;
  /** The steps in groups: the fault for a request is added to the group before that request. */
  readonly #groups: PlacedStep[][] = [[], []];
  /** The group that the faults for the next request of a kind are added to. */
  readonly #armed = new Map<string, number>();
  #last: number | undefined;
  #pausesMs = 0;
  #waitsMs = 0;
  #silences = 0;

  /** @param speed How many times faster than it happened. */
  constructor(speed: number) {
    this.#speed = speed;
  }

  /** Advances the time without adding a step. */
  skip({ at }: Moment): void {
    this.#last = at;
  }

  /** Adds an action of the service, after the same delay as recorded. */
  act(step: ScenarioStep, moment: Moment): void {
    this.#pause(moment);
    this.#add(step, moment);
    const fault = "do" in step && step.do === "inject-fault" ? step.with?.fault : undefined;
    if (isSilent(fault)) this.#silences++;
  }

  /** Expects the agent to do what the recorded one did. */
  expect(step: Omit<ExpectStep, "since" | "within">, moment: Moment): void {
    const slow = this.#silences > 0 ? MIN_SILENT_WITHIN_MS : MIN_CONNECT_WITHIN_MS;
    const least = SLOW_EVENTS.has(step.expect) ? slow : MIN_WITHIN_MS;
    // The speed does not change how long an agent takes.
    const patience = this.#sinceLast(moment) * PATIENCE;
    this.#waitsMs += patience;
    const within = Math.min(Math.max(least, patience), MAX_WAIT_MS);
    this.#add({ ...step, since: "start", within: Math.round(within) }, moment);
    this.#last = moment.at;
  }

  /**
   * Injects the fault that hit a request. It has to be injected before the agent sends the request,
   * so the step follows the last request of that kind that succeeded.
   */
  arm(kind: string, fault: Fault, moment: Moment): void {
    if (isSilent(fault)) this.#silences++;
    const group = this.#groups[this.#armed.get(kind) ?? 0];
    const last = group?.at(-1);
    const next = last === undefined ? undefined : sameFault(last.step, fault);
    if (group !== undefined && last !== undefined && next !== undefined) {
      group[group.length - 1] = { ...last, step: inject(fault, next + 1) };
      return;
    }
    group?.push({ step: inject(fault, 1), line: moment.line });
  }

  /** Marks that a request of a kind succeeded: faults for later ones are injected after it. */
  succeeded(kind: string): void {
    // One group for the faults of later requests, and one for the following steps.
    this.#armed.set(kind, this.#groups.push([]) - 1);
    this.#groups.push([]);
  }

  /** Appends steps at the end of the scenario. */
  finally(steps: readonly ScenarioStep[], line: number): void {
    this.#groups.push(steps.map((step) => ({ step, line })));
  }

  /**
   * Returns the scenario.
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
    const silentMs = this.#silences * MIN_SILENT_WITHIN_MS;
    const stepsMs = Math.round(this.#pausesMs + this.#waitsMs) + silentMs;
    const timeoutMs = Math.min(stepsMs + SLACK_MS, MAX_TIMER_MS);
    return { scenario: { ...head, timeoutMs, steps }, lines: placed.map(({ line }) => line) };
  }

  #sinceLast({ at }: Moment): number {
    return this.#last === undefined ? 0 : Math.max(0, at - this.#last);
  }

  #pause(moment: Moment): void {
    let left = this.#sinceLast(moment) / this.#speed;
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

function isSilent(fault: unknown): boolean {
  return isJsonObject(fault) && SILENT.has(fault.action);
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
