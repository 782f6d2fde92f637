/**
 * The steps of a scenario as input.
 *
 * @module
 */

import * as v from "@badrap/valita";
import { isJsonObject } from "../../internal/json.ts";
import { nearestName } from "../../internal/option_names.ts";
import { type InputProblem, inputProblems } from "../control/input_error.ts";
import { keyOf, MAX_WAIT_MS, nonEmptyText, wholeNumber } from "../control/input_types.ts";
import { operationName } from "../control/operations.ts";
import { EVENTS } from "./expectation.ts";
import { RESULT_NAME } from "./references.ts";
import type { ScenarioStep } from "./scenario.ts";

const ms = wholeNumber(0, MAX_WAIT_MS);
const count = wholeNumber(0, 1_000_000);
const resultName = v.string().assert(
  (name) => RESULT_NAME.test(name),
  "must be letters, digits, - and _",
);

const frame = { title: nonEmptyText.optional(), at: ms.optional() };

const selection = {
  type: nonEmptyText.optional(),
  messageId: nonEmptyText.optional(),
  containerInstanceArn: nonEmptyText.optional(),
  match: v.record(v.unknown()).optional(),
  since: v.literal("start").optional(),
};

const event = keyOf(EVENTS);

const STEPS = {
  do: v.object({
    ...frame,
    do: operationName,
    with: v.record(v.unknown()).optional(),
    as: resultName.optional(),
  }),
  expect: v.object({
    ...frame,
    ...selection,
    expect: event,
    count: wholeNumber(1, 1_000_000).optional(),
    within: ms.optional(),
    as: resultName.optional(),
  }),
  atMost: v.object({ ...frame, ...selection, expect: event, atMost: count, for: ms }),
  expectNo: v.object({ ...frame, ...selection, expectNo: event, for: ms }),
  pause: v.object({ ...frame, pause: ms }),
};

/** The fields that determine a step's kind; each step has exactly one of them. */
const KINDS = ["do", "expect", "expectNo", "pause"] as const;

/** A step, or its problems. */
export type ParsedStep =
  | { readonly step: ScenarioStep }
  | { readonly problems: readonly InputProblem[] };

/** Checks the fields of one step, but not its operation's input. */
export function parseStep(value: unknown): ParsedStep {
  const kind = kindOf(value);
  if (kind === undefined) {
    const given = isJsonObject(value) ? kindsOf(value) : [];
    if (given.length > 1) {
      const text = `has more than one of ${KINDS.join(", ")}: split it into ${given.length} steps`;
      return { problems: [{ path: [], text, ofValue: false }] };
    }
    const meant = isJsonObject(value)
      ? Object.keys(value).map((name) => nearestName(name, KINDS)).find((name) => name)
      : undefined;
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    const text = `expected an object with one of ${KINDS.join(", ")}${hint}`;
    return { problems: [{ path: [], text, ofValue: false }] };
  }
  const type: v.Type<ScenarioStep> = STEPS[kind];
  const result = type.try(value);
  if (result.ok) return { step: result.value };
  return { problems: inputProblems(value, result.issues, Object.keys(STEPS[kind].shape)) };
}

function kindOf(value: unknown): keyof typeof STEPS | undefined {
  if (!isJsonObject(value)) return undefined;
  const [kind, ...others] = kindsOf(value);
  if (others.length > 0) return undefined;
  return kind === "expect" && Object.hasOwn(value, "atMost") ? "atMost" : kind;
}

function kindsOf(value: Readonly<Record<string, unknown>>): (typeof KINDS)[number][] {
  return KINDS.filter((kind) => Object.hasOwn(value, kind));
}
