/**
 * Decides what to do after an attempt has failed or a connection has ended: when to connect again,
 * and whether to ask ECS first where ACS is. What the session believes of its recent connections
 * stands here and nowhere else.
 *
 * @module
 */

import { hasName } from "../internal/safe_get.ts";
import type { ConnectionEnd } from "../wsclient/client.ts";
import { addJitter, type RandomSource } from "../internal/jitter.ts";
import { namesInactiveInstance } from "../wsclient/refused_upgrade.ts";
import { INACTIVE_INSTANCE_EXCEPTION } from "../wsclient/service_exception.ts";
import type { ExponentialBackoff } from "./exponential_backoff.ts";

/** How one attempt to hold a session went. */
export type AttemptOutcome =
  /** There was no connection. */
  | {
    readonly kind: "failed";
    /** Whether ECS could not be asked, or ACS not be reached. */
    readonly stage: "discover" | "connect";
    /** Why. */
    readonly error: unknown;
  }
  /** The machine was suspended meanwhile; what was under way says nothing. */
  | { readonly kind: "suspended" }
  /** There was one, and it has ended. */
  | {
    readonly kind: "ended";
    /** How it ended. */
    readonly end: ConnectionEnd;
    /** How long it lived, in ms. */
    readonly livedMs: number;
    /** Whether it brought a message that only a service at work sends: no refusal, no goodbye. */
    readonly receivedMessage: boolean;
    /** Whether messages came again that had been answered over connection after connection. */
    readonly lostAnswers: boolean;
  };

/** When to connect again, why then, and where. */
export interface ReconnectDecision {
  /**
   * - `clean`: at once, the connection ended in order, or the machine was suspended.
   * - `backoff`: after a growing delay, something is wrong.
   * - `storm`: the same, because connections end in order but at once.
   * - `inactive`: after a long delay, the container instance is deregistered.
   */
  readonly reason: "clean" | "backoff" | "storm" | "inactive";
  /** How long to wait, in whole ms. */
  readonly delayMs: number;
  /** Whether the attempt achieved nothing that the endpoint is there for. */
  readonly useless: boolean;
  /** Whether to ask ECS again where ACS is, since the known endpoint may have gone bad. */
  readonly rediscover: boolean;
}

/** When to connect again, and why then. */
type Delay = Pick<ReconnectDecision, "reason" | "delayMs">;

const AT_ONCE: Delay = { reason: "clean", delayMs: 0 };

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
  /** A connection that lived shorter than this was too short, whatever it brought; in ms. */
  readonly minUsefulConnectionMs: number;
  /** Where the randomness comes from. */
  readonly random: RandomSource;
}

/**
 * ECS is asked again after each run of this many useless attempts. Ours: the reference keeps an
 * endpoint that has gone bad for the rest of its 12 h.
 */
const USELESS_BEFORE_REDISCOVERY = 3;

/** Close codes after which the service expects the agent back at once. */
const CLEAN_CLOSE_CODES: ReadonlySet<number> = new Set([1000, 1001, 1011]);

type EndKind = ConnectionEnd["kind"];

/** Ends that the session decides on for reasons of its own: how early they come says nothing. */
const OWN_ENDS: ReadonlySet<EndKind> = new Set(["expired", "suspended", "caught-up", "left"]);

/** Ends that say nothing about the endpoint. An expired connection may still have brought nothing. */
const ENDS_WITHOUT_VERDICT: ReadonlySet<EndKind> = new Set(["suspended", "caught-up", "left"]);

/** Ends because nothing came through any more, in one direction or the other. */
const SILENT_ENDS: ReadonlySet<EndKind> = new Set(["idle", "write-stalled", "write-overflow"]);

/** Whether a connection ended in a way after which to come back at once. */
export function isCleanEnd(end: ConnectionEnd): boolean {
  if (end.kind === "close") return CLEAN_CLOSE_CODES.has(end.code);
  return end.kind === "eof" || end.kind === "expired" || end.kind === "suspended";
}

/** Decides when to connect again; remembers what came before. */
export class ReconnectPolicy {
  readonly #options: ReconnectPolicyOptions;
  #shortInARow = 0;
  #silentInARow = 0;
  #uselessInARow = 0;

  /**
   * Starts without a past.
   *
   * @param options What to go by.
   */
  constructor(options: ReconnectPolicyOptions) {
    this.#options = options;
  }

  /** How many connections in a row were too short. */
  get shortInARow(): number {
    return this.#shortInARow;
  }

