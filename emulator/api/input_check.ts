/**
 * The checks of inputs against the generated table.
 *
 * @module
 */

import { shapeCheck } from "../../protocol/find_problem.ts";
import type { FieldShape } from "../../protocol/shapes.ts";
import { API_INPUTS, type ApiOperation } from "./api_inputs.gen.ts";

/** A field that agents send, and that is missing in the public model. */
const SENT_BY_AGENTS: Partial<Record<ApiOperation, Readonly<Record<string, FieldShape>>>> = {
  RegisterContainerInstance: { clientToken: "string" },
};

type Check = (value: unknown) => string | undefined;

/** Created when an operation is first called, so that the emulator starts without them. */
const checks = new Map<ApiOperation, Check>();

/** The shape of an operation's input. */
export function inputShape(operation: ApiOperation): FieldShape {
  return { ...API_INPUTS[operation].input, ...SENT_BY_AGENTS[operation] };
}

/**
 * Looks for a field of the wrong type.
 *
 * @returns The field and what is wrong with it, such as `.tags[0].key: expected string, got number`;
 * `undefined` if the input fits.
 */
export function inputProblem(operation: ApiOperation, input: unknown): string | undefined {
  const known = checks.get(operation);
  if (known !== undefined) return known(input);
  const check = shapeCheck(inputShape(operation));
  checks.set(operation, check);
  return check(input);
}
