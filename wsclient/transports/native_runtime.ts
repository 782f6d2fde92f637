/**
 * The interface between the native transport and a runtime, implemented by `native_deno.ts` and
 * `native_node.ts`.
 *
 * @module
 */

import type { SocketActivity, Transport, TransportEnd, TransportRequest } from "../transport.ts";

/** The inputs of a runtime in addition to the request. */
export interface NativeSettings {
  /** Merged into the second argument of the WebSocket's constructor. */
  readonly webSocketOptions: Readonly<Record<string, unknown>>;
  /** How long the probe after a refused upgrade may take, in ms. */
  readonly probeTimeoutMs: number;
  /** How long a peer may take to answer a close frame, in ms. */
  readonly closeGraceMs: number;
}

/** One attempt to connect, and the resulting connection. */
export interface NativeSocket {
  /** The runtime's own WebSocket, just created. */
  readonly webSocket: WebSocket;
  /**
   * Calls `failed` once if the attempt fails, with the reason for the user. May take a while after
   * the WebSocket's own event: finding the reason may take a second request.
   */
  whenFailed(failed: (error: Error) => void): void;
  /** Bytes that are waiting to be written, see `TransportConnection`. */
  readonly bufferedAmount: number;
  /**
   * Calls `ended` when the open connection ends, and no longer calls `failed`. May call it more
   * than once: the first call counts. Calls `seen` about once a second, if it has access to the
   * socket.
   */
  whenEnded(
    ended: (end: TransportEnd) => void,
    seen: (activity: SocketActivity) => void,
  ): void;
  /** Sends one text frame. */
  send(text: string): void;
  /**
   * Releases a socket that was closed or has ended: stops whatever {@linkcode whenFailed} and
   * {@linkcode whenEnded} started, and destroys a TCP connection that still exists after `graceMs`,
   * if the runtime can do that.
   */
  release(graceMs: number): void;
}

/** Opens sockets on one runtime. */
export interface NativeRuntime {
  /** Starts one attempt with the given request headers. */
  open(
    request: TransportRequest,
    headers: Record<string, string>,
    settings: NativeSettings,
  ): NativeSocket;
  /**
   * Wraps the transport that opens these sockets, to substitute a WebSocket which cannot be used.
   * Default: no substitute.
   */
  withFallback?(native: Transport, settings: NativeSettings): Transport;
}
