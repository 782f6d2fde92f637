/**
 * One operation of the control plane, for HTTP and for the steps of scenarios.
 *
 * @module
 */

import * as v from "@badrap/valita";
import type { EmulatorService } from "../emulator_service.ts";
import { type InputProblem, inputProblems, InvalidInputError } from "./input_error.ts";

/** An operation; checks its own input. */
export interface Operation {
  /** Describes it in one sentence. */
  readonly summary: string;
  /** The fields that its input may have. */
  readonly fields: readonly string[];
  /** The possible values of fields that have a list of them. */
  readonly choices: Choices;
  /**
   * Whether it is read-only: a GET whose input is the URL's query, so that all fields are texts.
   */
  readonly readOnly: boolean;
  /** The problems of an input; none if it is valid. */
  check(input: unknown): InputProblem[];
  /** Carries it out.
   *
   * @param service The service to run it on.
   * @param input Its input.
   * @param signal Ends a wait.
   * @returns The result, as JSON data.
   * @throws {InvalidInputError} If the input does not fit.
   * @throws Whatever the service throws.
   */
  run(service: EmulatorService, input: unknown, signal: AbortSignal): Promise<unknown>;
}

/** The valid values of fields, by field name. */
export type Choices = Readonly<Record<string, readonly string[]>>;

/** The definition of an operation. */
export interface OperationParts<S extends v.ObjectType> {
  /** Describes it in one sentence. */
  readonly summary: string;
  /** Its input. */
  readonly input: S;
  /** The possible values of fields that have a list of them. */
  readonly choices?: Choices;
  /** Checks across fields, once each field is valid. */
  readonly check?: (input: v.Infer<S>) => v.ValitaResult<unknown>;
  /** Carries it out, with a valid input. */
  readonly run: (service: EmulatorService, input: v.Infer<S>, signal: AbortSignal) => unknown;
}

/** Creates an operation that changes something or waits for something. */
export function command<S extends v.ObjectType>(parts: OperationParts<S>): Operation {
  return operation(parts, false);
}

/** Creates a read-only operation. */
export function query<S extends v.ObjectType>(parts: OperationParts<S>): Operation {
  return operation(parts, true);
}

function operation<S extends v.ObjectType>(parts: OperationParts<S>, readOnly: boolean): Operation {
  const { summary, input: type, choices = {}, check = () => v.ok(undefined), run } = parts;
  const fields = Object.keys(type.shape);
  const parse = (input: unknown): v.ValitaResult<v.Infer<S>> => {
    const result = type.try(input);
    if (!result.ok) return result;
    const checked = check(result.value);
    return checked.ok ? result : checked;
  };
  return {
    summary,
    fields,
    choices,
    readOnly,
    check(input) {
      const result = parse(input);
      return result.ok ? [] : inputProblems(input, result.issues, fields);
    },
    async run(service, input, signal) {
      const result = parse(input);
      if (!result.ok) throw new InvalidInputError(inputProblems(input, result.issues, fields));
      return await run(service, result.value, signal);
    },
  };
}
