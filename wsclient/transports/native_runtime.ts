/**
 * What the native transport asks of a runtime: the part that `native_deno.ts` and `native_node.ts`
 * each fill in.
 *
 * @module
 */

import type { SocketActivity, Transport, TransportEnd, TransportRequest } from "../transport.ts";

/** What a runtime needs besides the request. */
export interface NativeSettings {
  /** Merged into the second argument of the WebSocket's constructor. */
  readonly webSocketOptions: Readonly<Record<string, unknown>>;
  /** How long the probe of a refused upgrade may take, in ms. */
  readonly probeTimeoutMs: number;
  /** How long a peer may take to answer our close frame, in ms. */
  readonly closeGraceMs: number;
}

/** One attempt to connect, and the connection that comes of it. */
export interface NativeSocket {
  /** The runtime's own WebSocket, just created. */
  readonly webSocket: WebSocket;
  /**
   * Calls `failed` once if the attempt comes to nothing, with the reason to tell the user. May take
   * a while after the WebSocket's own event: the reason may have to be asked for.
   */
  whenFailed(failed: (error: Error) => void): void;
  /** Bytes that wait to be written, see `TransportConnection`. */
  readonly bufferedAmount: number;
  /**
   * Calls `ended` when the open connection ends, and `failed` no more. May call it more than once:
   * the first call counts. Calls `seen` about once a second, where it can see the socket.
   */
  whenEnded(
    ended: (end: TransportEnd) => void,
    seen: (activity: SocketActivity) => void,
  ): void;
  /** Sends one text frame. */
  send(text: string): void;
  /**
   * Lets go of the socket after it was told to close, or has ended: stops whatever
   * {@linkcode whenFailed} and {@linkcode whenEnded} started, and destroys a TCP connection that is
   * still there after `graceMs`, where the runtime can do that.
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
   * Makes of the transport that opens these sockets one that has a substitute for a WebSocket which
   * cannot be used. Default: there is none.
   */
  withFallback?(native: Transport, settings: NativeSettings): Transport;
}
