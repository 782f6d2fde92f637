/**
 * The alternative transport: npm's `ws`, for what the runtime's own WebSocket cannot do.
 *
 * It accepts an `http.Agent`, and so any proxy and any TLS option per connection; on Deno it can
 * destroy a socket whose peer stays silent, and it learns why an upgrade was refused without a
 * second request. On Deno it needs `--allow-env`. `ws` is loaded with this module only: by programs
 * that import it, and by the built-in transport on Node if Node's own WebSocket cannot be used.
 *
 * @example
 * ```ts
 * import { createWsTransport } from "@acs/session/ws";
 *
 * const transport = createWsTransport({ clientOptions: { ca: "-----BEGIN CERTIFICATE-----…" } });
 * ```
 *
 * @module
 */

import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
// @ts-types="@types/ws"
import { type RawData, WebSocket } from "ws";
import { parseDateHeader } from "../signing/clock_skew.ts";
import { MAX_REFUSAL_BODY_BYTES, UpgradeRefusedError } from "../upgrade_refused_error.ts";
import type {
  Transport,
  TransportConnection,
  TransportEnd,
  TransportListener,
  TransportRequest,
} from "../transport.ts";
import { BoundedBody } from "../../internal/bounded_body.ts";
import { CLOSE_GRACE_MS, fitReason, SOCKET_CHECK_MS } from "./closing.ts";
import { Inbox } from "./inbox.ts";
import { connectError } from "./node_error.ts";
import { activityOf, afterData, unwritten } from "./socket_activity.ts";
import { redirectOrigin } from "../../internal/redirect_origin.ts";
import { checkNumber } from "../../internal/number_option.ts";
import { checkOptionNames, type OptionNames } from "../../internal/option_names.ts";
import { abortable } from "../../internal/time_limit.ts";
import { hostOf, httpUrl } from "./probe.ts";
import { proxyUse } from "./proxy_use.ts";
import { reportPhases } from "./socket_phases.ts";
import { NO_UPGRADE, unacceptable } from "./upgrade_answer.ts";

/**
 * The largest message that is accepted by default, in bytes. The same as in Deno's own WebSocket.
 */
const MAX_PAYLOAD_BYTES = 64 * 2 ** 20;

/** Options of {@linkcode createWsTransport}; all are optional. */
export interface WsTransportOptions {
  /**
   * Merged into the client options of `ws`, such as `agent`, `ca` or `maxPayload`. `headers` in it
   * are overwritten.
   *
   * @default { perMessageDeflate: false, maxPayload: 67108864 }
   */
  readonly clientOptions?: Readonly<Record<string, unknown>>;
  /**
   * How long the peer may take to answer a close frame before the TCP connection is destroyed, in
   * ms.
   *
   * @default 5000
   */
  readonly closeGraceMs?: number;
}

const OPTION_NAMES: OptionNames<WsTransportOptions> = { clientOptions: true, closeGraceMs: true };

/**
 * Creates a transport that opens sockets with npm's `ws`. Redirects are never followed.
 *
 * @param options See {@linkcode WsTransportOptions}.
 * @returns The transport; it keeps nothing open besides its connections.
 * @throws {RangeError} If an option is unknown, or a time is negative or not a number.
 */
export function createWsTransport(options: WsTransportOptions = {}): Transport {
  checkOptionNames(options, OPTION_NAMES, "");
  const closeGraceMs = checkNumber("closeGraceMs", options.closeGraceMs ?? CLOSE_GRACE_MS);
  const clientOptions: Record<string, unknown> = {
    perMessageDeflate: false,
    maxPayload: MAX_PAYLOAD_BYTES,
    closeTimeout: closeGraceMs,
    ...options.clientOptions,
  };
  return {
    async connect(request) {
      request.signal.throwIfAborted();
      const headers = await abortable(request.headers(), request.signal);
      // It may have aborted in the meantime.
      request.signal.throwIfAborted();
      const webSocket = new WebSocket(request.url, {
        ...phasesOf(request),
        ...clientOptions,
        followRedirects: false,
        headers,
      });
      return await open(webSocket, request);
    },
  };
}

/** The option with which `ws` exposes its request before it sends it. */
function phasesOf({ url, progress }: TransportRequest) {
  if (progress === undefined) return {};
  const { protocol, hostname } = new URL(url);
  return {
    finishRequest(request: ClientRequest) {
      request.once("socket", (socket) => {
        // A socket from a tunnel, or an agent, is further than that.
        if (!socket.connecting) return;
        const host = hostname.replace(/^\[(.*)\]$/, "$1");
        reportPhases(socket, host, protocol === "wss:", progress);
      });
      request.end();
    },
  };
}

/** The transport of npm's `ws` with every option at its default. */
export const wsTransport: Transport = createWsTransport();

