/**
 * Connections of the recorder to the service.
 *
 * @module
 */

import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { openStream } from "../doctor/open_socket.ts";
import { targetOf } from "../doctor/target.ts";

/** Maximum time for the tunnel of a proxy, in ms. */
const TUNNEL_TIMEOUT_MS = 30_000;

/** Whether the environment names a proxy for a URL that this process uses. */
export function isProxied(url: URL): boolean {
  return targetOf(url.href).proxyUrl !== undefined;
}

/**
 * Connects to the host of a URL: with TLS if it is an `https:` URL, and through the proxy that the
 * environment names, as the connections of `acs run` do.
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
