/**
 * Opens the TCP or TLS connection of an upgrade, in place of what undici does for it.
 *
 * undici's own connector does not show how far it has come, and has a time limit of its own.
 *
 * @module
 */

import process from "node:process";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { type Progress, reportPhases } from "./socket_phases.ts";

/** Where to connect to, as undici says it; the names are its own. */
export interface ConnectTarget {
  /** The host's name, or its address without brackets. */
  readonly hostname: string;
  /** The port; empty for the scheme's default. */
  readonly port: string;
  /** `http:` or `https:`. */
  readonly protocol: string;
  /** The name for the TLS handshake, if it is not the host's. */
  readonly servername?: string | null;
}

/** What undici's `connect` option is. */
export type Connector = (
  target: ConnectTarget,
  callback: (error: unknown, socket: Socket | null) => void,
) => Socket;

/** How long a connection may be idle before TCP asks whether the peer is still there, in ms. undici's. */
const KEEP_ALIVE_MS = 60_000;

/**
 * Makes a connector.
 *
 * @param signal Destroys sockets that are still connecting, and those that are open.
 * @param progress Is called with each phase of a connection.
 */
export function connector(signal: AbortSignal, progress: Progress): Connector {
  return ({ hostname, port, protocol, servername }, callback) => {
    const isSecure = protocol === "https:";
    const options = { host: hostname, port: Number(port) || (isSecure ? 443 : 80), signal };
    // node:tls is loaded where it is needed.
    const socket = isSecure
      ? process.getBuiltinModule("node:tls").connect({
        ...options,
        ALPNProtocols: ["http/1.1"],
        servername: servername || (isIP(hostname) === 0 ? hostname : ""),
      })
      : connectTcp(options);
    reportPhases(socket, hostname, isSecure, progress);
    socket.setKeepAlive(true, KEEP_ALIVE_MS).setNoDelay(true);
    let isDone = false;
    const finish = (error: unknown, connected: Socket | null) => {
      if (isDone) return;
      isDone = true;
      callback(error, connected);
    };
    // It stays: an error may come before undici has a listener of its own.
    socket.on("error", (error) => finish(error, null));
    socket.once(isSecure ? "secureConnect" : "connect", () => finish(null, socket));
    return socket;
  };
}
