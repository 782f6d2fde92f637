/**
 * The phases in which a Node socket connects.
 *
 * @module
 */

import { isIP, type Socket } from "node:net";
import type { ConnectPhase } from "../../errors.ts";

/** Called with each phase when it begins. */
export type Progress = (phase: ConnectPhase) => void;

/**
 * Reports the phases of a socket that has just begun to connect.
 *
 * @param socket The socket.
 * @param host The host's name, or its address.
 * @param isSecure Whether it will use TLS.
 * @param progress Called with each phase. The socket does not keep it once it is connected.
 */
export function reportPhases(
  socket: Socket,
  host: string,
  isSecure: boolean,
  progress: Progress,
): void {
  // Deno's sockets do not report when the lookup is done.
  progress(isIP(host) === 0 && !("Deno" in globalThis) ? "lookup" : "tcp");
  const onLookup = () => progress("tcp");
  socket.once("lookup", onLookup);
  socket.once("connect", () => {
    // An address is not looked up.
    socket.off("lookup", onLookup);
    progress(isSecure ? "tls" : "upgrade");
  });
  if (isSecure) socket.once("secureConnect", () => progress("upgrade"));
}
