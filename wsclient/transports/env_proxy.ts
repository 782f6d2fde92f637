/**
 * Which proxy the environment names for a URL, by the rules of Node's `fetch` and `WebSocket`.
 *
 * @module
 */

import type { Environment } from "../../internal/environment.ts";

/** The variables that name proxies, and the hosts that are reached without one. */
export const PROXY_VARIABLES: readonly string[] = [
  "http_proxy",
  "HTTP_PROXY",
  "https_proxy",
  "HTTPS_PROXY",
  "no_proxy",
  "NO_PROXY",
];

/** A proxy, and the variable that names it. */
export interface EnvProxy {
  /** The proxy's URL as the variable has it. */
  readonly proxy: string;
  /** The variable. */
  readonly variable: string;
}

/**
 * Finds the proxy for a URL in `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. A lower-case name takes
 * precedence; without `HTTPS_PROXY`, `HTTP_PROXY` is also used for `wss:` and `https:` URLs.
 *
 * @param url A `ws:`, `wss:`, `http:` or `https:` URL.
 * @param env The environment variables.
 * @returns `undefined` for a direct connection.
 */
export function findEnvProxy(url: string, env: Environment): EnvProxy | undefined {
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === "wss:" || protocol === "https:";
  const http = firstSet(env, ["http_proxy", "HTTP_PROXY"]);
  const https = isSecure ? firstSet(env, ["https_proxy", "HTTPS_PROXY"]) : undefined;
  const named = https?.proxy ? https : http;
  if (!named?.proxy) return undefined;
  const target = {
    host: withoutBrackets(hostname).replace(/(.)\.$/, "$1"),
    port: port || (isSecure ? "443" : "80"),
  };
  const exceptions = (env["no_proxy"] ?? env["NO_PROXY"] ?? "").split(/[,\s]+/);
  return exceptions.some((entry) => matches(entry, target)) ? undefined : named;
}

/** The URL of the proxy that {@linkcode findEnvProxy} finds. */
export function envProxyFor(url: string, env: Environment): string | undefined {
  return findEnvProxy(url, env)?.proxy;
}

/**
 * Parses the value of a proxy variable. Without a scheme, it is an `http:` URL.
 *
 * @returns `undefined` if it is not a URL.
 */
export function parseProxy(named: string): URL | undefined {
  return URL.parse(named.includes("://") ? named : `http://${named}`) ?? undefined;
}

/** An empty variable counts, too: in lower case it hides the other one. */
function firstSet(env: Environment, variables: readonly string[]): EnvProxy | undefined {
  const variable = variables.find((name) => env[name] !== undefined);
  return variable === undefined ? undefined : { variable, proxy: env[variable] ?? "" };
}

/**
 * One entry of `NO_PROXY`: `*`, a host, an address, or a domain, which also matches its subdomains
 * (with `*.` before it: only those); each with an optional port.
 */
function matches(entry: string, target: { host: string; port: string }): boolean {
  const { host, port } = hostAndPort(entry);
  if (host === "" || port !== undefined && port !== target.port) return false;
  if (host === "*") return true;
  const isBelowOnly = host.startsWith("*");
  const domain = host.replace(/^\*?\./, "").replace(/(.)\.$/, "$1").toLowerCase();
  return target.host === domain && !isBelowOnly || target.host.endsWith(`.${domain}`);
}

/** A single colon precedes a port; an IPv6 address has more, and needs brackets before a port. */
function hostAndPort(entry: string): { host: string; port: string | undefined } {
  const parts = /^(\[.+\]|[^:]+):(\d+)$/.exec(entry);
  return { host: withoutBrackets(parts?.[1] ?? entry), port: parts?.[2] };
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.+)\]$/, "$1");
}
