/**
 * The interface that the client needs from a socket. The built-in transport uses the runtime's own
 * WebSocket (`transports/native.ts`); tests use one in memory; a user may provide another.
 *
 * @module
 */

import type { ConnectPhase } from "../errors.ts";

/** Parameters of one connection attempt. */
export interface TransportRequest {
  /** The complete `ws:` or `wss:` URL, query included. */
  readonly url: string;
  /**
   * Returns request headers, signed for the current time with the keys of this attempt. Called once
   * for the upgrade and once more if the transport has to request the same URL again to learn why
   * the upgrade was refused.
   */
  readonly headers: () => Promise<Record<string, string>>;
  /**
   * Cancels an attempt in progress immediately: by the user, or by the client's connect timeout. It
   * has no effect once the connection is open.
   */
  readonly signal: AbortSignal;
  /** Called with each phase of the attempt when it begins; a timeout names the last one. */
  readonly progress?: (phase: ConnectPhase) => void;
  /** Logs, as a warning, what the user should know although the attempt continues. */
  readonly warn?: (text: string) => void;
}

/**
 * How a connection ended.
 *
 * - `close`: the peer sent a close frame, with its code (1005 when the frame had none).
 * - `eof`: the peer ended the byte stream cleanly, without a close frame (RFC 6455's 1006).
 * - `write-overflow`: the transport itself gave up, since more data was waiting to be written than
 *   it buffers.
 * - `error`: anything else, such as a reset or an invalid frame.
 */
export type TransportEnd =
  | { readonly kind: "close"; readonly code: number; readonly reason: string }
  | { readonly kind: "eof" }
  | { readonly kind: "write-overflow" }
  | { readonly kind: "error"; readonly error: Error };

/** One complete frame: a string for a text frame, bytes for a binary one. */
export type Frame = string | Uint8Array;

/** Activity on a socket. */
export interface SocketActivity {
  /** Whether bytes have arrived since the last check. */
  readonly hasReceived: boolean;
  /** Whether anything is waiting to be written. */
  readonly isWriting: boolean;
}

/** How a transport notifies the client about an open connection. */
export interface TransportListener {
  /**
   * Reports what messages do not show: whether bytes have arrived since the last check, such as the
   * first half of a message, and `bufferedAmount`, which includes pongs. A transport that has
   * access to its socket calls this about once a second while there is something to report.
   */
  activity?(activity: SocketActivity): void;
  /** One frame. Never called after {@linkcode end}. */
  message(data: Frame): void;
  /** The connection ended, but not by `close`. Called at most once. */
  end(end: TransportEnd): void;
}

/** One open connection. */
export interface TransportConnection {
  /**
   * Bytes passed to {@linkcode send}, and pongs, that the operating system has not accepted yet.
   * Their size in memory may count instead, if that is larger.
   */
  readonly bufferedAmount: number;
  /**
   * Attaches the listener. The client calls it once; frames and an end that arrived earlier are
   * kept until then and delivered first.
   */
  listen(listener: TransportListener): void;
  /**
   * Sends one text frame.
   *
   * @throws {Error} If the connection is no longer open.
   */
  send(text: string): void;
  /**
   * Closes the connection: sends a close frame with `code` and `reason` if possible and releases
   * the socket, without waiting for the peer. Nothing is delivered to the listener after this call.
   * A socket whose peer does not answer is destroyed after a short grace period if the runtime
   * can do that.
   *
   * @param code 1000, or 3000 to 4999.
   * @param reason At most 123 bytes of UTF-8.
   * @returns Settles when the peer has answered, or the socket is gone otherwise; possibly never.
   * Only a process that is about to end has a reason to wait for it, and not for long.
   */
  close(code: number, reason: string): Promise<void>;
}

/** Opens connections. */
export interface Transport {
  /**
   * Opens one connection.
   *
   * @returns The open connection.
   * @throws {UpgradeRefusedError} If the peer answered with another status than 101.
   * @throws {ConnectError} If there is no usable connection: DNS, TCP, TLS, proxy, protocol.
   * @throws The signal's reason, if it aborts first.
   */
  connect(request: TransportRequest): Promise<TransportConnection>;
}
