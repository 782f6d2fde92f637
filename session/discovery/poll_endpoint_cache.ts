/**
 * Remembers the ACS endpoint, so that a reconnect does not call ECS again.
 *
 * @module
 */

import type { DiscoverPollEndpointOutput } from "../../protocol/discover_poll_endpoint.ts";

/** Where an endpoint came from. */
export type PollEndpointSource = "discovered" | "cached" | "expired";

/** An endpoint and its source. */
export interface PollEndpoint {
  /** The answer of ECS. */
  readonly output: DiscoverPollEndpointOutput;
  /** `expired`: the call failed, and the previous answer was used. */
  readonly source: PollEndpointSource;
  /** Why the call failed, if the source is `expired`. */
  readonly error?: unknown;
}

/** One answer, cached for a limited time. */
export class PollEndpointCache {
  readonly #call: (signal: AbortSignal) => Promise<DiscoverPollEndpointOutput>;
  readonly #ttlMs: number;
  /** Times are those of `performance.now()`: the wall clock may be set at any time. */
  #entry: { output: DiscoverPollEndpointOutput; storedAt: number } | undefined;
  #inFlight: Promise<PollEndpoint> | undefined;

  /**
   * @param call Calls ECS.
   * @param ttlMs How long an answer is valid, in ms.
   */
  constructor(
    call: (signal: AbortSignal) => Promise<DiscoverPollEndpointOutput>,
    ttlMs: number,
  ) {
    this.#call = call;
    this.#ttlMs = ttlMs;
  }

  /**
   * The endpoint: from the cache while it is valid, else from ECS, else the expired one. There is
   * only one call at a time; concurrent callers share its result.
   *
   * @param signal Cancels the call.
   * @throws What the call throws, if there is no earlier answer.
   */
  get(signal: AbortSignal): Promise<PollEndpoint> {
    if (this.#entry !== undefined && this.isGood) {
      return Promise.resolve({ output: this.#entry.output, source: "cached" });
    }
    this.#inFlight ??= this.#discover(signal).finally(() => this.#inFlight = undefined);
    return this.#inFlight;
  }

  /** The entry may be wrong: call ECS the next time, and use the entry only if that fails. */
  expire(): void {
    if (this.#entry !== undefined) this.#entry.storedAt = -Infinity;
  }

  /** Whether the endpoint is known, so that ECS need not be called. */
  get isGood(): boolean {
    return this.#entry !== undefined && performance.now() - this.#entry.storedAt < this.#ttlMs;
  }

  async #discover(signal: AbortSignal): Promise<PollEndpoint> {
    try {
      const output = await this.#call(signal);
      this.#entry = { output, storedAt: performance.now() };
      return { output, source: "discovered" };
    } catch (error) {
      if (this.#entry === undefined || signal.aborted) throw error;
      return { output: this.#entry.output, source: "expired", error };
    }
  }
}
