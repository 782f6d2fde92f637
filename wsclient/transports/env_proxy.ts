/**
 * Which proxy the environment names for a URL, by the rules of Node's `fetch` and `WebSocket`.
 *
 * @module
 */

/** Environment variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds the proxy for a URL in `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. A lower-case name takes
 * precedence; without `HTTPS_PROXY`, `HTTP_PROXY` is also used for `wss:` URLs.
 *
 * @param url A `ws:` or `wss:` URL.
 * @param env The environment variables.
 * @returns The proxy's URL as in the variable; `undefined` for a direct connection.
 */
export function envProxyFor(url: string, env: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === "wss:";
  const http = env["http_proxy"] ?? env["HTTP_PROXY"];
  const https = env["https_proxy"] ?? env["HTTPS_PROXY"];
  const proxy = isSecure ? https || http : http;
  if (!proxy) return undefined;
  const target = {
    host: withoutBrackets(hostname).replace(/(.)\.$/, "$1"),
    port: port || (isSecure ? "443" : "80"),
  };
  const exceptions = (env["no_proxy"] ?? env["NO_PROXY"] ?? "").split(/[,\s]+/);
  return exceptions.some((entry) => matches(entry, target)) ? undefined : proxy;
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
