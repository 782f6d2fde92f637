/**
 * What the client asks of a socket. The built-in transport is the runtime's own WebSocket
 * (`transports/native.ts`); tests use one in memory; a user may bring another.
 *
 * @module
 */

import type { ConnectPhase } from "./connect_phase.ts";

/** What a transport is told when it opens one connection. */
export interface TransportRequest {
  /** The complete `ws:` or `wss:` URL, query included. */
  readonly url: string;
  /**
   * Returns request headers, signed for now with the keys of this attempt. Called once for the
   * upgrade and once more if the transport has to ask the same URL again to learn why the upgrade
   * was refused.
   */
  readonly headers: () => Promise<Record<string, string>>;
  /**
   * Cancels an attempt in progress at once: by the user, or by the client's time limit for
   * connecting. It has no effect once the connection is open.
   */
  readonly signal: AbortSignal;
  /** Is called with each phase of the attempt when it begins; a time-out names the last one. */
  readonly progress?: (phase: ConnectPhase) => void;
  /** Logs, as a warning, what the user should know although the attempt goes on. */
  readonly warn?: (text: string) => void;
}

/**
 * How a connection ended.
 *
 * - `close`: the peer sent a close frame, with its code (1005 when the frame had none).
 * - `eof`: the peer ended the byte stream in order, without a close frame (RFC 6455's 1006).
 * - `write-overflow`: the transport itself gave up, since more waited to be written than it keeps.
 * - `error`: anything else, such as a reset or a broken frame.
 */
export type TransportEnd =
  | { readonly kind: "close"; readonly code: number; readonly reason: string }
  | { readonly kind: "eof" }
  | { readonly kind: "write-overflow" }
  | { readonly kind: "error"; readonly error: Error };

/** What was seen on a socket. */
export interface SocketActivity {
  /** Whether bytes have arrived since the last look. */
  readonly hasReceived: boolean;
  /** Whether anything waits to be written. */
  readonly isWriting: boolean;
}

/** What a transport tells the client about an open connection. */
export interface TransportListener {
  /**
   * Looks at what cannot be seen in messages: whether bytes have arrived since the last look, such as
   * the first half of a message, and `bufferedAmount`, in which pongs count. A transport that sees its
   * socket calls this about once a second while there is something to see.
   */
  activity?(activity: SocketActivity): void;
  /** One complete frame: a string for text, bytes for binary. Never called after {@linkcode end}. */
  message(data: string | Uint8Array): void;
  /** The connection has ended without our doing. Called at most once. */
  end(end: TransportEnd): void;
}

/** One open connection. */
export interface TransportConnection {
  /**
   * Bytes handed to {@linkcode send}, and pongs, that the operating system has not taken yet. What
   * they take in memory may count, too, where that is more.
   */
  readonly bufferedAmount: number;
  /**
   * Attaches the listener. The client calls it once; frames and an end that came earlier are kept
   * until then and delivered first.
   */
  listen(listener: TransportListener): void;
  /**
   * Sends one text frame.
   *
   * @throws {Error} If the connection is no longer open.
   */
  send(text: string): void;
  /**
   * Leaves: sends a close frame with `code` and `reason` where possible and lets the socket go,
   * without waiting for the peer. Nothing is delivered to the listener from this call on. A socket
   * whose peer does not answer is destroyed after a short grace where the runtime can do that.
   *
   * @param code 1000, or 3000 to 4999.
   * @param reason At most 123 bytes of UTF-8.
   * @returns Settles when the peer has answered, or the socket is gone otherwise; perhaps never. Only
   * a process that is about to end has reason to wait for it, and not for long.
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
