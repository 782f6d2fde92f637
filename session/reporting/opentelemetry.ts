/**
 * Loads the OpenTelemetry API once an SDK is registered in this process. Without an SDK, the API
 * only consists of no-ops, and loading it takes 5 ms on Deno and 15 ms on Node.
 *
 * @module
 */

import type * as OpenTelemetry from "@opentelemetry/api";
import { describeError } from "../../internal/redaction/describe_error.ts";
import { safeGet } from "../../internal/safe_get.ts";
import { logger } from "./log.ts";

/** The API's functions. */
export type OpenTelemetryApi = typeof OpenTelemetry;

/**
 * The global symbol under which all copies of the API share their registrations, once there is one.
 */
const REGISTRY = Symbol.for("opentelemetry.js.api.1");

let loaded: OpenTelemetryApi | undefined;
let loading: Promise<OpenTelemetryApi | undefined> | undefined;

/** The registrations of all copies of the API; `undefined` if there never was one. */
export function openTelemetryRegistry(): unknown {
  // Runs for each message; `in` takes a quarter of the time.
  return REGISTRY in globalThis ? safeGet(globalThis, REGISTRY) : undefined;
}

/** The API; `undefined` until it is loaded. */
export function loadedOpenTelemetry(): OpenTelemetryApi | undefined {
  return loaded;
}

/**
 * Loads the API if an SDK is registered. An application that registers an SDK has already loaded
 * the API, usually the same copy.
 *
 * @returns The API. `undefined` if no SDK is registered; a promise of `undefined` if the API cannot
 * be loaded.
 */
export function loadOpenTelemetry(): Promise<OpenTelemetryApi | undefined> | undefined {
  if (openTelemetryRegistry() === undefined) return undefined;
  return loading ??= load();
}

async function load(): Promise<OpenTelemetryApi | undefined> {
  try {
    loaded = await import("@opentelemetry/api");
  } catch (error) {
    logger.warn("No metrics or spans are recorded: @opentelemetry/api cannot be loaded: {error}", {
      error: describeError(error),
    });
  }
  return loaded;
}
