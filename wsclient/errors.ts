/**
 * Every error the client throws or reports. All have a `name`, a `retryable` flag and, where there
 * is one, a `cause`; nobody needs to compare message strings.
 *
 * @module
 */

import { describeClockSkew } from "./clock_skew.ts";

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

/** What a refused upgrade's answer said, before anybody has looked into the body. */
export interface UpgradeRefusal {
  /** The host (and port, unless default) that answered. */
  readonly host: string;
  /** The HTTP status, anything but 101. */
  readonly status: number;
  /** The body, at most the first {@linkcode MAX_REFUSAL_BODY_BYTES} bytes of it. */
  readonly body: string;
  /** The answer's `Date` header, in ms since the epoch; `undefined` if missing or unreadable. */
  readonly serverDate: number | undefined;
}

/** How much of a refused upgrade's body is read, in bytes. Ours: a service exception is < 1 KiB. */
export const MAX_REFUSAL_BODY_BYTES = 65_536;

/**
 * The peer answered the upgrade with another status than 101 and with a body that names no service
 * exception: a proxy, a load balancer, another service.
 */
export class UpgradeRefusedError extends AcsError {
  /** Always `"UpgradeRefusedError"`. */
  override readonly name = "UpgradeRefusedError";
  /** The host that answered. */
  readonly host: string;
  /** The HTTP status. */
  readonly status: number;
  /** How far the peer's clock is ahead of the local one, in ms; `undefined` if not known. */
  readonly clockSkewMs: number | undefined;
  /** The whole answer. Not enumerable: a proxy's error page may echo request headers. */
  declare readonly refusal: UpgradeRefusal;

  /**
   * Says who refused, and how.
   *
   * @param refusal The answer.
   * @param options `bodyStart`, the start of the body with all secrets taken out, for the message;
   * `clockSkewMs`, in ms.
   */
  constructor(refusal: UpgradeRefusal, options: { bodyStart?: string; clockSkewMs?: number } = {}) {
    const what = `${refusal.host} refused the WebSocket upgrade with status ${refusal.status}`;
    super(
      [
        options.bodyStart ? `${what}: ${options.bodyStart}` : what,
        describeClockSkew(options.clockSkewMs),
      ].filter((part) => part !== "").join("; "),
    );
    this.host = refusal.host;
    this.status = refusal.status;
    this.clockSkewMs = options.clockSkewMs;
    Object.defineProperty(this, "refusal", { value: refusal, enumerable: false });
  }
}
