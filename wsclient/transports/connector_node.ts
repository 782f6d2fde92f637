/**
 * Opens the TCP or TLS connection of an upgrade, instead of undici's own connector.
 *
 * undici's own connector does not report its progress, and has its own time limit.
 *
 * @module
 */

import process from "node:process";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { type Progress, reportPhases } from "./socket_phases.ts";

/** Where to connect to, in undici's form and names. */
export interface ConnectTarget {
  /** The host's name, or its address without brackets. */
  readonly hostname: string;
  /** The port; empty for the scheme's default. */
  readonly port: string;
  /** `http:` or `https:`. */
  readonly protocol: string;
  /** The name for the TLS handshake, if it differs from the host's. */
  readonly servername?: string | null;
}

/** The type of undici's `connect` option. */
export type Connector = (
  target: ConnectTarget,
  callback: (error: unknown, socket: Socket | null) => void,
) => Socket;

/**
 * How long a connection may be idle before TCP probes whether the peer is still there, in ms.
 * undici's value.
 */
const KEEP_ALIVE_MS = 60_000;

/**
 * Creates a connector.
 *
 * @param signal Destroys sockets that are still connecting, and those that are open.
 * @param progress Called with each phase of a connection.
 */
export function connector(signal: AbortSignal, progress: Progress): Connector {
  return ({ hostname, port, protocol, servername }, callback) => {
    const isSecure = protocol === "https:";
    const options = { host: hostname, port: Number(port) || (isSecure ? 443 : 80), signal };
    // node:tls is loaded on demand.
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
    // It stays attached: an error may occur before undici has its own listener.
    socket.on("error", (error) => finish(error, null));
    socket.once(isSecure ? "secureConnect" : "connect", () => finish(null, socket));
    return socket;
  };
}
