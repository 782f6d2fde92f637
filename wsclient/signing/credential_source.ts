/**
 * The source of a session's keys: the credentials option, called once at a time.
 *
 * @module
 */

import { stopwatch } from "../../internal/stopwatch.ts";
import { hasName } from "../../internal/safe_get.ts";
import { missingPermission } from "../../internal/missing_permission.ts";
import { abortable, timeLimit } from "../../internal/time_limit.ts";
import {
  type AwsCredentialIdentity,
  type AwsCredentialIdentityProvider,
  type AwsIdentityProperties,
  checkCredentials,
  CredentialsError,
} from "./credentials.ts";

import { metadataProxyHint } from "../transports/metadata_proxy.ts";

/**
 * How long an answer that arrived too late for its caller remains usable, in ms. Our choice: longer
 * than the longest delay between two attempts, and no longer than the SDK considers keys fresh
 * before they expire.
 */
export const LATE_ANSWER_MS = 300_000;

/**
 * A call that has not settled for this long is abandoned, and the function is called again; in ms.
 * Our choice. If the time limit is longer than 30 s, it is ten times that.
 */
export const HUNG_CALL_MS = 300_000;

type CredentialsFunction = Exclude<AwsCredentialIdentityProvider, AwsCredentialIdentity>;

/** One call to the credentials function. */
interface Call {
  /** How long it has been waited for, in ms. */
  readonly ageMs: () => number;
  /** Whether fresh keys were requested. */
  readonly isForced: boolean;
  readonly settled: Promise<AwsCredentialIdentity>;
  /** Whether a caller has stopped waiting for it. */
  isLate: boolean;
  /** How long it has been doubtful whether it will ever settle, in ms. */
  doubtfulMs?: () => number;
}

/** Provides the keys to sign with. */
export class CredentialSource {
  readonly #provider: AwsCredentialIdentityProvider;
  readonly #now: () => number;
  #call: Call | undefined;
  #late: { readonly credentials: AwsCredentialIdentity; readonly ageMs: () => number } | undefined;
  #needsFresh = false;

  /**
   * @param provider The credentials or a function that returns them.
   * @param now The time with which expirations are compared, in ms since the epoch. Default: the
   * local clock.
   */
  constructor(provider: AwsCredentialIdentityProvider, now: () => number = Date.now) {
    this.#provider = provider;
    this.#now = now;
  }

  /**
   * Requests credentials. The function is called each time, but only once at a time: callers that
   * arrive during a call share its answer. A call that takes longer than the time limit continues,
   * and its answer is used for the attempts of the next five minutes.
   *
   * @param options `signal` stops waiting; `timeoutMs`, in ms, is how long to wait.
   * @returns The credentials.
   * @throws {CredentialsError} If the function throws, takes too long or returns no usable keys.
   * @throws The signal's reason, if it aborts first.
   */
  async get(
    options: { readonly signal?: AbortSignal; readonly timeoutMs: number },
  ): Promise<AwsCredentialIdentity> {
    const provider = this.#provider;
    if (typeof provider !== "function") return checkCredentials(provider);
    options.signal?.throwIfAborted();
    const late = this.#freshLateAnswer();
    if (late !== undefined) return late;
    const { timeoutMs } = options;
    const onExpired = () => {
      if (this.#call !== undefined) this.#call.isLate = true;
      return new CredentialsError(
        "timeout",
        `The credentials function has not answered within ${timeoutMs} ms; a late answer` +
          " will still be used, and the option timing.credentialsTimeoutMs gives it more time" +
          metadataProxyHint(),
      );
    };
    const limit = timeLimit(timeoutMs, onExpired, options.signal);
    try {
      return await abortable(this.#callProvider(provider, timeoutMs), limit.signal);
    } finally {
      limit.clear();
    }
  }

  /** The keys have been refused, so the next attempt calls the function for fresh ones. */
  refuse(): void {
    this.#needsFresh = true;
    this.#late = undefined;
  }

  /**
   * The machine was suspended: late answers may have expired, and a pending call may have lost its
   * connection. The pending call gets its full time limit once more.
   */
  suspended(): void {
    this.#late = undefined;
    if (this.#call !== undefined) this.#call.doubtfulMs = stopwatch();
  }

  async #callProvider(
    provider: CredentialsFunction,
    timeoutMs: number,
  ): Promise<AwsCredentialIdentity> {
    const call = this.#callUnderWay(timeoutMs);
    if (call === undefined) return await this.#start(provider).settled;
    if (call.isForced || !this.#needsFresh) return await call.settled;
    // It began before the keys were refused, and may return the same ones.
    await call.settled.catch(() => {});
    return await this.#callProvider(provider, timeoutMs);
  }

  #callUnderWay(timeoutMs: number): Call | undefined {
    const call = this.#call;
    if (call === undefined) return undefined;
    const isHung = call.ageMs() >= Math.max(HUNG_CALL_MS, 10 * timeoutMs) ||
      (call.doubtfulMs?.() ?? 0) >= timeoutMs;
    return isHung ? undefined : call;
  }

  #start(provider: CredentialsFunction): Call {
    const isForced = this.#needsFresh;
    const call: Call = {
      ageMs: stopwatch(),
      isForced,
      settled: this.#fetch(provider, isForced),
      isLate: false,
    };
    this.#call = call;
    call.settled.then(
      (credentials) => this.#settled(call, credentials),
      () => this.#settled(call, undefined),
    );
    return call;
  }

  async #fetch(provider: CredentialsFunction, isForced: boolean): Promise<AwsCredentialIdentity> {
    if (isForced) return await callProvider(provider, { forceRefresh: true });
    const credentials = await callProvider(provider);
    if (!this.#hasExpired(credentials)) return credentials;
    return await callProvider(provider, { forceRefresh: true });
  }

  #settled(call: Call, credentials: AwsCredentialIdentity | undefined): void {
    // Abandoned, and another call is in progress.
    if (this.#call !== call) return;
    this.#call = undefined;
    if (credentials === undefined) return;
    if (call.isForced) this.#needsFresh = false;
    if (call.isLate && !this.#needsFresh) {
      this.#late = { credentials, ageMs: stopwatch() };
    }
  }

  #freshLateAnswer(): AwsCredentialIdentity | undefined {
    const late = this.#late;
    if (late === undefined) return undefined;
    if (late.ageMs() < LATE_ANSWER_MS && !this.#hasExpired(late.credentials)) {
      return late.credentials;
    }
    this.#late = undefined;
    return undefined;
  }

  #hasExpired({ expiration }: AwsCredentialIdentity): boolean {
    return expiration !== undefined && expiration.getTime() <= this.#now();
  }
}

async function callProvider(
  provider: CredentialsFunction,
  properties?: AwsIdentityProperties,
): Promise<AwsCredentialIdentity> {
  let given: unknown;
  try {
    given = await (properties === undefined ? provider() : provider(properties));
  } catch (error) {
    const flag = missingPermission(error);
    if (flag !== undefined) {
      throw new CredentialsError(
        "permission",
        `The credentials function needs a permission; run the process with ${flag}`,
        { cause: error, retryable: false },
      );
    }
    if (hasName(error, "CredentialsError")) throw error;
    throw new CredentialsError(
      "failed",
      `The credentials function failed; see the cause${metadataProxyHint()}`,
      { cause: error },
    );
  }
  return checkCredentials(given);
}
