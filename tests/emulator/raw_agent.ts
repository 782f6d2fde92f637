/**
 * An agent on a raw socket, for tests of the bytes on the wire.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import type { AcsEmulator } from "../../emulator/mod.ts";
import { encodeFrame, RawConnection } from "../testing/sockets/raw_peer.ts";
import { signHeaders, upgradeUrl } from "./test_agent.ts";

/** How the emulator's side of a stream ended. */
export type StreamEnd = "FIN" | "RST";

/** A raw connection to an emulator. */
export class RawAgent {
  /** The socket. */
  readonly socket: Socket;
  /** Reads the emulator's output: the head of the response, and frames. */
  readonly connection: RawConnection;
  /** Resolves when the emulator ends or resets the stream. */
  readonly ended: Promise<StreamEnd>;
  /** All bytes so far. */
  received: Buffer = Buffer.alloc(0);
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    this.connection = new RawConnection(socket, 1);
    socket.on("data", (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      socket.on("end", () => resolve("FIN"));
      socket.on("error", () => resolve("RST"));
    });
  }

  /** Opens a connection and sends nothing. */
  static async connect(emulator: AcsEmulator): Promise<RawAgent> {
    const { hostname, port } = new URL(emulator.url);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", () => resolve());
      socket.once("error", reject);
    });
    return new RawAgent(socket);
  }

  /** Opens a connection and requests an upgrade with a valid signature. */
  static async requestUpgrade(
    emulator: AcsEmulator,
    query: Readonly<Record<string, string>> = {},
  ): Promise<RawAgent> {
    const url = new URL(upgradeUrl(emulator, query));
    const headers = {
      ...await signHeaders(url.href),
      host: url.host,
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const agent = await RawAgent.connect(emulator);
    agent.send("GET", `${url.pathname}${url.search}`, headers);
    return agent;
  }

  /** Opens a connection that is upgraded. */
  static async upgrade(
    emulator: AcsEmulator,
    query: Readonly<Record<string, string>> = {},
  ): Promise<RawAgent> {
    const agent = await RawAgent.requestUpgrade(emulator, query);
    const { line } = await agent.connection.readRequest();
    if (!line.includes(" 101 ")) throw new Error(`The answer was ${line}`);
    return agent;
  }

  /** Sends a request. */
  send(
    method: string,
    target: string,
    headers: Readonly<Record<string, string>>,
    body: string = "",
  ): void {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    this.socket.write([`${method} ${target} HTTP/1.1`, ...lines, "", body].join("\r\n"));
  }

  /** Sends one frame, masked as a client must. */
  sendFrame(opcode: number, payload: string | Uint8Array): void {
    const bytes = Buffer.from(payload);
    const head = encodeFrame(opcode, bytes).subarray(0, -bytes.length || undefined);
    head[1] = (head[1] ?? 0) | 0x80;
    // A mask of zeros leaves the payload unchanged.
    this.socket.write(Buffer.concat([head, Buffer.alloc(4), bytes]));
  }

  /** Waits until this many bytes have arrived. */
  async waitForBytes(count: number): Promise<Buffer> {
    while (this.received.length < count) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.received;
  }

  /**
   * Whether nothing more can be written, as after a reset; writes a byte to find out. Node 22
   * reports a reset that follows data as an end.
   */
  isCut(): Promise<boolean> {
    return new Promise((resolve) => {
      this.socket.write("x", (error) => resolve(error instanceof Error));
    });
  }

  /** Disconnects; resolves when the socket is closed. */
  async leave(): Promise<void> {
    if (this.socket.closed) return;
    const closed = new Promise((resolve) => this.socket.once("close", resolve));
    this.socket.destroy();
    await closed;
  }
}
