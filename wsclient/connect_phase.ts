/**
 * How far an attempt to connect has got.
 *
 * @module
 */

import type { ConnectPhase } from "../errors.ts";

const UNFINISHED: Readonly<Record<ConnectPhase, (host: string) => string>> = {
  lookup: (host) => `the name lookup of ${host} did not finish`,
  tcp: (host) => `the TCP connection to ${host} was not established`,
  proxy: (host) => `the proxy did not open a tunnel to ${host}`,
  tls: (host) => `${host} did not complete the TLS handshake`,
  upgrade: (host) => `${host} did not complete the upgrade`,
};

/**
 * Says what did not finish.
 *
 * @param phase The last phase that has begun; `undefined` if the transport does not report it, as
 * on Deno with its own WebSocket.
 * @param host The host.
 * @param ms The time limit that has passed, in ms.
 */
export function describeUnfinished(
  phase: ConnectPhase | undefined,
  host: string,
  ms: number,
): string {
  const what = phase === undefined
    ? `name lookup, TCP, TLS or the upgrade of ${host} did not finish`
    : UNFINISHED[phase](host);
  return `${what} in ${ms} ms`;
}
