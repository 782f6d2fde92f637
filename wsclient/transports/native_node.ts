/**
 * The part of the native transport that is specific to Node.
 *
 * Node's WebSocket fires `close` only once TCP has closed, does not distinguish an end of stream
 * from a reset, and never destroys a socket whose peer stays silent. The socket that
 * `upgrade_hook_node.ts` gets hold of makes up for all of that. If that hook does not fit, the
 * attempt fails with a `HookMisfitError`, and `fallback_node.ts` takes over.
 *
 * @module
 */

import { nextTick } from "node:process";
import type { Duplex } from "node:stream";
import { clearTimeout, setTimeout } from "node:timers";
import { parseDateHeader } from "../signing/clock_skew.ts";
import { ConnectError, type ConnectPhase } from "../../errors.ts";
import { redirectOrigin } from "../../internal/redirect_origin.ts";
import { UpgradeRefusedError } from "../upgrade_refused_error.ts";
import type { SocketActivity, TransportEnd, TransportRequest } from "../transport.ts";
import { SOCKET_CHECK_MS } from "./closing.ts";
import { type AttemptDispatcher, attemptDispatcher } from "./dispatcher_node.ts";
import { nodeFit, withFallback } from "./fallback_node.ts";
import { HookMisfitError } from "./hook_misfit.ts";
import { activityOf, afterData, unwritten } from "./socket_activity.ts";
import { Listeners } from "./listeners.ts";
import type { NativeRuntime, NativeSettings, NativeSocket } from "./native_runtime.ts";
import { codeOf, connectError } from "./node_error.ts";
import { hostOf, httpUrl } from "./probe.ts";
import { proxyUse } from "./proxy_use.ts";
import type { Progress } from "./socket_phases.ts";
import { BAD_ACCEPT, unacceptable } from "./upgrade_answer.ts";
import { hookUpgrade, type UpgradeObserver } from "./upgrade_hook_node.ts";

/** Node's WebSocket. */
export const nodeRuntime: NativeRuntime = {
  open(request, headers, settings) {
    return new NodeSocket(request, headers, settings);
  },
  withFallback,
};

class NodeSocket implements NativeSocket {
  readonly webSocket: WebSocket;
  readonly #url: string;
  readonly #host: string;
  readonly #listeners: Listeners;
  #attempt: AttemptDispatcher | undefined;
  #failed: (error: Error) => void = (error) => this.#early ??= error;
  #early: Error | undefined;
  /** Only until the connection is open, since much of the attempt is reachable through it. */
  #progress: TransportRequest["progress"];
  #hasHeard = false;
  /** The TCP or TLS socket, once the upgrade has been accepted, and what it has reported. */
  #socket: Duplex | undefined;
  #socketError: Error | undefined;
  #sawFin = false;
  #stopChecks: () => void = () => {};

  constructor(
    request: TransportRequest,
    headers: Record<string, string>,
    { webSocketOptions }: NativeSettings,
  ) {
    this.#url = request.url;
    this.#host = hostOf(request.url);
    this.#progress = request.progress;
    const { url } = request;
    const progress = (phase: ConnectPhase) => this.#progress?.(phase);
    this.webSocket = create(url, {
      ...webSocketOptions,
      // The body of a refusal is read unprocessed, so it must not be compressed.
      headers: { "accept-encoding": "identity", ...headers },
      dispatcher: hookUpgrade((dialect) => {
        this.#attempt = attemptDispatcher(
          webSocketOptions["dispatcher"],
          dialect,
          url,
          progress,
        );
        return this.#attempt.dispatcher;
      }, this.#observer(progress)),
    });
    this.#listeners = new Listeners(this.webSocket);
  }

