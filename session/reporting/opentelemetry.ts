/**
 * The API of OpenTelemetry, loaded once an SDK is registered in this process: without one, all of it
 * would be no-ops, and loading them costs Deno 5 ms and Node 15.
 *
 * @module
 */

import type * as OpenTelemetry from "@opentelemetry/api";
import { describeError } from "../../internal/redaction/describe_error.ts";
import { safeGet } from "../../internal/safe_get.ts";
import { logger } from "./log.ts";

/** The API's functions. */
export type OpenTelemetryApi = typeof OpenTelemetry;

/** Where all copies of the API in a process keep what is registered, from the first registration. */
const REGISTRY = Symbol.for("opentelemetry.js.api.1");

let loaded: OpenTelemetryApi | undefined;
let loading: Promise<OpenTelemetryApi | undefined> | undefined;

/** What is registered with any copy of the API; `undefined` if nothing ever was. */
export function openTelemetryRegistry(): unknown {
  // Checked for each message, and `in` takes a quarter of the time.
  return REGISTRY in globalThis ? safeGet(globalThis, REGISTRY) : undefined;
}

/** The API, if it has been loaded. */
export function loadedOpenTelemetry(): OpenTelemetryApi | undefined {
  return loaded;
}

/**
 * Loads the API, if something is registered. An application that registers an SDK has loaded the
 * API itself, usually the same copy.
 *
 * @returns `undefined`, immediately if nothing is registered, later if the API cannot be loaded.
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