  /** How many connections have ended by silence since the last useful one. */
  get silentInARow(): number {
    return this.#silentInARow;
  }

  /** What to do after this outcome. */
  decide(outcome: AttemptOutcome): ReconnectDecision {
    const useful = this.#wasUseful(outcome);
    const rediscover = this.#doubtsEndpointAfter(outcome, useful);
    return { ...this.#delayAfter(outcome), useless: useful === false, rediscover };
  }

  /** Forgets the past: delays start over, and nothing is held against the endpoint. */
  startOver(): void {
    this.#shortInARow = 0;
    this.#silentInARow = 0;
    this.#uselessInARow = 0;
    this.#options.backoff.reset();
  }

  #delayAfter(outcome: AttemptOutcome): Delay {
    if (outcome.kind === "suspended") return AT_ONCE;
    if (outcome.kind === "ended") this.#countShort(outcome);
    if (isInactive(outcome)) {
      return { reason: "inactive", delayMs: this.#options.inactiveInstanceReconnectDelayMs };
    }
    if (outcome.kind === "failed") return this.#backOff("backoff");
    const { end, livedMs } = outcome;
    if (this.#hasLived(livedMs)) this.#options.backoff.reset();
    // The first delay each time: the connection was useful, but a loop without a delay must not be.
    if (end.kind === "caught-up") this.#options.backoff.reset();
    if (!isCleanEnd(end)) return this.#backOff("backoff");
    // A peer that accepts and drops must not be hammered, however orderly it drops, and whatever it
    // sends first: the service itself sends a manifest on every connect.
    if (this.#shortInARow >= 2 && !OWN_ENDS.has(end.kind)) return this.#backOff("storm");
    this.#options.backoff.reset();
    return AT_ONCE;
  }

  #countShort({ end, livedMs }: Extract<AttemptOutcome, { kind: "ended" }>): void {
    if (livedMs >= this.#options.minUsefulConnectionMs) this.#shortInARow = 0;
    else if (!OWN_ENDS.has(end.kind)) this.#shortInARow += 1;
  }

  #doubtsEndpointAfter(outcome: AttemptOutcome, useful: boolean | undefined): boolean {
    if (outcome.kind === "ended" && SILENT_ENDS.has(outcome.end.kind)) this.#silentInARow += 1;
    if (useful === undefined) return false;
    if (useful) {
      this.#silentInARow = 0;
      this.#uselessInARow = 0;
      return false;
    }
    this.#uselessInARow += 1;
    return this.#uselessInARow % USELESS_BEFORE_REDISCOVERY === 0;
  }

  /** Whether the endpoint was good for anything; `undefined` if the outcome says nothing of it. */
  #wasUseful(outcome: AttemptOutcome): boolean | undefined {
    if (outcome.kind === "suspended") return undefined;
    if (outcome.kind === "failed") return saysNothingOfEndpoint(outcome) ? undefined : false;
    const { end, livedMs, receivedMessage, lostAnswers } = outcome;
    if (ENDS_WITHOUT_VERDICT.has(end.kind)) return undefined;
    const isShort = livedMs < this.#options.minUsefulConnectionMs && !OWN_ENDS.has(end.kind);
    return receivedMessage && !lostAnswers && !isShort && !SILENT_ENDS.has(end.kind);
  }

  #hasLived(livedMs: number): boolean {
    const { backoffResetMs, backoffResetJitterMs, random } = this.#options;
    return livedMs >= addJitter(backoffResetMs, backoffResetJitterMs, random);
  }

  #backOff(reason: "backoff" | "storm"): Delay {
    // Timers count whole ms; rounding up keeps a delay from being shorter than it should be.
    return { reason, delayMs: Math.ceil(this.#options.backoff.duration()) };
  }
}

/** ACS was not even tried, or there was nothing to sign with. */
function saysNothingOfEndpoint({ stage, error }: Extract<AttemptOutcome, { kind: "failed" }>) {
  // By name: the error may come from another copy of this package.
  return stage === "discover" || hasName(error, "CredentialsError");
}

function isInactive(outcome: Exclude<AttemptOutcome, { kind: "suspended" }>): boolean {
  if (outcome.kind === "failed") return namesInactiveInstance(outcome.error);
  const { end } = outcome;
  if (end.kind === "error") return namesInactiveInstance(end.error);
  return end.kind === "close" && !isCleanEnd(end) &&
    end.reason.includes(INACTIVE_INSTANCE_EXCEPTION);
}
