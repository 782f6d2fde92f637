/**
 * Plays a scenario against the agents that connect.
 *
 * @module
 */

import { delay } from "../../internal/delay.ts";
import { checkNumber } from "../../internal/number_option.ts";
import { checkOptionNames, type OptionNames } from "../../internal/option_names.ts";
import { abortable, timeLimit } from "../../internal/time_limit.ts";
import type { EmulatorService } from "../emulator_service.ts";
import { OPERATIONS } from "../control/operations.ts";
import { InvalidInputError } from "../control/input_error.ts";
import { checkScenario } from "./check_scenario.ts";
import { EntryWindow, ExpectationError, expectAtMost, expectEntries } from "./expectation.ts";
import { resolve } from "./references.ts";
import type {
  DoStep,
  PlayOptions,
  Scenario,
  ScenarioReport,
  ScenarioStep,
  StepReport,
} from "./scenario.ts";
import { parseStep } from "./step_input.ts";
import { stepTitle } from "./step_title.ts";

/** Default time limit of a whole scenario, in ms. */
const DEFAULT_TIMEOUT_MS = 60_000;

/** Default time limit of an expectation, in ms. */
const DEFAULT_WITHIN_MS = 10_000;

const OPTION_NAMES: OptionNames<PlayOptions> = {
  signal: true,
  timeoutMs: true,
  keepGoing: true,
  onStep: true,
};

/**
 * Plays a scenario. The first step that fails ends it; the report says why.
 *
 * @param service The service.
 * @param scenario The scenario.
 * @param options What ends it early, and the callback for each step.
 * @returns The report.
 * @throws {ScenarioError} If the scenario cannot be played at all.
 * @throws {RangeError} If an option is unknown or out of range.
 */
export async function playScenario(
  service: EmulatorService,
  scenario: Scenario,
  options: PlayOptions = {},
): Promise<ScenarioReport> {
  checkOptionNames(options, OPTION_NAMES, "");
  const { name = "scenario", steps, ...head } = checkScenario(scenario);
  const timeoutMs = options.timeoutMs ?? head.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  checkNumber("timeoutMs", timeoutMs);
  const startedAt = performance.now();
  const limit = timeLimit(
    timeoutMs,
    () => new ExpectationError(`the scenario's time limit of ${timeoutMs} ms is over`),
    options.signal,
  );
  const play = new Play(service, startedAt, limit.signal);
  const reports: StepReport[] = [];
  let isOver = false;
  try {
    for (const [index, step] of steps.entries()) {
      const report: StepReport = {
        step: index + 1,
        title: stepTitle(step),
        ...isOver ? { outcome: "skipped" as const, durationMs: 0 } : await play.step(step),
      };
      reports.push(report);
      options.onStep?.(report);
      const mayGoOn = options.keepGoing === true && isIndependent(step) && !limit.signal.aborted;
      isOver ||= report.outcome === "failed" && !mayGoOn;
    }
  } finally {
    limit.clear();
  }
  return {
    name,
    passed: reports.every(({ outcome }) => outcome === "ok"),
    durationMs: since(startedAt),
    steps: reports,
  };
}

/** Whether the remaining steps still make sense if this step fails. */
function isIndependent(step: ScenarioStep): boolean {
  return ("expect" in step && step.expect !== "connected") || "expectNo" in step;
}

/** A scenario that is being played. */
class Play {
  readonly #service: EmulatorService;
  readonly #startedAt: number;
  readonly #signal: AbortSignal;
  readonly #window: EntryWindow;
  readonly #results = new Map<string, unknown>();
  /**
   * Whether the last step, not counting pauses, was an expectation: the next `do` begins a new
   * window.
   */
  #expected = false;

  constructor(service: EmulatorService, startedAt: number, signal: AbortSignal) {
    this.#service = service;
    this.#startedAt = startedAt;
    this.#signal = signal;
    this.#window = new EntryWindow(service.transcript);
  }

  /** Plays one step. */
  async step(step: ScenarioStep): Promise<Omit<StepReport, "step" | "title">> {
    const { at = 0 } = step;
    let startedAt = performance.now();
    try {
      this.#signal.throwIfAborted();
      const earlyMs = at - since(this.#startedAt);
      if (earlyMs > 0) await delay(earlyMs, this.#signal);
      startedAt = performance.now();
      const result = await this.#run(this.#resolved(step));
      if ("as" in step && step.as !== undefined) this.#results.set(step.as, result);
      return { outcome: "ok", durationMs: since(startedAt) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return {
        outcome: "failed",
        durationMs: since(startedAt),
        error: message,
        ...(error instanceof ExpectationError && error.details.length > 0 &&
          { details: error.details }),
      };
    }
  }

  /** Replaces references with the results of earlier steps. */
  #resolved({ title: _, ...step }: ScenarioStep): ScenarioStep {
    const result = parseStep(resolve(step, this.#results));
    if ("problems" in result) throw new InvalidInputError(result.problems);
    return result.step;
  }

  async #run(step: ScenarioStep): Promise<unknown> {
    if ("pause" in step) return await delay(step.pause, this.#signal);
    if ("do" in step) return await this.#do(step);
    this.#expected = true;
    if ("expectNo" in step) {
      return await this.#atMost({ ...step, event: step.expectNo, atMost: 0 });
    }
    if ("atMost" in step) return await this.#atMost({ ...step, event: step.expect });
    const { expect, count = 1, within = DEFAULT_WITHIN_MS, ...rest } = step;
    const expectation = { ...rest, event: expect, count, within };
    return await expectEntries(this.#service, this.#window, expectation, this.#signal);
  }

  #atMost(expectation: Parameters<typeof expectAtMost>[2]): Promise<void> {
    return expectAtMost(this.#service, this.#window, expectation, this.#signal);
  }

  async #do(step: DoStep): Promise<unknown> {
    if (this.#expected) this.#window.restart();
    this.#expected = false;
    const doing = OPERATIONS[step.do].run(this.#service, step.with ?? {}, this.#signal);
    return await abortable(doing, this.#signal);
  }
}

/** The time since a moment, in whole ms. */
function since(time: number): number {
  return Math.round(performance.now() - time);
}