/** Waits until the socket is open, has failed, or the signal aborts. */
function open(webSocket: WebSocket, request: TransportRequest): Promise<TransportConnection> {
  const host = hostOf(request.url);
  return new Promise((resolve, reject) => {
    let upgrade: IncomingMessage | undefined;
    const fail = (reason: unknown) => {
      request.signal.removeEventListener("abort", onAbort);
      reject(reason);
      webSocket.removeAllListeners();
      // Terminating an attempt makes it fail, which is expected.
      webSocket.on("error", () => {});
      webSocket.terminate();
    };
    const onAbort = () => fail(request.signal.reason);
    request.signal.addEventListener("abort", onAbort);
    webSocket.on("upgrade", (response) => upgrade = response);
    webSocket.on("unexpected-response", (_request, response) => {
      // Without the headers of an upgrade, Node treats it as a normal response.
      if (response.statusCode === 101) fail(unacceptable(host, NO_UPGRADE));
      else void readRefusal(request.url, response).then(fail);
    });
    webSocket.on("error", (error) => {
      const proxy = proxyUse(request.url, error);
      fail(connectError("cannot connect to", host, error, proxy));
    });
    webSocket.on("open", () => {
      request.signal.removeEventListener("abort", onAbort);
      webSocket.removeAllListeners();
      resolve(new WsConnection(webSocket, host, upgrade));
    });
  });
}

async function readRefusal(url: string, response: IncomingMessage): Promise<Error> {
  const body = new BoundedBody(MAX_REFUSAL_BODY_BYTES);
  await new Promise<void>((resolve) => {
    response.on("data", (chunk: Uint8Array) => {
      if (!body.add(chunk)) resolve();
    });
    // Whatever ends it, including a truncated body: the status is known by now.
    response.on("error", () => {}).on("close", resolve);
  });
  return new UpgradeRefusedError({
    host: hostOf(url),
    status: response.statusCode ?? 0,
    body: body.text(),
    serverDate: parseDateHeader(response.headers.date),
    redirectsTo: redirectOrigin(httpUrl(url), response.headers.location),
  });
}

/** Text that is not JSON must stay unchanged, including a byte order mark. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** One open connection. */
class WsConnection implements TransportConnection {
  readonly #webSocket: WebSocket;
  readonly #host: string;
  readonly #socket: Socket | undefined;
  readonly #inbox = new Inbox();
  readonly #stopChecks: () => void;
  #error: Error | undefined;
  #sawFin = false;
  #hasOverflown = false;

  constructor(webSocket: WebSocket, host: string, upgrade: IncomingMessage | undefined) {
    this.#webSocket = webSocket;
    this.#host = host;
    this.#socket = upgrade?.socket;
    // `ws` reports invalid frames, its socket reports resets.
    webSocket.on("error", this.#onError);
    this.#socket?.on("error", this.#onError);
    this.#socket?.once("end", () => this.#sawFin = true);
    webSocket.on("message", (data, isBinary) => {
      const bytes = bytesOf(data);
      this.#inbox.message(isBinary ? bytes : utf8.decode(bytes));
    });
    // `ws` buffers few pongs for a peer that does not read them, and destroys its socket at the
    // next ping.
    webSocket.on("ping", () => this.#hasOverflown ||= webSocket.readyState === WebSocket.CLOSING);
    webSocket.on("close", (code, reason) => this.#onClose(code, reason.toString()));
    this.#stopChecks = this.#socket === undefined ? () => {} : this.#check(this.#socket);
  }

  get bufferedAmount(): number {
    return this.#socket === undefined
      ? this.#webSocket.bufferedAmount
      : Math.max(this.#webSocket.bufferedAmount, unwritten(this.#socket));
  }

  listen(listener: TransportListener): void {
    this.#inbox.listen(listener);
  }

  send(text: string): void {
    if (this.#inbox.over || this.#webSocket.readyState !== WebSocket.OPEN) {
      throw new Error("the connection is no longer open: nothing can be sent");
    }
    this.#webSocket.send(text);
  }

  close(code: number, reason: string): Promise<void> {
    if (this.#inbox.over) return Promise.resolve();
    // First, so that an invalid code changes nothing. `ws` itself enforces the grace period.
    this.#webSocket.close(code, fitReason(reason));
    this.#inbox.leave();
    this.#stopChecks();
    return new Promise((resolve) => this.#webSocket.once("close", () => resolve()));
  }

  #check(socket: Socket): () => void {
    const look = activityOf(socket);
    return afterData(socket, SOCKET_CHECK_MS, () => {
      if (this.#webSocket.readyState === WebSocket.CLOSING) this.#webSocket.terminate();
      else this.#inbox.activity(look());
    });
  }

  readonly #onError = (error: Error): void => {
    this.#error ??= error;
  };

  #onClose(code: number, reason: string): void {
    this.#stopChecks();
    this.#inbox.end(this.#endOf(code, reason));
  }

  #endOf(code: number, reason: string): TransportEnd {
    if (code !== 1006) return { kind: "close", code, reason };
    if (this.#error !== undefined) {
      return {
        kind: "error",
        error: connectError("lost the connection to", this.#host, this.#error),
      };
    }
    if (this.#hasOverflown) return { kind: "write-overflow" };
    if (this.#sawFin) return { kind: "eof" };
    const cause = new Error("the socket was destroyed in this process");
    return { kind: "error", error: connectError("lost the connection to", this.#host, cause) };
  }
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return new Uint8Array(data.flatMap((part) => [...part]));
  if (!ArrayBuffer.isView(data)) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
