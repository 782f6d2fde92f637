/**
 * Opens sockets step by step: TCP, the tunnel of a proxy, TLS.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type PeerCertificate, type TLSSocket } from "node:tls";
import { ConnectError, type ConnectPhase } from "../../errors.ts";
import { systemCodeOf } from "../../internal/system_code.ts";
import { oneLine } from "../../internal/one_line.ts";
import { ProxyRefusedError } from "../../wsclient/transports/proxy_refused_error.ts";
import type { Target } from "./target.ts";

/** The maximum size of the head of an answer to CONNECT, in bytes. */
const MAX_HEAD_BYTES = 16_384;

/** Waits for an event of a socket, and destroys the socket if it does not occur. */
function within<T extends Socket>(
  socket: T,
  { target, phase, timeoutMs }: { target: Target; phase: ConnectPhase; timeoutMs: number },
  arm: (resolve: () => void, reject: (error: ConnectError) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (error: ConnectError) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(connectError(target, { systemCode: "ETIMEDOUT", phase })),
      timeoutMs,
    );
    // The listener stays: a socket may report an error after it was abandoned.
    socket.on("error", (error) => fail(connectError(target, { cause: error, phase })));
    arm(() => {
      clearTimeout(timer);
      resolve(socket);
    }, fail);
  });
}

function connectError(
  { host, proxy }: Target,
  { cause, systemCode = firstCode(cause), phase, status }: {
    cause?: unknown;
    systemCode?: string | undefined;
    phase?: ConnectPhase;
    status?: number;
  },
): ConnectError {
  const what = `cannot connect to ${host}`;
  const text = cause instanceof Error ? oneLine(cause.message) : systemCode;
  return new ConnectError(text ? `${what}: ${text}` : what, {
    host,
    systemCode,
    phase,
    cause,
    proxy: proxy && { ...proxy, ...(status !== undefined && { status }) },
  });
}

/** Trying several addresses of a host gives an error for each. */
function firstCode(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return systemCodeOf(error.errors[0]);
  }
  return systemCodeOf(error);
}

/**
 * Opens a TCP connection: to the proxy if there is one, else to the host.
 *
 * @throws {ConnectError} If there is none within the time limit.
 */
export async function openTcp(target: Target, timeoutMs: number): Promise<Socket> {
  const { proxyUrl } = target;
  const host = proxyUrl?.hostname.replace(/^\[(.*)\]$/, "$1") ?? target.hostname;
  const port = proxyUrl === undefined
    ? target.port
    : Number(proxyUrl.port) || (proxyUrl.protocol === "https:" ? 443 : 80);
  const socket = connectTcp({ host, port });
  const phase = proxyUrl === undefined ? "tcp" : "proxy";
  return await within(socket, { target, phase, timeoutMs }, (resolve) => {
    socket.once("connect", resolve);
  });
}

/**
 * Opens a byte stream to the host, through the proxy if there is one, but without the host's TLS.
 *
 * @throws {ConnectError} If there is none within the time limit, or the proxy refuses.
 */
export async function openStream(target: Target, timeoutMs: number): Promise<Socket> {
  const tcp = await openTcp(target, timeoutMs);
  const { proxyUrl } = target;
  if (proxyUrl === undefined) return tcp;
  const socket = proxyUrl.protocol === "https:"
    ? (await secure(tcp, proxyUrl.hostname, { target, phase: "proxy", timeoutMs })).socket
    : tcp;
  const authority = `${
    target.hostname.includes(":") ? `[${target.hostname}]` : target.hostname
  }:${target.port}`;
  const { username, password } = proxyUrl;
  const login = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64");
  socket.write([
    `CONNECT ${authority} HTTP/1.1`,
    `Host: ${authority}`,
    ...(username || password ? [`Proxy-Authorization: Basic ${login}`] : []),
    "\r\n",
  ].join("\r\n"));
  const head = await readHead(socket, { target, phase: "proxy", timeoutMs });
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 0);
  if (status >= 200 && status < 300) return socket;
  socket.destroy();
  const cause = new ProxyRefusedError(proxyUrl.host, status);
  throw connectError(target, { cause, systemCode: "UND_ERR_ABORTED", phase: "proxy", status });
}

/** Decodes a part of a proxy's URL. A percent sign that begins no escape stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Reads the head of an HTTP answer, up to the empty line. */
async function readHead(
  socket: Socket,
  limits: { target: Target; phase: ConnectPhase; timeoutMs: number },
): Promise<string> {
  let text = "";
  await within(socket, limits, (resolve, reject) => {
    const onData = (chunk: Uint8Array) => {
      text += Buffer.from(chunk).toString("latin1");
      if (!text.includes("\r\n\r\n") && text.length < MAX_HEAD_BYTES) return;
      socket.off("data", onData);
      resolve();
    };
    socket.on("data", onData);
    socket.once(
      "end",
      () => reject(connectError(limits.target, { systemCode: "ECONNRESET", phase: limits.phase })),
    );
  });
  return text;
}

/** A stream with TLS. */
export interface SecureStream {
  /** The stream. */
  readonly socket: TLSSocket;
  /** The server's certificate. */
  readonly certificate: PeerCertificate;
  /** The version of TLS, such as `TLSv1.3`. */
  readonly version: string | null;
}

async function secure(
  stream: Socket,
  hostname: string,
  limits: { target: Target; phase: ConnectPhase; timeoutMs: number; trustAll?: boolean },
): Promise<SecureStream> {
  const socket = connectTls({
    socket: stream,
    servername: isIP(hostname) === 0 ? hostname : "",
    host: hostname,
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: limits.trustAll !== true,
  });
  await within(socket, limits, (resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.once(
      "end",
      () => reject(connectError(limits.target, { systemCode: "ECONNRESET", phase: limits.phase })),
    );
  });
  return {
    socket,
    certificate: socket.getPeerCertificate(),
    version: socket.getProtocol(),
  };
}

/**
 * Opens a stream with the host's TLS.
 *
 * @throws {ConnectError} If TCP, the proxy or TLS fails, or takes too long.
 */
export async function openTls(target: Target, timeoutMs: number): Promise<SecureStream> {
  const stream = await openStream(target, timeoutMs);
  return await secure(stream, target.hostname, { target, phase: "tls", timeoutMs });
}

/**
 * Fetches the certificate of a server, even if it is not trusted.
 *
 * @returns `undefined` if the server presents none.
 */
export async function peekCertificate(
  target: Target,
  timeoutMs: number,
): Promise<PeerCertificate | undefined> {
  try {
    const stream = await openStream(target, timeoutMs);
    const limits = { target, phase: "tls", timeoutMs, trustAll: true } as const;
    const { socket, certificate } = await secure(stream, target.hostname, limits);
    socket.destroy();
    return certificate;
  } catch {
    // The error of the original attempt is more useful.
    return undefined;
  }
}
