/**
 * One agent's open connection.
 *
 * @module
 */

import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import type { RawData, WebSocket } from "ws";
import { clusterArnFor, type UpgradeQuery } from "./upgrade_query.ts";

/** What a connection tells the emulator. */
export interface ConnectionListener {
  /** One complete frame came, text or binary. */
  frame(connection: EmulatorConnection, data: Uint8Array): void;
  /** The agent broke the WebSocket protocol; the end follows. */
  broken(connection: EmulatorConnection, error: Error): void;
  /** The connection has ended. */
  ended(connection: EmulatorConnection): void;
}

/** What a connection is made of. */
export interface ConnectionOptions {
  /** Counts the connections of an emulator, from 1. */
  readonly id: number;
  /** The upgraded socket. */
  readonly webSocket: WebSocket;
  /** The socket beneath it. */
  readonly socket: Duplex;
  /** Resets the TCP stream beneath that. */
  readonly reset: () => void;
  /** The query of the upgrade. */
  readonly query: UpgradeQuery;
  /** Hears what happens. */
  readonly listener: ConnectionListener;
}

/** One connection of one agent, from the upgrade to its end. */
export class EmulatorConnection {
  /** Counts the connections of an emulator, from 1. */
  readonly id: number;
  /** What the agent said about itself in the upgrade. */
  readonly query: UpgradeQuery;
  /** The cluster's ARN, also when the agent named the cluster by name. */
  readonly clusterArn: string;
  /** The container instance's ARN. */
  readonly containerInstanceArn: string;
  /** When the upgrade was answered, in ms since the epoch, by the machine's clock. */
  readonly connectedAt: number = Date.now();
  #disconnectedAt: number | undefined;
  #closeCode: number | undefined;
  #closeReason = "";
  #frozen = false;
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #reset: () => void;

  /**
   * The emulator makes these; there is no need to.
   *
   * @param options What it is made of.
   */
  constructor(options: ConnectionOptions) {
    const { webSocket, query, listener } = options;
    this.id = options.id;
    this.query = query;
    this.clusterArn = clusterArnFor(query.clusterArn, query.containerInstanceArn);
    this.containerInstanceArn = query.containerInstanceArn;
    this.#webSocket = webSocket;
    this.#socket = options.socket;
    this.#reset = options.reset;
    webSocket.on("message", (data: RawData) => listener.frame(this, toBytes(data)));
    webSocket.on("error", (error: Error) => listener.broken(this, error));
    webSocket.on("close", (code: number, reason: Uint8Array) => {
      this.#disconnectedAt = Date.now();
      this.#closeCode = code;
      this.#closeReason = new TextDecoder().decode(reason);
      listener.ended(this);
    });
  }

  /** Whether messages can be sent: neither side has begun to close, and it is not frozen. */
  get open(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN && !this.#frozen;
  }

  /** When it ended, in ms since the epoch; `undefined` until then. */
  get disconnectedAt(): number | undefined {
    return this.#disconnectedAt;
  }

  /**
   * The code of the agent's close frame: 1005 when the frame had none, 1006 when there was no frame;
   * `undefined` until the end.
   */
  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  /** The reason in the agent's close frame; empty when it had none. */
  get closeReason(): string {
    return this.#closeReason;
  }

  /** Sends one frame: text as a text frame, bytes as a binary one. */
  send(data: string | Uint8Array): void {
    this.#webSocket.send(data);
  }

  /** Sends a close frame and waits for the agent's; ended by force after 30 s. */
  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
  }

  /** Ends the TCP stream in order, without a close frame. */
  drop(): void {
    this.#socket.end(() => this.#webSocket.terminate());
  }

  /** Resets the TCP stream. */
  reset(): void {
    this.#reset();
  }

  /**
   * Neither reads nor writes any more and leaves the socket open: what an agent sees when the path
   * is dead or the service hangs.
   */
  freeze(): void {
    this.#frozen = true;
    this.#webSocket.pause();
  }

  /** Ends the connection at once, on both levels. */
  terminate(): void {
    this.#webSocket.terminate();
  }
}

function toBytes(data: RawData): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (!Array.isArray(data)) return data;
  const bytes = new Uint8Array(data.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of data) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}
