/**
 * What the native transport does only on Node.
 *
 * Node's WebSocket fires `close` only once TCP has closed, tells an end of stream from a reset by
 * nothing, and never destroys a socket whose peer stays silent. All of it is made up for with the
 * socket that `dispatcher_node.ts` brings to light. Without undici's dispatcher, a failed upgrade is
 * asked for with a probe, and an end without close frame counts as an end of stream.
 *
 * @module
 */

import { nextTick } from "node:process";
import type { Duplex } from "node:stream";
import { clearInterval, clearTimeout, setInterval, setTimeout } from "node:timers";
import { parseDateHeader } from "../signing/clock_skew.ts";
import { ConnectError } from "../../errors.ts";
import { UpgradeRefusedError } from "../upgrade_refused_error.ts";
import type { TransportEnd, TransportRequest } from "../transport.ts";
import { type AttemptDispatcher, attemptDispatcher, observe } from "./dispatcher_node.ts";
import { CLOSING_CHECK_MS } from "./closing.ts";
import { Listeners } from "./listeners.ts";
import type { NativeRuntime, NativeSettings, NativeSocket } from "./native_runtime.ts";
import { codeOf, connectError } from "./node_error.ts";
import { hostOf, probe, type ProbeAnswer, type ProbeRequest } from "./probe.ts";

/** Node's WebSocket. */
export const nodeRuntime: NativeRuntime = {
  open(request, headers, settings) {
    return new NodeSocket(request, headers, settings);
  },
};

class NodeSocket implements NativeSocket {
  readonly webSocket: WebSocket;
  readonly #host: string;
  readonly #settings: NativeSettings;
  readonly #attempt: AttemptDispatcher | undefined;
  readonly #listeners: Listeners;
  #failed: (error: Error) => void = () => {};
  /** Only until the connection is open, since much of the attempt hangs on it. */
  #request: TransportRequest | undefined;
  /** The TCP or TLS socket, once the upgrade has been accepted, and what it has told. */
  #socket: Duplex | undefined;
  #socketError: Error | undefined;
  #sawFin = false;
  #closingCheck: ReturnType<typeof setInterval> | undefined;

  constructor(
    request: TransportRequest,
    headers: Record<string, string>,
    settings: NativeSettings,
  ) {
    this.#host = hostOf(request.url);
    this.#request = request;
    this.#settings = settings;
    const { webSocketOptions } = settings;
    this.#attempt = attemptDispatcher(webSocketOptions["dispatcher"]);
    this.webSocket = new WebSocket(request.url, {
      ...webSocketOptions,
      // The body of a refusal is taken as it comes, so it must not be compressed.
      headers: { "accept-encoding": "identity", ...headers },
      ...(this.#attempt && { dispatcher: this.#observed(this.#attempt) }),
    });
    this.#listeners = new Listeners(this.webSocket);
  }

  whenFailed(failed: (error: Error) => void): void {
    this.#failed = failed;
    // What the dispatcher tells comes first, and releases; this is for when it tells nothing.
    const onFailure = (event: Event) => {
      this.#listeners.clear();
      void this.#explain(event).then(failed);
    };
    this.#listeners.add("error", onFailure);
    this.#listeners.add("close", onFailure);
  }

  whenEnded(ended: (end: TransportEnd) => void): void {
    this.#request = undefined;
    this.#failed = () => {};
    this.#listeners.clear();
    let reported = "";
    this.#listeners.add("error", (event) => reported = messageOf(event));
    this.#listeners.add("close", (event) => ended(this.#endOf(event, reported)));
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#closingCheck = setInterval(() => {
      // Destroying the socket makes the WebSocket fire `close` with the code that has come.
      if (this.webSocket.readyState === 2) socket.destroy();
    }, CLOSING_CHECK_MS).unref();
  }

  /**
   * What is sent in one turn after the first frame goes out in one system call: one for each takes
   * longer than all else that is done with a message.
   */
  send(text: string): void {
    this.webSocket.send(text);
    const socket = this.#socket;
    if (socket === undefined || socket.writableCorked > 0) return;
    socket.cork();
    nextTick(() => socket.uncork());
  }

  release(graceMs: number): void {
    this.#listeners.clear();
    clearInterval(this.#closingCheck);
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed || graceMs === 0) {
      this.#destroy();
      return;
    }
    const timer = setTimeout(() => this.#destroy(), graceMs).unref();
    socket.once("close", () => clearTimeout(timer));
  }

  #destroy(): void {
    this.#socket?.destroy();
    this.#attempt?.destroy();
  }

  #observed({ dispatcher }: AttemptDispatcher) {
    return observe(dispatcher, {
      refused: ({ status, date, body }) => {
        const refusal = { host: this.#host, status, body, serverDate: parseDateHeader(date) };
        this.#failed(new UpgradeRefusedError(refusal));
      },
      failed: (error) => {
        // After an upgrade it is the WebSocket that gives up, and its event says so.
        if (this.#socket !== undefined) return;
        this.#failed(connectError("cannot connect to", this.#host, error));
      },
      upgraded: (socket) => {
        this.#socket = socket;
        socket.once("end", () => this.#sawFin = true);
        socket.on("error", (error) => this.#socketError = error);
      },
    });
  }

  #explain(event: Event): Promise<Error> {
    const failure = new Error(messageOf(event) || "the WebSocket failed without saying why");
    if (this.#request === undefined) return Promise.resolve(failure);
    if (this.#socket !== undefined) {
      const message = `${this.#host} accepted the WebSocket upgrade, but not as RFC 6455 asks for`;
      return Promise.resolve(new ConnectError(message, { cause: failure }));
    }
    return probe(this.#request, {
      timeoutMs: this.#settings.probeTimeoutMs,
      failure,
      ask,
      explain: (host, error) => connectError("cannot connect to", host, error),
    });
  }

  /** Some versions fire `error` for an end of stream too, and none says more, so the socket does. */
  #endOf({ code, reason }: CloseEvent, reported: string): TransportEnd {
    if (code !== 1006) return { kind: "close", code, reason };
    const socketError = this.#socketError;
    if (this.#socket === undefined || (this.#sawFin && socketError === undefined)) {
      return { kind: "eof" };
    }
    // undici destroys the socket itself, with an error of its own, for a frame that it does not take.
    const cause = socketError === undefined || codeOf(socketError)?.startsWith("UND_ERR")
      ? new Error(reported || "the peer sent an invalid frame, or one that is too large")
      : socketError;
    return { kind: "error", error: connectError("lost the connection to", this.#host, cause) };
  }
}

/**
 * Asks with Node's own client, whose default agent knows the same proxies and authorities. It is
 * loaded when it is needed, which is seldom: that takes longer than loading the whole session.
 */
async function ask(
  { url, headers, signal }: ProbeRequest,
  read: (answer: ProbeAnswer) => Promise<Error>,
): Promise<Error> {
  const { get } = await (url.startsWith("https:") ? import("node:https") : import("node:http"));
  return await new Promise((resolve, reject) => {
    const request = get(url, { headers, signal });
    request.on("error", reject);
    request.on("upgrade", ({ headers }, socket) => {
      socket.destroy();
      read({ status: 101, date: headers.date, body: socket }).then(resolve, reject);
    });
    request.on("response", (response) => {
      read({ status: response.statusCode ?? 0, date: response.headers.date, body: response })
        .then(resolve, reject)
        .finally(() => request.destroy());
    });
  });
}

function messageOf(event: Event): string {
  return "message" in event && typeof event.message === "string" ? event.message : "";
}
