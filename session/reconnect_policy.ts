/**
 * Decides what to do after an attempt has failed or a connection has ended: when to connect again,
 * and whether to rediscover the endpoint first. All that the session infers from its recent
 * connections is here.
 *
 * @module
 */

import { hasName } from "../internal/safe_get.ts";
import { addJitter, type RandomSource } from "../internal/jitter.ts";
import { namesInactiveInstance } from "../wsclient/refused_upgrade.ts";
import { INACTIVE_INSTANCE_EXCEPTION } from "../protocol/exceptions.ts";
import { backoffMs, type BackoffOptions } from "./backoff.ts";
import type { SessionConnectionEnd } from "./session_connection_end.ts";

/** The outcome of one attempt. */
export type AttemptOutcome =
  /** There was no connection. */
  | {
    readonly kind: "failed";
    /** Whether ECS could not be called, or ACS not be reached. */
    readonly stage: "discover" | "connect";
    /** Why. */
    readonly error: unknown;
  }
  /** The machine was suspended in the meantime, so the outcome says nothing about the endpoint. */
  | { readonly kind: "suspended" }
  /** There was one, and it has ended. */
  | {
    readonly kind: "ended";
    /** How it ended. */
    readonly end: SessionConnectionEnd;
    /** How long it lasted, in ms. */
    readonly livedMs: number;
    /**
     * Whether it delivered a message that only a working service sends: not a refusal or a close
     * message.
     */
    readonly receivedMessage: boolean;
    /**
     * Whether messages were redelivered that had been answered over connection after connection.
     */
    readonly lostAnswers: boolean;
  };

/** When to connect again, why then, and where. */
export interface ReconnectDecision {
  /**
   * - `clean`: immediately, because the connection ended cleanly, or the machine was suspended.
   * - `backoff`: after a growing delay, because something is wrong.
   * - `storm`: the same, because connections end cleanly but very early.
   * - `inactive`: after a long delay, because the container instance is deregistered.
   */
  readonly reason: "clean" | "backoff" | "storm" | "inactive";
  /** How long to wait, in whole ms. */
  readonly delayMs: number;
  /** Whether the attempt achieved nothing for which the endpoint exists. */
  readonly useless: boolean;
  /** Whether to rediscover the endpoint, since the known one may no longer work. */
  readonly rediscover: boolean;
}

/** When to reconnect, and the reason. */
type Delay = Pick<ReconnectDecision, "reason" | "delayMs">;

const AT_ONCE: Delay = { reason: "clean", delayMs: 0 };

/** The time constants of the policy. */
export interface ReconnectTiming extends Omit<BackoffOptions, "random"> {
  /** Delay after an InactiveInstanceException, in ms. */
  readonly inactiveInstanceReconnectDelayMs: number;
  /** A connection that lasted this long, plus jitter, resets the delays; in ms. */
  readonly backoffResetMs: number;
  /** Maximum jitter, in ms. */
  readonly backoffResetJitterMs: number;
  /** A connection that lasted less than this was too short, whatever it delivered; in ms. */
  readonly minUsefulConnectionMs: number;
}

/**
 * The endpoint is rediscovered after each run of this many useless attempts. Not in the reference,
 * which keeps an endpoint that has gone bad for the rest of its 12 h.
 */
const USELESS_BEFORE_REDISCOVERY = 3;

/** Close codes after which the service expects the agent to reconnect immediately. */
const CLEAN_CLOSE_CODES: ReadonlySet<number> = new Set([1000, 1001, 1011]);

type EndKind = SessionConnectionEnd["kind"];

/** Ends that the session itself decides on: how early they happen says nothing. */
const OWN_ENDS: ReadonlySet<EndKind> = new Set([
  "expired",
  "suspended",
  "lane-overflow",
  "closed",
]);

/**
 * Ends that say nothing about the endpoint. An expired connection may still have delivered nothing.
 */
const ENDS_WITHOUT_VERDICT: ReadonlySet<EndKind> = new Set([
  "suspended",
  "lane-overflow",
  "closed",
]);

/** Ends because nothing got through any more, in one direction or the other. */
const SILENT_ENDS: ReadonlySet<EndKind> = new Set(["idle", "write-stalled", "write-overflow"]);

/** Whether a connection ended in a way after which to reconnect immediately. */
export function isCleanEnd(end: SessionConnectionEnd): boolean {
  if (end.kind === "close") return CLEAN_CLOSE_CODES.has(end.code);
  return end.kind === "eof" || end.kind === "expired" || end.kind === "suspended";
}

