/**
 * Connections through the proxy that Node's environment names, for npm's `ws`.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { ConnectError } from "../../errors.ts";
import { activeEnvProxyFor } from "./active_env_proxy.ts";
import { hostOf } from "./probe.ts";
import { proxyClient } from "./proxy_client_node.ts";
import type { Progress } from "./socket_phases.ts";

/** The arguments of `createConnection`, an option of Node's HTTP requests, as far as needed. */
interface Target {
  readonly host?: string;
  readonly port?: string | number;
  readonly servername?: string;
}

/** Options of `ws` that make its connection use a tunnel. */
export interface TunnelOptions {
  /** Calls back with the socket for the request, or with an error. */
  createConnection(target: Target, callback: (error: unknown, socket?: Duplex) => void): void;
}

/**
 * The options that make `ws` use the environment's proxy, if Node itself does: with
 * `NODE_USE_ENV_PROXY=1`, `--use-env-proxy`, or after `http.setGlobalProxyFromEnv()`.
 *
 * @param url The `ws:` or `wss:` URL to connect to.
 * @param signal Ends a pending request for a tunnel.
 * @param progress Called with each phase of the connection.
 * @returns `undefined` if the connection is a direct one.
 * @throws {ConnectError} If `ws` cannot use the proxy.
 */
export function envTunnel(
  url: string,
  signal: AbortSignal,
  progress: Progress,
): TunnelOptions | undefined {
  const named = activeEnvProxyFor(url);
  if (!named) return undefined;
  const proxy = URL.parse(named);
  if (proxy?.protocol !== "http:" && proxy?.protocol !== "https:") {
    throw new ConnectError(
      `cannot connect to ${hostOf(url)}: the proxy that the environment names has no http: or ` +
        "https: URL, and npm's ws can go through no other",
      { host: hostOf(url), retryable: false },
    );
  }
  return {
    createConnection: tunnelThrough(proxy, url.startsWith("wss:"), signal, progress),
  };
}

function tunnelThrough(
  proxy: URL,
  isSecure: boolean,
  signal: AbortSignal,
  progress: Progress,
): TunnelOptions["createConnection"] {
  const open = async (target: Target): Promise<Duplex> => {
    const host = target.host ?? "";
    const authority = `${host.includes(":") ? `[${host}]` : host}:${target.port}`;
    const headers = { host: authority, ...authorization(proxy) };
    const { socket } = await proxyClient(proxy, signal, progress).connect({
      path: authority,
      headers,
    });
    if (!isSecure) {
      progress("upgrade");
      return socket;
    }
    const { connect } = await import("node:tls");
    const { isIP } = await import("node:net");
    const secured = connect({
      ...target,
      port: Number(target.port),
      socket,
      servername: target.servername ?? (isIP(host) === 0 ? host : ""),
    });
    return secured.once("secureConnect", () => progress("upgrade"));
  };
  return (target, callback) => {
    open(target).then((socket) => callback(undefined, socket), callback);
  };
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(user).toString("base64")}` };
}