  whenFailed(failed: (error: Error) => void): void {
    this.#failed = failed;
    if (this.#early !== undefined) return failed(this.#early);
    // The hook reports first, and releases; these are in case it reports nothing.
    const onFailure = (event: Event) => failed(this.#explain(event));
    this.#listeners.add("error", onFailure);
    this.#listeners.add("close", onFailure);
    this.#listeners.add("open", () => {
      if (this.#socket === undefined) failed(new HookMisfitError("it does not use its dispatcher"));
    });
  }

  get bufferedAmount(): number {
    // The WebSocket does not count its pongs.
    return Math.max(this.webSocket.bufferedAmount, this.#socket ? unwritten(this.#socket) : 0);
  }

  whenEnded(
    ended: (end: TransportEnd) => void,
    seen: (activity: SocketActivity) => void,
  ): void {
    this.#failed = () => {};
    this.#progress = undefined;
    this.#listeners.clear();
    let reported = "";
    this.#listeners.add("error", (event) => reported = messageOf(event));
    this.#listeners.add("close", (event) => ended(this.#endOf(event, reported)));
    const socket = this.#socket;
    if (socket === undefined) return;
    const look = activityOf(socket);
    this.#stopChecks = afterData(socket, SOCKET_CHECK_MS, () => {
      // Destroying the socket makes the WebSocket fire `close` with the code it has received.
      if (this.webSocket.readyState === 2) socket.destroy();
      else seen(look());
    });
  }

  /**
   * Everything sent in one turn after the first frame goes out in one system call: one call for
   * each takes longer than all other work on a message.
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
    this.#stopChecks();
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

  #observer(progress: Progress): UpgradeObserver {
    return {
      refused: ({ status, date, location, body }) => {
        this.#failed(
          new UpgradeRefusedError({
            host: this.#host,
            status,
            body,
            serverDate: parseDateHeader(date),
            redirectsTo: redirectOrigin(httpUrl(this.#url), location),
          }),
        );
      },
      failed: (error) => {
        // After an upgrade it is the WebSocket that fails, and its event says why.
        if (this.#socket !== undefined) return;
        const proxy = proxyUse(this.#url, error);
        this.#failed(connectError("cannot connect to", this.#host, error, proxy));
      },
      unacceptable: (reason) => this.#failed(unacceptable(this.#host, reason)),
      misfit: (error) => this.#failed(error),
      upgraded: (socket) => {
        this.#socket = socket;
        socket.once("end", () => this.#sawFin = true);
        socket.on("error", (error) => this.#socketError = error);
      },
      started: () => progress("upgrade"),
      heard: () => {
        this.#hasHeard = true;
        nodeFit.heard();
      },
    };
  }

  #explain(event: Event): Error {
    // The hook has checked the rest of the answer.
    if (this.#socket !== undefined) return unacceptable(this.#host, messageOf(event) || BAD_ACCEPT);
    const reason = messageOf(event) || "it failed without saying why";
    if (!this.#hasHeard) return new HookMisfitError(`it does not use its dispatcher: ${reason}`);
    return new ConnectError(`cannot connect to ${this.#host}: ${reason}`, {
      host: this.#host,
      proxy: proxyUse(this.#url),
    });
  }

  /**
   * Some versions fire `error` for an end of stream too, and none says more, so the socket decides.
   */
  #endOf({ code, reason }: CloseEvent, reported: string): TransportEnd {
    if (code !== 1006) return { kind: "close", code, reason };
    const socketError = this.#socketError;
    if (this.#socket === undefined || (this.#sawFin && socketError === undefined)) {
      return { kind: "eof" };
    }
    // undici destroys the socket itself, with its own error, for a frame that it does not accept.
    const cause = socketError === undefined || codeOf(socketError)?.startsWith("UND_ERR")
      ? new Error(reported || "the peer sent an invalid frame, or one that is too large")
      : socketError;
    return { kind: "error", error: connectError("lost the connection to", this.#host, cause) };
  }
}

/** @throws {HookMisfitError} If there is no WebSocket that accepts a dispatcher. */
function create(url: string, options: object): WebSocket {
  try {
    return new WebSocket(url, options);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new HookMisfitError(`it cannot be created: ${text}`, { cause: error });
  }
}

function messageOf(event: Event): string {
  return "message" in event && typeof event.message === "string" ? event.message : "";
}
