/**
 * Errors from the ECS API.
 *
 * @module
 */

/** A call to the ECS API is refused. */
export class EcsApiError extends Error {
  /** Always `"EcsApiError"`. */
  override readonly name = "EcsApiError";
  /** The exception's name, such as `InvalidParameterException`. */
  readonly exception: string;
  /** The HTTP status. */
  readonly status: number;

  /**
   * Creates the error.
   *
   * @param exception The exception's name.
   * @param message What is wrong with the call.
   * @param status The HTTP status.
   */
  constructor(exception: string, message: string, status = 400) {
    super(message);
    this.exception = exception;
    this.status = status;
  }
}

/** A parameter has an invalid value. */
export function invalidParameter(message: string): EcsApiError {
  return new EcsApiError("InvalidParameterException", message);
}

/** The call itself cannot be carried out. */
export function clientException(message: string): EcsApiError {
  return new EcsApiError("ClientException", message);
}

/** There is no such cluster. The agent compares this text, not the exception's name. */
export function clusterNotFound(): EcsApiError {
  return new EcsApiError("ClusterNotFoundException", "Cluster not found.");
}
