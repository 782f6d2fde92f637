/**
 * `ws`'s socket, able to close with codes that must not be sent.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { WebSocket } from "ws";

/** The agent sends pings without reading the answers. */
export class PingFloodError extends Error {
  /** Always `"PingFloodError"`. */
  override readonly name = "PingFloodError";

  /** Says what the agent did. */
  constructor() {
    super("Too many pings in a row, or pongs are not read: the connection is destroyed");
  }
}

/** The socket of one agent's connection. */
export class AgentSocket extends WebSocket {
  /** The TCP or TLS socket, once a close frame has been written past `ws`. */
  #closedRaw: Duplex | undefined;

  /**
   * Writes a close frame with any code; `ws` itself refuses those that must not be sent. The
   * agent's close frame then ends the stream, as after any other.
   *
   * @param socket The underlying TCP socket.
   * @param code The code, 0 to 65,535; `null` for a frame without code and reason.
   * @param reason The reason, at most 123 bytes of UTF-8.
   */
  closeRaw(socket: Duplex, code: number | null, reason: string): void {
    if (this.#closedRaw !== undefined) return;
    this.#closedRaw = socket;
    const payload = code === null
      ? Buffer.alloc(0)
      : Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
    socket.write(Buffer.concat([Buffer.from([0x88, payload.length]), payload]));
  }

  /** Ends the connection immediately. */
  cut(): void {
    super.terminate();
  }

  /** Called only by `ws`, when it can no longer answer the agent's pings. */
  override terminate(): void {
    this.emit("error", new PingFloodError());
    super.terminate();
  }

  /** Sends a close frame or, if one was already written, ends the stream. Also called by `ws`. */
  override close(code?: number, data?: string | Buffer): void {
    if (this.#closedRaw === undefined) return super.close(code, data);
    this.#closedRaw.end();
  }
}
