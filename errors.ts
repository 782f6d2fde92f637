/**
 * Every error that the client throws or reports. All have a `name`, a `retryable` flag, `help` with
 * a stable code and a remedy and, if there is one, a `cause`; no program needs to compare message
 * strings.
 *
 * @module
 */

import type { FailureCode } from "./failures/failure_code.ts";
import { type FailureHelp, failureHelp } from "./failures/failure_help.ts";

/** The base class of all errors in this package. */
export class AcsError extends Error {
  /** The class's name, stable across minification. */
  override readonly name: string = "AcsError";
  /** Whether a retry can succeed without human intervention. */
  readonly retryable: boolean;

  /**
   * Creates the error.
   *
   * @param message What happened, to which message or host, and what to do.
   * @param options `retryable` (default `true`) and the `cause`.
   */
  constructor(message: string, options: ErrorOptions & { retryable?: boolean } = {}) {
    super(message, options);
    this.retryable = options.retryable ?? true;
  }

  /**
   * What failed and what to do about it, determined from the error's fields and its causes;
   * `undefined` if the catalogue (docs/troubleshooting.md) has no entry for it.
   */
  get help(): FailureHelp | undefined {
    return failureHelp(this);
  }

  /** The stable code of the failure, such as `"ACS-N02"`; `undefined` without {@linkcode help}. */
  get code(): FailureCode | undefined {
    return this.help?.code;
  }
}

/** A limit would be exceeded. Nothing was stored; the message says what to do. */
export class LimitExceededError extends AcsError {
  /** Always `"LimitExceededError"`. */
  override readonly name = "LimitExceededError";
  /** The option that sets the limit, such as `limits.maxBackgroundWork`. */
  readonly option: string;
  /** The limit. */
  readonly limit: number;

  /**
   * Creates the error.
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

/** The proxy that the environment names for a host. */
export interface ProxyUse {
  /** The proxy's host and port, without user name and password; empty if there is no valid URL. */
  readonly host: string;
  /** The variable that names it, such as `HTTPS_PROXY`. */
  readonly variable: string;
  /**
   * Whether the runtime uses it: Node.js does so only with `NODE_USE_ENV_PROXY=1`, Deno only if the
   * URL is valid.
   */
  readonly isUsed: boolean;
  /**
   * The HTTP status with which the proxy refused a tunnel, if it did and the runtime reports it.
   */
  readonly status?: number;
}

/**
 * A phase of an attempt to connect, in order; a proxy replaces the first two.
 *
 * - `lookup`: the host's name is being resolved.
 * - `tcp`: a TCP connection to the host is being opened.
 * - `proxy`: a proxy has been asked for a tunnel to the host.
 * - `tls`: the TLS handshake with the host is in progress.
 * - `upgrade`: the request has been sent, or is about to be, and its answer is awaited.
 */
export type ConnectPhase = "lookup" | "tcp" | "proxy" | "tls" | "upgrade";

/** The details of a failed connection. */
export interface ConnectErrorOptions extends ErrorOptions {
  /** See {@linkcode ConnectError.host}. */
  readonly host?: string | undefined;
  /** See {@linkcode ConnectError.systemCode}. */
  readonly systemCode?: string | undefined;
  /** See {@linkcode ConnectError.phase}. */
  readonly phase?: ConnectPhase | undefined;
  /** See {@linkcode ConnectError.proxy}. */
  readonly proxy?: ProxyUse | undefined;
  /** See {@linkcode AcsError.retryable}. Default `true`. */
  readonly retryable?: boolean;
}

/** There is no usable connection: name resolution, TCP, TLS, a proxy, or the protocol failed. */
export class ConnectError extends AcsError {
  /** Always `"ConnectError"`. */
  override readonly name = "ConnectError";
  /** The host, with its port unless that is the scheme's default; `undefined` if not known. */
  readonly host: string | undefined;
  /**
   * The system's or TLS library's name for the failure, if the runtime reports it: `ECONNREFUSED`,
   * `ENOTFOUND`, `ECONNRESET`, `DEPTH_ZERO_SELF_SIGNED_CERT`, …
   */
  readonly systemCode: string | undefined;
  /**
   * The phase in which a connection attempt timed out; `undefined` if the error is a different one
   * or the phase is not known.
   */
  readonly phase: ConnectPhase | undefined;
  /** The proxy that the environment names for the host; `undefined` if there is none. */
  readonly proxy: ProxyUse | undefined;

  /**
   * Creates the error.
   *
   * @param message What happened and to which host.
   * @param options Its details, and the `cause`.
   */
  constructor(message: string, options: ConnectErrorOptions = {}) {
    super(message, options);
    this.host = options.host;
    this.systemCode = options.systemCode;
    this.phase = options.phase;
    this.proxy = options.proxy;
  }
}
