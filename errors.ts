/**
 * Every error the client throws or reports. All have a `name`, a `retryable` flag and, where there
 * is one, a `cause`; nobody needs to compare message strings.
 *
 * @module
 */

/** The base of all errors of this package. */
export class AcsError extends Error {
  /** The class's name, stable across minification. */
  override readonly name: string = "AcsError";
  /** Whether trying the same again can succeed without somebody changing something. */
  readonly retryable: boolean;

  /**
   * Says what happened.
   *
   * @param message What happened, to which message or host, and what to do.
   * @param options `retryable` (default `true`) and the `cause`.
   */
  constructor(message: string, options: ErrorOptions & { retryable?: boolean } = {}) {
    super(message, options);
    this.retryable = options.retryable ?? true;
  }
}

/** Something would hold more than it may. Nothing was taken; the message says what to do. */
export class LimitExceededError extends AcsError {
  /** Always `"LimitExceededError"`. */
  override readonly name = "LimitExceededError";
  /** The option that sets the limit, such as `limits.maxBackgroundWork`. */
  readonly option: string;
  /** The limit. */
  readonly limit: number;

  /**
   * Says what is full.
   *
   * @param message What is full, and what to do about it.
   * @param option The option that sets the limit.
   * @param limit The limit.
   */
  constructor(message: string, option: string, limit: number) {
    super(`${message}; the limit is the option ${option}, ${limit} now`);
    this.option = option;
    this.limit = limit;
  }
}

/** There is no usable connection: name resolution, TCP, TLS, a proxy, or the protocol failed. */
export class ConnectError extends AcsError {
  /** Always `"ConnectError"`. */
  override readonly name = "ConnectError";
  /**
   * The system's or TLS library's name for what failed, where the runtime tells it:
   * `ECONNREFUSED`, `ENOTFOUND`, `ECONNRESET`, `DEPTH_ZERO_SELF_SIGNED_CERT`, …
   */
  readonly code: string | undefined;

  /**
   * Says what failed.
   *
   * @param message What happened and to which host.
   * @param options The `code`, where known, `retryable` (default `true`) and the `cause`.
   */
  constructor(
    message: string,
    options: ErrorOptions & { code?: string; retryable?: boolean } = {},
  ) {
    super(message, options);
    this.code = options.code;
  }
}
