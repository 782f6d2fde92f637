/**
 * A hand-written WebSocket server on raw sockets, so that a test can break any rule: answer with
 * anything or nothing, send any bytes as frames, keep or cut the TCP connection.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** RFC 6455's opcodes, as far as the tests need them. */
export const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** One unmasked frame from the client. */
export interface RawFrame {
  /** The opcode, see {@linkcode OPCODE}. */
  readonly opcode: number;
  /** Whether the FIN bit is set. */
  readonly fin: boolean;
  /** The payload, unmasked. */
  readonly payload: Buffer;
}

/** The parts of a frame that {@linkcode encodeFrame} can change. */
export interface FrameOptions {
  /** The FIN bit. Default: `true`. */
  readonly fin?: boolean;
  /** The three reserved bits, 0 to 7. Default: 0. */
  readonly reserved?: number;
}

/** Writes one unmasked frame, as a server sends it. */
export function encodeFrame(
  opcode: number,
  payload: string | Uint8Array = "",
  { fin = true, reserved = 0 }: FrameOptions = {},
): Buffer {
  const body = typeof payload === "string" ? Buffer.from(payload) : Buffer.from(payload);
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  if (body.length < 126) return Buffer.concat([Buffer.from([first, body.length]), body]);
  if (body.length < 65_536) {
    return Buffer.concat([
      Buffer.from([first, 126, body.length >> 8, body.length & 0xff]),
      body,
    ]);
  }
  const head = Buffer.alloc(10);
  head.writeUInt8(first, 0);
  head.writeUInt8(127, 1);
  head.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([head, body]);
}

/** Writes one close frame; without a code its payload is empty. */
export function encodeClose(code?: number, reason = ""): Buffer {
  if (code === undefined) return encodeFrame(OPCODE.close);
  const payload = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
  return encodeFrame(OPCODE.close, payload);
}

/**
 * Thrown by a read when the client has disconnected; {@linkcode RawPeer} then ends the connection
 * quietly.
 */
class ClientGone extends Error {}

/** The client's upgrade request. */
export interface RawRequest {
  /** The request's first line, such as `GET /ws?a=b HTTP/1.1`. */
  readonly line: string;
  /** The headers by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** One accepted connection. */
export class RawConnection {
  /** The connection's number, from 1, in the order in which the peer accepted them. */
  readonly number: number;
  /** The socket itself, for anything that has no method in this class. */
  readonly socket: Socket;
  /** Resolves when the client has ended its side or the connection is closed. */
  readonly ended: Promise<void>;
  #received = Buffer.alloc(0);
  #request: Promise<RawRequest> | undefined;
  #gone = false;
  #wake: () => void = () => {};

