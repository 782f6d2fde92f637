/**
 * The HTTP server that carries both endpoints.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { createServer as createHttpServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TlsOptions } from "../emulator_options.ts";

/** How long the head of a request may be, in bytes. Node's own default. */
const MAX_HEADER_BYTES = 16_384;

/** What a server is started with. */
export interface ServerOptions {
  /** The address to listen on. */
  readonly hostname: string;
  /** The port; 0 for any free one. */
  readonly port: number;
  /** How long a request may take to arrive, in ms. */
  readonly requestTimeoutMs: number;
  /** Set to serve over TLS. */
  readonly tls: TlsOptions | undefined;
}

/** What a server does with what comes in. */
export interface ServerHandlers {
  /** Answers an ordinary request. */
  readonly request: (request: IncomingMessage, response: ServerResponse) => void;
  /** Answers an upgrade; `head` is what came after the request. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** A server that listens, and every socket it has. */
export class EmulatorServer {
  /** Where it listens, as `http:` or `https:` URL without a path. */
  readonly url: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(url: string, server: Server, sockets: Set<Socket>) {
    this.url = url;
    this.#server = server;
    this.#sockets = sockets;
  }

  /**
   * Starts a server. Its handlers have to be set in the same turn.
   *
   * @throws The system's error when the port cannot be had.
   */
  static async listen(options: ServerOptions): Promise<EmulatorServer> {
    const { hostname, port, requestTimeoutMs, tls } = options;
    const bounds = {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(requestTimeoutMs, 1_000),
    };
    // Without the protocol named here, Deno's own WebSocket cannot agree with Deno's server.
    const server: Server = tls === undefined
      ? createHttpServer(bounds)
      : createHttpsServer({ ...bounds, ...tls, ALPNProtocols: ["http/1.1"] });
    const sockets = new Set<Socket>();
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    const listening = Promise.withResolvers<void>();
    server.once("error", listening.reject);
    server.listen(port, hostname, listening.resolve);
    await listening.promise;

    const address = server.address();
    const actualPort = typeof address === "object" && address !== null ? address.port : port;
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    const scheme = tls === undefined ? "http" : "https";
    return new EmulatorServer(`${scheme}://${host}:${actualPort}`, server, sockets);
  }

  /** Where it is for a client that has reached it under this `Host`. */
  endpointFor(host: string | undefined): string {
    const { protocol, host: own } = new URL(this.url);
    return `${protocol}//${host ?? own}/`;
  }

  /** Sets what is done with what comes in. */
  serve(handlers: ServerHandlers): void {
    this.#server.on("request", handlers.request);
    this.#server.on("upgrade", handlers.upgrade);
  }

  /** Resets the TCP stream beneath the socket of a request, which is another one under TLS. */
  reset(socket: Duplex): void {
    if (!(socket instanceof Socket)) return;
    const { remoteAddress, remotePort } = socket;
    for (const tcp of this.#sockets) {
      if (tcp.remoteAddress !== remoteAddress || tcp.remotePort !== remotePort) continue;
      // Node cannot reset a socket that is being ended: it would keep it for ever.
      if (tcp.writableEnded) tcp.destroy();
      else tcp.resetAndDestroy();
      return;
    }
  }

  /** Stops listening and destroys every socket; resolves when all that listened to them has heard. */
  async close(): Promise<void> {
    const closed = [new Promise<void>((resolve) => void this.#server.close(() => resolve()))];
    for (const socket of this.#sockets) {
      // Node calls a server closed before its last sockets have told that they are.
      closed.push(new Promise((resolve) => void socket.once("close", () => resolve())));
      socket.destroy();
    }
    await Promise.all(closed);
  }
}
