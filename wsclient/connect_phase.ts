/**
 * How far an attempt to connect has got.
 *
 * @module
 */

/**
 * A phase of an attempt to connect, in order; a proxy replaces the first two.
 *
 * - `lookup`: the host's name is being resolved.
 * - `tcp`: a TCP connection to the host is being opened.
 * - `proxy`: a proxy has been asked for a tunnel to the host.
 * - `tls`: the TLS handshake with the host is in progress.
 * - `upgrade`: the request has been sent, or is about to be, and its answer is awaited.
 */
export type ConnectPhase = "lookup" | "tcp" | "proxy" | "tls" | "upgrade";

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