  constructor(socket: Socket, number: number) {
    this.socket = socket;
    this.number = number;
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.#gone = true;
        this.#wake();
        resolve();
      };
      socket.on("end", end).on("close", end);
    });
    // A test resets connections on purpose: only the end counts here, not its cause.
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
  }

  /** Reads the upgrade request; further calls return the same one. */
  readRequest(): Promise<RawRequest> {
    this.#request ??= this.#readHead();
    return this.#request;
  }

  /**
   * Reads the upgrade request and answers 101.
   *
   * @param options Lines added to the answer, bytes sent in the same segment, a key instead of the
   * right one, and lines instead of those that make the answer an upgrade.
   */
  async accept(
    options: {
      headers?: readonly string[];
      followedBy?: Uint8Array;
      acceptKey?: string;
      upgrade?: readonly string[];
    } = {},
  ): Promise<RawRequest> {
    const request = await this.readRequest();
    const key = options.acceptKey ?? acceptKey(request.headers["sec-websocket-key"] ?? "");
    const answer = Buffer.from(
      [
        "HTTP/1.1 101 Switching Protocols",
        ...(options.upgrade ?? ["Upgrade: websocket", "Connection: Upgrade"]),
        `Sec-WebSocket-Accept: ${key}`,
        ...(options.headers ?? []),
        "\r\n",
      ].join("\r\n"),
    );
    this.write(Buffer.concat([answer, options.followedBy ?? Buffer.alloc(0)]));
    return request;
  }

  /** Reads the upgrade request, refuses it, and ends the connection. */
  async refuse(status: number, body = "", headers: readonly string[] = []): Promise<RawRequest> {
    const request = await this.readRequest();
    const lines = [
      `HTTP/1.1 ${status} Refused`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      "Connection: close",
      ...headers,
    ];
    this.socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
    return request;
  }

  /** Reads the next frame of any kind. */
  async readFrame(): Promise<RawFrame> {
    const [first = 0, second = 0] = await this.#read(2);
    let length = second & 0x7f;
    if (length === 126) length = (await this.#read(2)).readUInt16BE();
    if (length === 127) length = Number((await this.#read(8)).readBigUInt64BE());
    const mask = second & 0x80 ? await this.#read(4) : Buffer.alloc(4);
    const payload = Buffer.from(await this.#read(length));
    for (let i = 0; i < payload.length; i++) payload[i] = payload[i]! ^ mask[i % 4]!;
    return { opcode: first & 0x0f, fin: (first & 0x80) !== 0, payload };
  }

  /** Writes bytes as they are. */
  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Sends one text frame. */
  sendText(text: string): void {
    this.write(encodeFrame(OPCODE.text, text));
  }

  /** Ends the connection cleanly: FIN, without a close frame. */
  end(): void {
    this.socket.end();
  }

  /** Cuts the connection with an RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  async #readHead(): Promise<RawRequest> {
    let end = this.#received.indexOf("\r\n\r\n");
    while (end < 0) {
      await this.#more();
      end = this.#received.indexOf("\r\n\r\n");
    }
    const [line = "", ...fields] = this.#take(end + 4).toString("latin1").trim().split("\r\n");
    const headers: Record<string, string> = {};
    for (const field of fields) {
      const colon = field.indexOf(":");
      headers[field.slice(0, colon).toLowerCase()] = field.slice(colon + 1).trim();
    }
    return { line, headers };
  }

  async #read(length: number): Promise<Buffer> {
    while (this.#received.length < length) await this.#more();
    return this.#take(length);
  }

  #take(length: number): Buffer {
    const taken = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return taken;
  }

  #more(): Promise<void> {
    if (this.#gone) throw new ClientGone("the client has gone");
    return new Promise((resolve, reject) => {
      const length = this.#received.length;
      this.#wake = () => {
        if (this.#received.length > length) resolve();
        else if (this.#gone) reject(new ClientGone("the client has gone"));
      };
    });
  }
}

/** A running peer. */
export interface RawPeer {
  /** Its `ws:` or `wss:` URL, without path, such as `ws://127.0.0.1:40123`. */
  readonly url: string;
  /** Its port. */
  readonly port: number;
  /** How many connections it has accepted. */
  readonly accepted: number;
  /** How many connections are open now. */
  readonly open: number;
  /** Resolves once no connection is open. */
  allClosed(): Promise<void>;
  /**
   * Cuts what is still open and stops.
   *
   * @throws What the connection handler has thrown, except for the client's disconnecting.
   */
  close(): Promise<void>;
}

/** Options of {@linkcode startRawPeer}. */
export interface RawPeerOptions {
  /** PEM key and certificate: the peer then speaks TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** Starts a peer on a free port of 127.0.0.1; each connection runs `handle`. */
export async function startRawPeer(
  handle: (connection: RawConnection) => void | Promise<void>,
  options: RawPeerOptions = {},
): Promise<RawPeer> {
  const sockets = new Set<Socket>();
  const failures: unknown[] = [];
  const handling: Promise<void>[] = [];
  let accepted = 0;
  let whenEmpty: (() => void)[] = [];

  const onTcp = (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      if (sockets.size > 0) return;
      for (const resolve of whenEmpty) resolve();
      whenEmpty = [];
    });
  };
  const onConnection = (socket: Socket) => {
    const run = async () => await handle(new RawConnection(socket, accepted));
    handling.push(
      run().catch((error) => {
        if (!(error instanceof ClientGone)) failures.push(error);
      }),
    );
  };

  let server: Server;
  if (options.tls) {
    // "connection" counts attempts that fail during the TLS handshake, too.
    server = createTlsServer({ ...options.tls }, onConnection);
    server.on("tlsClientError", () => {});
    server.on("connection", onTcp);
  } else {
    server = createTcpServer((socket) => {
      onTcp(socket);
      onConnection(socket);
    });
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port to listen on");

  return {
    url: `${options.tls ? "wss" : "ws"}://127.0.0.1:${address.port}`,
    port: address.port,
    get accepted() {
      return accepted;
    },
    get open() {
      return sockets.size;
    },
    allClosed() {
      if (sockets.size === 0) return Promise.resolve();
      return new Promise((resolve) => whenEmpty.push(resolve));
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await Promise.all([closed, ...handling]);
      if (failures.length > 0) throw failures[0];
    },
  };
}

function acceptKey(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}
