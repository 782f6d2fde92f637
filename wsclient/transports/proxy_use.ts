/**
 * The proxy between this process and a host, for the error about a connection that failed.
 *
 * @module
 */

import type { ProxyUse } from "../../errors.ts";
import { readVariables } from "../../internal/environment.ts";
import { isSafeList, safeGet, safeText } from "../../internal/safe_get.ts";
import { findEnvProxy, parseProxy, PROXY_VARIABLES } from "./env_proxy.ts";
import { activeEnvProxyFor } from "./active_env_proxy.ts";

/** Causes are read to this depth. */
const MAX_DEPTH = 5;

/**
 * The proxy that the environment names for a URL.
 *
 * @param url An `http:`, `https:`, `ws:` or `wss:` URL.
 * @param error What the connection failed with, if the proxy may have refused it.
 * @returns `undefined` for a direct connection, and where the variables may not be read.
 */
export function proxyUse(url: string, error?: unknown): ProxyUse | undefined {
  const named = findEnvProxy(url, readVariables(PROXY_VARIABLES));
  if (named === undefined) return undefined;
  const host = parseProxy(named.proxy)?.host ?? "";
  // Deno connects directly if the variable is not a URL; Node.js does not start.
  const isUsed = host !== "" && ("Deno" in globalThis || activeEnvProxyFor(url) !== undefined);
  const status = isUsed ? refusedStatus(error) : undefined;
  return {
    host,
    variable: named.variable,
    isUsed,
    ...(status !== undefined && { status }),
  };
}

/** The status with which a proxy refused a tunnel, from our own client's error or from undici's. */
function refusedStatus(error: unknown, depth = 0): number | undefined {
  if (typeof error !== "object" || error === null || depth > MAX_DEPTH) return undefined;
  const own = safeGet(error, "proxyStatus");
  if (typeof own === "number") return own;
  // undici exposes it nowhere else.
  const said = /^Proxy response \((\d{3})\)/.exec(safeText(error, "message") ?? "")?.[1];
  if (said !== undefined) return Number(said);
  const errors = safeGet(error, "errors");
  return refusedStatus(safeGet(error, "cause"), depth + 1) ??
    (isSafeList(errors) ? refusedStatus(safeGet(errors, 0), depth + 1) : undefined);
}
