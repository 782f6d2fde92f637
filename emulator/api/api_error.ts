/**
 * Errors from the ECS API.
 *
 * @module
 */

import type { ExpectedSignature } from "../http/refused_request.ts";

/** A call to the ECS API is refused. */
export class EcsApiError extends Error {
  /** Always `"EcsApiError"`. */
  override readonly name = "EcsApiError";
  /** The exception's name, such as `InvalidParameterException`. */
  readonly exception: string;
  /** The HTTP status. */
  readonly status: number;
  /** The signature that was expected; `undefined` if the request was refused for another reason. */
  readonly expected: ExpectedSignature | undefined;

  /**
   * Creates the error.
   *
   * @param exception The exception's name.
   * @param message What is wrong with the call.
   * @param status The HTTP status.
   * @param expected The signature that was expected.
   */
  constructor(exception: string, message: string, status = 400, expected?: ExpectedSignature) {
    super(message);
    this.exception = exception;
    this.status = status;
    this.expected = expected;
  }
}

/** A parameter has an invalid value. */
export function invalidParameter(message: string): EcsApiError {
  return new EcsApiError("InvalidParameterException", message);
}

/**
 * Checks a field that has a fixed set of values.
 *
 * @param field The name of the field.
 * @param value Its value; `undefined` is accepted.
 * @param known The valid values.
 * @throws {EcsApiError} If it is not one of them.
 */
export function checkOneOf(
  field: string,
  value: string | undefined,
  known: readonly string[],
): void {
  if (!value || known.includes(value)) return;
  throw invalidParameter(`${field} must be one of ${known.join(", ")}: "${value.slice(0, 64)}"`);
}

/** The call itself cannot be carried out. */
export function clientException(message: string): EcsApiError {
  return new EcsApiError("ClientException", message);
}

/** There is no such cluster. The agent compares this text, not the exception's name. */
export function clusterNotFound(): EcsApiError {
  return new EcsApiError("ClusterNotFoundException", "Cluster not found.");
}
