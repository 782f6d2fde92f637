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

/** Maximum size of a request's head, in bytes: Node's default. */
const MAX_HEADER_BYTES = 16_384;

/** The options of a server. */
export interface ServerOptions {
  /** The address to listen on. */
  readonly hostname: string;
  /** The port; 0 for any free one. */
  readonly port: number;
  /** Maximum time for a request to arrive, in ms. */
  readonly requestTimeoutMs: number;
  /** The certificate to serve over TLS with; `undefined` for plain HTTP. */
  readonly tls: TlsOptions | undefined;
}

/** The handlers of a server. */
export interface ServerHandlers {
  /** Answers an ordinary request. */
  readonly request: (request: IncomingMessage, response: ServerResponse) => void;
  /** Answers an upgrade; `head` holds the bytes after the request. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** A listening server and its sockets. */
export class EmulatorServer {
  /** Its URL, `http:` or `https:`, without a path. */
  readonly url: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(url: string, server: Server, sockets: Set<Socket>) {
    this.url = url;
    this.#server = server;
    this.#sockets = sockets;
  }

  /**
   * Starts a server. Its handlers must be set in the same turn of the event loop.
   *
   * @throws The system's error if the port is not available.
   */
  static async listen(options: ServerOptions): Promise<EmulatorServer> {
    const { hostname, port, requestTimeoutMs, tls } = options;
    const bounds = {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(requestTimeoutMs, 1_000),
    };
    // Without this protocol, Deno's WebSocket and Deno's server do not agree on one.
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

  /** Its endpoint, as seen by a client that used this `Host`. */
  endpointFor(host: string | undefined): string {
    const { protocol, host: own } = new URL(this.url);
    return `${protocol}//${host ?? own}/`;
  }

  /** Sets the handlers. */
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
      // Node cannot reset a socket that is being ended: it would keep it open indefinitely.
      if (tcp.writableEnded) tcp.destroy();
      else tcp.resetAndDestroy();
      return;
    }
  }

  /** Stops listening and destroys every socket; resolves after the sockets have emitted `close`. */
  async close(): Promise<void> {
    const closed = [new Promise<void>((resolve) => void this.#server.close(() => resolve()))];
    for (const socket of this.#sockets) {
      // Node reports a server closed before its sockets emit `close`.
      closed.push(new Promise((resolve) => void socket.once("close", () => resolve())));
      socket.destroy();
    }
    await Promise.all(closed);
  }
}
