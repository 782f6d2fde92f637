/**
 * Checks a scenario before it is played: every field, every operation's input, every reference.
 *
 * @module
 */

import * as v from "@badrap/valita";
import { isJsonObject } from "../../internal/json.ts";
import { describeProblem, inputProblems, valueAt } from "../control/input_error.ts";
import { MAX_TIMER_MS } from "../../internal/number_option.ts";
import { nonEmptyText, wholeNumber } from "../control/input_types.ts";
import { OPERATIONS } from "../control/operations.ts";
import { EMULATOR_OPTION_FIELDS, emulatorOptionsInput } from "./emulator_options_input.ts";
import { hasReference, referenceProblems } from "./references.ts";
import type { EventSelection, Scenario, ScenarioStep } from "./scenario.ts";
import { ScenarioError, type ScenarioProblem } from "./scenario_error.ts";
import { parseStep } from "./step_input.ts";

const head = v.object({
  $schema: v.string().optional(),
  name: nonEmptyText.optional(),
  description: v.string().optional(),
  emulator: emulatorOptionsInput.optional(),
  timeoutMs: wholeNumber(1, MAX_TIMER_MS).optional(),
});

/** The origin of a scenario. */
export interface ScenarioSource {
  /** Its name in errors, such as its file. */
  readonly name?: string;
  /** The line of its head, if it is on one line, and the line on which each step begins. */
  readonly lines?: { readonly head: number | undefined; readonly steps: readonly number[] };
}

/**
 * Checks a scenario.
 *
 * @param value The candidate.
 * @param source Its origin.
 * @returns The scenario.
 * @throws {ScenarioError} If it cannot be played.
 */
export function checkScenario(value: unknown, source: ScenarioSource = {}): Scenario {
  const { name, lines } = source;
  if (!isJsonObject(value)) {
    throw new ScenarioError([{ text: `expected an object with "steps"` }], name);
  }
  const { steps, ...rest } = value;
  const problems: ScenarioProblem[] = [];
  const headResult = head.try(rest);
  if (!headResult.ok) {
    const known = [...Object.keys(head.shape), "steps"];
    const { issues } = headResult;
    for (const problem of inputProblems(rest, issues, known, EMULATOR_OPTION_FIELDS)) {
      problems.push({ line: lines?.head, text: describeProblem(problem) });
    }
  }
  const checked = checkSteps(
    steps,
    (step, text) =>
      problems.push({
        line: step === undefined ? lines?.head : lines?.steps[step - 1],
        step,
        text,
      }),
  );
  if (!headResult.ok || problems.length > 0) throw new ScenarioError(problems, name);
  // Only editors need the schema's address.
  const { $schema: _, ...known } = headResult.value;
  return { ...known, steps: checked };
}

/** Called for each problem, with the number of the step, from 1. */
type Report = (step: number | undefined, text: string) => void;

function checkSteps(steps: unknown, report: Report): ScenarioStep[] {
  if (!Array.isArray(steps) || steps.length === 0) {
    report(undefined, "steps: expected a list of at least one step");
    return [];
  }
  const names = new Set<string>();
  return steps.flatMap((value: unknown, index) => {
    const step = checkStep(value, names, (text) => report(index + 1, text));
    return step === undefined ? [] : [step];
  });
}

function checkStep(
  value: unknown,
  names: Set<string>,
  report: (text: string) => void,
): ScenarioStep | undefined {
  const result = parseStep(value);
  if ("problems" in result) {
    for (const problem of result.problems) report(describeProblem(problem));
    return undefined;
  }
  const { step } = result;
  for (const problem of referenceProblems(withoutTitle(step), names)) report(problem);
  if ("do" in step) checkInput(step, report);
  else if (isAboutAck(step) && step.messageId === undefined) report("messageId: an ack needs it");
  if ("as" in step && step.as !== undefined) {
    if (names.has(step.as)) report(`as: an earlier step has the name ${JSON.stringify(step.as)}`);
    names.add(step.as);
  }
  return step;
}

function checkInput(
  step: Extract<ScenarioStep, { readonly do: unknown }>,
  report: (text: string) => void,
): void {
  const { with: input = {} } = step;
  for (const problem of OPERATIONS[step.do].check(input)) {
    // The values of references are not known yet; the operation checks them when it runs.
    if (problem.ofValue && hasReference(valueAt(input, problem.path))) continue;
    report(describeProblem({ ...problem, path: ["with", ...problem.path] }));
  }
}

function isAboutAck(step: ScenarioStep): step is Extract<ScenarioStep, EventSelection> {
  return ("expect" in step && step.expect === "ack") ||
    ("expectNo" in step && step.expectNo === "ack");
}

/** A title may contain dollar signs. */
function withoutTitle({ title: _, ...rest }: ScenarioStep): object {
  return rest;
}