/** Decides when to connect again; remembers earlier outcomes. */
export class ReconnectPolicy {
  readonly #timing: ReconnectTiming;
  readonly #random: RandomSource;
  #shortInARow = 0;
  #silentInARow = 0;
  #uselessInARow = 0;
  /** How many times in a row the delay has grown. */
  #backoffs = 0;

  /**
   * @param timing The time constants.
   * @param random The source of jitter.
   */
  constructor(timing: ReconnectTiming, random: RandomSource) {
    this.#timing = timing;
    this.#random = random;
  }

  /** How many connections in a row were too short. */
  get shortInARow(): number {
    return this.#shortInARow;
  }

  /** How many connections have ended in silence since the last useful one. */
  get silentInARow(): number {
    return this.#silentInARow;
  }

  /** What to do after this outcome. */
  decide(outcome: AttemptOutcome): ReconnectDecision {
    const useful = this.#wasUseful(outcome);
    const rediscover = this.#doubtsEndpointAfter(outcome, useful);
    return { ...this.#delayAfter(outcome), useless: useful === false, rediscover };
  }

  /** Forgets earlier outcomes: resets the delays, and no longer doubts the endpoint. */
  reset(): void {
    this.#shortInARow = 0;
    this.#silentInARow = 0;
    this.#uselessInARow = 0;
    this.#backoffs = 0;
  }

  #delayAfter(outcome: AttemptOutcome): Delay {
    if (outcome.kind === "suspended") return AT_ONCE;
    if (outcome.kind === "ended") this.#countShort(outcome);
    if (isInactive(outcome)) {
      return { reason: "inactive", delayMs: this.#timing.inactiveInstanceReconnectDelayMs };
    }
    if (outcome.kind === "failed") return this.#backOff("backoff");
    const { end, livedMs, lostAnswers } = outcome;
    if (this.#hasLived(livedMs)) this.#backoffs = 0;
    // The first delay each time: the connection was useful, but there must not be a loop without a
    // delay. If answers are lost, the service resends the same messages: there is no progress.
    if (end.kind === "lane-overflow" && !lostAnswers) this.#backoffs = 0;
    if (!isCleanEnd(end)) return this.#backOff("backoff");
    // A peer that accepts and drops must not cause a tight loop, however cleanly it closes, and
    // whatever it sends first: the service itself sends a manifest on every connection.
    if (this.#shortInARow >= 2 && !OWN_ENDS.has(end.kind)) return this.#backOff("storm");
    this.#backoffs = 0;
    return AT_ONCE;
  }

  #countShort({ end, livedMs }: Extract<AttemptOutcome, { kind: "ended" }>): void {
    if (livedMs >= this.#timing.minUsefulConnectionMs) this.#shortInARow = 0;
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

  /** Whether the endpoint was useful; `undefined` if the outcome says nothing about it. */
  #wasUseful(outcome: AttemptOutcome): boolean | undefined {
    if (outcome.kind === "suspended") return undefined;
    if (outcome.kind === "failed") return saysNothingOfEndpoint(outcome) ? undefined : false;
    const { end, livedMs, receivedMessage, lostAnswers } = outcome;
    // Messages filled a lane, so the connection has not fallen silent.
    if (end.kind === "lane-overflow") this.#silentInARow = 0;
    if (ENDS_WITHOUT_VERDICT.has(end.kind)) return undefined;
    const isShort = livedMs < this.#timing.minUsefulConnectionMs && !OWN_ENDS.has(end.kind);
    const wasHeard = receivedMessage && !isShort && !SILENT_ENDS.has(end.kind);
    // Lost answers make it useless, but it has not fallen silent.
    if (wasHeard) this.#silentInARow = 0;
    return wasHeard && !lostAnswers;
  }

  #hasLived(livedMs: number): boolean {
    const { backoffResetMs, backoffResetJitterMs } = this.#timing;
    return livedMs >= addJitter(backoffResetMs, backoffResetJitterMs, this.#random);
  }

  #backOff(reason: "backoff" | "storm"): Delay {
    const { backoffMinMs, backoffMaxMs } = this.#timing;
    const options = { backoffMinMs, backoffMaxMs, random: this.#random };
    return { reason, delayMs: backoffMs(this.#backoffs++, options) };
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
