/**
 * Finds ACS for a session: at the known endpoint, or by calling ECS.
 *
 * @module
 */

import { learnFromRefusal, type SigningContext } from "../learn_from_refusal.ts";
import type { ResolvedSessionOptions } from "../options.ts";
import { serverAttributes } from "../reporting/telemetry.ts";
import { traced } from "../reporting/traces.ts";
import type { SessionStatus } from "../session_status.ts";
import { discoverPollEndpoint } from "./discover_poll_endpoint.ts";
import type { DiscoverPollEndpointOutput } from "../../protocol/discover_poll_endpoint.ts";
import { PollEndpointCache } from "./poll_endpoint_cache.ts";

/** What discovery needs. */
export interface DiscoveryContext extends SigningContext {
  /** The session's options. */
  readonly options: ResolvedSessionOptions;
  /** What the session is doing. */
  readonly status: SessionStatus;
}

/** Finds ACS. */
export class Discovery {
  readonly #context: DiscoveryContext;
  readonly #cache: PollEndpointCache;

  /** @param context What it needs. */
  constructor(context: DiscoveryContext) {
    this.#context = context;
    this.#cache = new PollEndpointCache(
      (signal) => this.#callEcs(signal),
      context.options.timing.endpointCacheTtlMs,
    );
  }

  /**
   * The URL of ACS.
   *
   * @param signal Ends the call early.
   * @throws What DiscoverPollEndpoint throws, if there is no earlier endpoint.
   */
  async findAcs(signal: AbortSignal): Promise<string> {
    const { status, reporter, options } = this.#context;
    status.discovering(new URL(options.ecsEndpoint).host, this.#cache.isGood);
    const found = await this.#cache.get(signal);
    if (found.source === "expired") status.failed("discover", found.error);
    else status.succeeded("discover");
    reporter.discovered(found);
    signal.throwIfAborted();
    return found.output.endpoint;
  }

  /** Expires the endpoint, which may no longer be valid: the next attempt calls ECS. */
  doubtEndpoint(): void {
    this.#cache.expire();
  }

  async #callEcs(signal: AbortSignal): Promise<DiscoverPollEndpointOutput> {
    const { options, credentials, clockSkew, reporter } = this.#context;
    const input = { ...options, ...options.timing, credentials, clockSkew };
    try {
      const discover = () => discoverPollEndpoint(input, { signal });
      const { host } = new URL(options.ecsEndpoint);
      const output = await traced("acs.discover", serverAttributes(host), discover);
      reporter.discoveryAttempted();
      return output;
    } catch (error) {
      if (!signal.aborted) reporter.discoveryAttempted(error);
      learnFromRefusal(error, this.#context);
      throw error;
    }
  }
}
