/**
 * The steps of a scenario as input.
 *
 * @module
 */

import * as v from "@badrap/valita";
import { isJsonObject } from "../../internal/json.ts";
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

/** A step, or its problems. */
export type ParsedStep =
  | { readonly step: ScenarioStep }
  | { readonly problems: readonly InputProblem[] };

/** Checks the fields of one step, but not its operation's input. */
export function parseStep(value: unknown): ParsedStep {
  const kind = kindOf(value);
  if (kind === undefined) {
    const text = "expected an object with one of do, expect, expectNo, pause";
    return { problems: [{ path: [], text, ofValue: false }] };
  }
  const type: v.Type<ScenarioStep> = STEPS[kind];
  const result = type.try(value);
  if (result.ok) return { step: result.value };
  return { problems: inputProblems(value, result.issues, Object.keys(STEPS[kind].shape)) };
}

function kindOf(value: unknown): keyof typeof STEPS | undefined {
  if (!isJsonObject(value)) return undefined;
  const kinds = (["do", "expect", "expectNo", "pause"] as const)
    .filter((kind) => Object.hasOwn(value, kind));
  const [kind] = kinds;
  if (kinds.length > 1) return undefined;
  return kind === "expect" && Object.hasOwn(value, "atMost") ? "atMost" : kind;
}
