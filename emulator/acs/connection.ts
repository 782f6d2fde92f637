/**
 * One agent's open connection.
 *
 * @module
 */

import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import type { RawData, WebSocket } from "ws";
import type { EmulatorConnection } from "./emulator_connection.ts";
import { clusterArnFor, type UpgradeQuery } from "../http/upgrade_query.ts";

/** What a connection tells the emulator. */
export interface ConnectionListener {
  /** One complete frame came, text or binary. */
  frame(connection: AgentConnection, data: Uint8Array): void;
  /** The agent broke the WebSocket protocol; the end follows. */
  broken(connection: AgentConnection, error: Error): void;
  /** The connection has ended. */
  ended(connection: AgentConnection): void;
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
  /** The clock, in ms since the epoch. */
  readonly now: () => number;
  /** Hears what happens. */
  readonly listener: ConnectionListener;
}

/** A connection over a `ws` socket. */
export class AgentConnection implements EmulatorConnection {
  readonly id: number;
  readonly query: UpgradeQuery;
  readonly clusterArn: string;
  readonly containerInstanceArn: string;
  readonly connectedAt: number;
  #disconnectedAt: number | undefined;
  #closeCode: number | undefined;
  #closeReason = "";
  #frozen = false;
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #reset: () => void;

  /**
   * Takes over an upgraded socket.
   *
   * @param options What it is made of.
   */
  constructor(options: ConnectionOptions) {
    const { webSocket, query, now, listener } = options;
    this.id = options.id;
    this.connectedAt = now();
    this.query = query;
    this.clusterArn = clusterArnFor(query.clusterArn, query.containerInstanceArn);
    this.containerInstanceArn = query.containerInstanceArn;
    this.#webSocket = webSocket;
    this.#socket = options.socket;
    this.#reset = options.reset;
    webSocket.on("message", (data: RawData) => listener.frame(this, toBytes(data)));
    webSocket.on("error", (error: Error) => listener.broken(this, error));
    webSocket.on("close", (code: number, reason: Uint8Array) => {
      this.#disconnectedAt = now();
      this.#closeCode = code;
      this.#closeReason = new TextDecoder().decode(reason);
      listener.ended(this);
    });
  }

  get open(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN && !this.#frozen;
  }

  get disconnectedAt(): number | undefined {
    return this.#disconnectedAt;
  }

  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  get closeReason(): string {
    return this.#closeReason;
  }

  send(data: string | Uint8Array): void {
    if (this.#frozen) return;
    this.#webSocket.send(data);
  }

  close(code: number, reason: string): void {
    if (this.#frozen) return;
    this.#webSocket.close(code, reason);
  }

  drop(): void {
    this.#socket.end(() => this.#webSocket.terminate());
  }

  reset(): void {
    this.#reset();
  }

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
