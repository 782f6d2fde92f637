/**
 * Compares the readiness that a session reports with what the world knows.
 *
 * @module
 */

import { isRefusal } from "../../protocol/answers.ts";
import { isReceivedMessageType } from "../../protocol/message_types.ts";
import type { Checks } from "./observer.ts";
import type { World } from "./world.ts";

/** After this time without a message the session must have noticed: the idle timeout, in ms. */
const NOTICED_AFTER_MS = 121_000;

/**
 * After this time at the latest a resumed machine knows that it was suspended, and that no message
 * has arrived since for the idle timeout, in ms.
 */
const RESUMED_AFTER_MS = 106_000;

/** Measures readiness. Durations are in ms. */
export class ReadinessWatch {
  readonly #world: World;
  #lookedAtMs = 0;
  /** When the agent was last reached, by the machine's monotonic clock and by the true one. */
  #reachedAt = { monotonic: -Infinity, trueMs: -Infinity };
  /** How long the session was ready after it should have noticed that nothing reaches it. */
  wrongMs = 0;
  /** How long the session was ready. */
  readyMs = 0;
  /** How long a session has existed while its machine was running. */
  runningMs = 0;
  /** The longest time from the end of all faults until the session was ready. */
  worstRecoveryMs = 0;
  #wasCalm = true;
  #isRecovering = false;

  /** @param world The world. */
  constructor(world: World) {
    this.#world = world;
  }

  /** What it observes. */
  checks(): Checks {
    const nothing = { monotonic: -Infinity, trueMs: -Infinity };
    return {
      started: () => void (this.#reachedAt = nothing),
      arrived: ({ type }) => {
        if (!isReceivedMessageType(type) || isRefusal(type)) return;
        const { time } = this.#world;
        this.#reachedAt = { monotonic: time.monotonicNow(), trueMs: time.elapsedMs };
      },
    };
  }

  /** Checks the session; called every few seconds, even while the machine is suspended. */
  look(): void {
    const { time, health, calmForMs } = this.#world;
    const now = time.elapsedMs;
    const sinceMs = now - this.#lookedAtMs;
    this.#lookedAtMs = now;
    const isCalm = calmForMs > 0;
    if (isCalm !== this.#wasCalm) this.#isRecovering = isCalm;
    this.#wasCalm = isCalm;
    if (time.isMachineFrozen || health === undefined) return;
    this.runningMs += sinceMs;
    if (!health.ready) return;
    this.readyMs += sinceMs;
    this.wrongMs += Math.min(sinceMs, this.overdueMs);
    if (!this.#isRecovering) return;
    this.#isRecovering = false;
    this.worstRecoveryMs = Math.max(this.worstRecoveryMs, calmForMs);
  }

  /**
   * For how long the session should have known that no message of the service reaches it; 0 if it
   * need not. What passes in a suspension counts, too, once the machine had time to notice it.
   */
  get overdueMs(): number {
    const { time, clockSetAtMs } = this.#world;
    const { monotonic, trueMs } = this.#reachedAt;
    const silentMs = time.as("machine", () => time.monotonicNow()) - monotonic;
    const overdueMs = Math.max(0, silentMs - NOTICED_AFTER_MS);
    const { fromMs = Infinity, untilMs = Infinity } = time.lastSuspension ?? {};
    const resumedForMs = time.elapsedMs - untilMs;
    // Only the wall clock shows a suspension: not if it was set meanwhile.
    const isNoticed = untilMs - fromMs > NOTICED_AFTER_MS && clockSetAtMs < fromMs;
    const isOld = trueMs < fromMs && isNoticed;
    return isOld ? Math.max(overdueMs, resumedForMs - RESUMED_AFTER_MS, 0) : overdueMs;
  }
}
