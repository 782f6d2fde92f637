/**
 * When to connect again after an attempt has failed or a connection has ended.
 *
 * @module
 */

import type { ConnectionEnd } from "../wsclient/client.ts";
import { addJitter, type RandomSource } from "../internal/jitter.ts";
import { namesInactiveInstance } from "../wsclient/refused_upgrade.ts";
import { INACTIVE_INSTANCE_EXCEPTION } from "../wsclient/service_exception.ts";
import type { ExponentialBackoff } from "./exponential_backoff.ts";

/** How one attempt to hold a session went. */
export type AttemptOutcome =
  /** There was no connection. */
  | { readonly kind: "failed"; readonly error: unknown }
  /** The machine was suspended meanwhile; what was under way says nothing. */
  | { readonly kind: "suspended" }
  /** There was one, and it has ended. */
  | {
    readonly kind: "ended";
    readonly end: ConnectionEnd;
    /** How long it lived, in ms. */
    readonly livedMs: number;
    /** Whether at least one message was decoded. */
    readonly receivedMessage: boolean;
  };

/** When to connect again, and why then. */
export interface ReconnectDecision {
  /**
   * - `clean`: at once, the connection ended in order, or the machine was suspended.
   * - `backoff`: after a growing delay, something is wrong.
   * - `storm`: the same, because connections end in order but are of no use.
   * - `inactive`: after a long delay, the container instance is deregistered.
   */
  readonly reason: "clean" | "backoff" | "storm" | "inactive";
  /** How long to wait, in whole ms. */
  readonly delayMs: number;
}

const AT_ONCE: ReconnectDecision = { reason: "clean", delayMs: 0 };

/** What the policy goes by. */
export interface ReconnectPolicyOptions {
  /** The growing delays. */
  readonly backoff: ExponentialBackoff;
  /** Delay after an InactiveInstanceException, in ms. */
  readonly inactiveInstanceReconnectDelayMs: number;
  /** A connection that lived this long, plus jitter, has the delays start over; in ms. */
  readonly backoffResetMs: number;
  /** The random part on top, in ms. */
  readonly backoffResetJitterMs: number;
  /** A connection that lived shorter than this without a message was of no use; in ms. */
  readonly minUsefulConnectionMs: number;
  /** Where the randomness comes from. */
  readonly random: RandomSource;
}

/** Close codes after which the service expects the agent back at once. */
const CLEAN_CLOSE_CODES: ReadonlySet<number> = new Set([1000, 1001, 1011]);

/** Whether a connection ended in a way after which to come back at once. */
export function isCleanEnd(end: ConnectionEnd): boolean {
  if (end.kind === "close") return CLEAN_CLOSE_CODES.has(end.code);
  return end.kind === "eof" || end.kind === "expired" || end.kind === "suspended";
}

/** Decides when to connect again; remembers what came before. */
export class ReconnectPolicy {
  readonly #options: ReconnectPolicyOptions;
  #uselessInARow = 0;

  /**
   * Starts without a past.
   *
   * @param options What to go by.
   */
  constructor(options: ReconnectPolicyOptions) {
    this.#options = options;
  }

  /** When to connect again after this outcome. */
  decide(outcome: AttemptOutcome): ReconnectDecision {
    if (outcome.kind === "suspended") return AT_ONCE;
    if (isInactive(outcome)) {
      return { reason: "inactive", delayMs: this.#options.inactiveInstanceReconnectDelayMs };
    }
    if (outcome.kind === "failed") return this.#backOff("backoff");
    if (this.#hasLived(outcome.livedMs)) this.#options.backoff.reset();
    const isUseless = !outcome.receivedMessage &&
      outcome.livedMs < this.#options.minUsefulConnectionMs;
    this.#uselessInARow = isUseless ? this.#uselessInARow + 1 : 0;
    // The first delay each time: the connection was of use, but one that is not must end somewhere.
    if (outcome.end.kind === "caught-up") this.#options.backoff.reset();
    if (!isCleanEnd(outcome.end)) return this.#backOff("backoff");
    // A peer that accepts and drops must not be hammered, however orderly it drops.
    if (this.#uselessInARow >= 2) return this.#backOff("storm");
    this.#options.backoff.reset();
    return AT_ONCE;
  }

  /** Forgets the past: delays start over, and no connection has been of no use. */
  startOver(): void {
    this.#uselessInARow = 0;
    this.#options.backoff.reset();
  }

  #hasLived(livedMs: number): boolean {
    const { backoffResetMs, backoffResetJitterMs, random } = this.#options;
    return livedMs >= addJitter(backoffResetMs, backoffResetJitterMs, random);
  }

  #backOff(reason: "backoff" | "storm"): ReconnectDecision {
    // Timers count whole ms; rounding up keeps a delay from being shorter than it should be.
    return { reason, delayMs: Math.ceil(this.#options.backoff.duration()) };
  }
}

function isInactive(outcome: Exclude<AttemptOutcome, { kind: "suspended" }>): boolean {
  if (outcome.kind === "failed") return namesInactiveInstance(outcome.error);
  const { end } = outcome;
  if (end.kind === "error") return namesInactiveInstance(end.error);
  return end.kind === "close" && !isCleanEnd(end) &&
    end.reason.includes(INACTIVE_INSTANCE_EXCEPTION);
}
