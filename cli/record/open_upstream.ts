/**
 * Opens the recorder's connections to the service.
 *
 * @module
 */

import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { openStream } from "../doctor/open_socket.ts";
import { targetOf } from "../doctor/target.ts";

/** Time limit for opening a tunnel through a proxy, in ms. */
const TUNNEL_TIMEOUT_MS = 30_000;

/** Whether this process connects to a URL through a proxy. */
export function isProxied(url: URL): boolean {
  return targetOf(url.href).proxyUrl !== undefined;
}

/**
 * Connects to the host of a URL, with TLS for `https:`, and through the proxy from the environment,
 * if there is one, like `acs run`.
 *
 * @param url An `http:` or `https:` URL.
 * @returns The socket. Without a proxy, it may still be connecting.
 * @throws {ConnectError} If the proxy cannot be reached or refuses.
 */
export async function openUpstream(url: URL): Promise<Socket> {
  const { hostname: host, port, isSecure, proxyUrl } = targetOf(url.href);
  if (proxyUrl === undefined && !isSecure) {
    return connectTcp({ host, port, allowHalfOpen: true, noDelay: true });
  }
  const servername = isIP(host) === 0 ? host : "";
  const options = { host, port, servername, ALPNProtocols: ["http/1.1"] };
  if (proxyUrl === undefined) return connectTls(options).setNoDelay(true);
  const socket = (await openStream(targetOf(url.href), TUNNEL_TIMEOUT_MS)).setNoDelay(true);
  return isSecure ? connectTls({ ...options, socket }) : socket;
}
