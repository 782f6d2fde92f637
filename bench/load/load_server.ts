/**
 * Accepts connections as ECS and ACS do, without authentication.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { FrameReader, OPCODE, serverFrame } from "./frames.ts";

/** One connection, after its upgrade. */
export interface LoadConnection {
  /** The time of the upgrade request, in ms of `performance.now()`. */
  readonly requestedAt: number;
  /** Called with each text frame; see {@linkcode FrameReader}. */
  onText: (payload: () => string) => void;
  /** Called when the connection has ended. */
  onEnd: () => void;
  /** Writes frames in bulk. */
  write(frames: Buffer): void;
  /** Writes a close frame and ends the stream once the peer has answered. */
  close(code: number): void;
}

/** The GUID that RFC 6455 appends to the key of an upgrade. */
const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * Listens on a free port of the loopback address.
 *
 * @param onConnection Called with each connection before anything is read from it.
 * @returns The port.
 */
export function listen(onConnection: (connection: LoadConnection) => void): Promise<number> {
  const server = createServer((request, response) => {
    const endpoint = `http://${request.headers.host}/`;
    response.setHeader("content-type", "application/x-amz-json-1.1");
    // A connection that is kept alive would count as the session's.
    response.setHeader("connection", "close");
    response.end(JSON.stringify({ endpoint }));
  });
  server.on("upgrade", (request, stream: Socket) => {
    const requestedAt = performance.now();
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"]}${ACCEPT_GUID}`)
      .digest("base64");
    stream.setNoDelay(true);
    stream.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    onConnection(serve(stream, requestedAt));
  });
  return new Promise((resolve) => {
    server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
    });
  });
}

function serve(stream: Socket, requestedAt: number): LoadConnection {
  const connection: LoadConnection = {
    requestedAt,
    onText: () => {},
    onEnd: () => {},
    write: (frames) => void stream.write(frames),
    close: (code) => {
      const payload = Buffer.alloc(2);
      payload.writeUInt16BE(code);
      stream.write(serverFrame(payload, OPCODE.close));
    },
  };
  const reader = new FrameReader((opcode, payload) => {
    if (opcode === OPCODE.text) connection.onText(payload);
    if (opcode === OPCODE.close) {
      // Either the answer to our close frame, or one to answer; a second close frame is harmless.
      stream.end(serverFrame(Buffer.alloc(0), OPCODE.close));
    }
  });
  stream.on("data", (chunk: Buffer) => reader.read(chunk));
  stream.on("close", () => connection.onEnd());
  // A client that is killed at the end of a measurement resets its connections.
  stream.on("error", () => {});
  return connection;
}
