/**
 * One thing that can be asked of an emulator from outside: over HTTP and by a scenario's step.
 *
 * @module
 */

import * as v from "@badrap/valita";
import type { EmulatorService } from "../emulator_service.ts";
import { type InputProblem, inputProblems, InvalidInputError } from "./input_error.ts";

/** An operation, ready for input of any kind. */
export interface Operation {
  /** What it does, in one sentence. */
  readonly summary: string;
  /** The fields that its input may have. */
  readonly fields: readonly string[];
  /** Whether it is read-only: a GET whose input is the URL's query, so that all fields are texts. */
  readonly readOnly: boolean;
  /** What is wrong with an input; nothing if it fits. */
  check(input: unknown): InputProblem[];
  /**
   * Does it.
   *
   * @param service The service that carries it out.
   * @param input With what.
   * @param signal Ends a wait.
   * @returns What came of it, as JSON takes it.
   * @throws {InvalidInputError} If the input does not fit.
   * @throws Whatever the service throws.
   */
  run(service: EmulatorService, input: unknown, signal: AbortSignal): Promise<unknown>;
}

/** What an operation is made of. */
export interface OperationParts<S extends v.ObjectType> {
  /** What it does, in one sentence. */
  readonly summary: string;
  /** Its input. */
  readonly input: S;
  /** What else must hold, once each field fits for itself. */
  readonly check?: (input: v.Infer<S>) => v.ValitaResult<unknown>;
  /** Does it, with an input that fits. */
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
  const { summary, input: type, check = () => v.ok(undefined), run } = parts;
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
