/**
 * The built-in transport: the runtime's own WebSocket, on Deno and on Node.
 *
 * @module
 */

import type {
  Transport,
  TransportConnection,
  TransportListener,
  TransportRequest,
} from "../transport.ts";
import { CLOSE_GRACE_MS, fitReason } from "./closing.ts";
import { Inbox } from "./inbox.ts";
import { denoRuntime } from "./native_deno.ts";
import type { NativeRuntime, NativeSettings, NativeSocket } from "./native_runtime.ts";
import { checkNumber } from "../../internal/number_option.ts";
import { checkOptionNames, type OptionNames } from "../../internal/option_names.ts";
import { abortable } from "../../internal/time_limit.ts";
import { PROBE_TIMEOUT_MS } from "./probe.ts";

/** `WebSocket.OPEN`: reading it by name, for each frame, is slow on Deno, which loads it lazily. */
const OPEN = 1;

/** Options of {@linkcode createNativeTransport}; all are optional. */
export interface NativeTransportOptions {
  /**
   * Merged into the options of the runtime's `WebSocket` constructor, for what the environment
   * cannot express, such as an authority or a proxy for these connections alone. `headers` in it
   * are overwritten.
   *
   * - Deno: `{ client: Deno.createHttpClient({ caCerts, proxy, http2: false }) }`. Without
   *   `http2: false`, a refused upgrade takes more connections, and its reason stays unknown;
   *   closing the client is up to you.
   * - Node: `{ dispatcher }`, such as an `Agent` or `ProxyAgent` of npm's `undici`, version 5 to 8.
   *   Closing it is up to you.
   */
  readonly webSocketOptions?: Readonly<Record<string, unknown>>;
  /**
   * How long the peer may take to answer a close frame before the TCP connection is destroyed, in
   * ms. No effect on Deno, which cannot destroy it.
   *
   * @default 5000
   */
  readonly closeGraceMs?: number;
  /**
   * How long the second request after a failed upgrade may take, in ms.
   *
   * @default 10000
   */
  readonly probeTimeoutMs?: number;
}

const OPTION_NAMES: OptionNames<NativeTransportOptions> = {
  webSocketOptions: true,
  closeGraceMs: true,
  probeTimeoutMs: true,
};

/**
 * Creates a transport that opens the runtime's own WebSocket.
 *
 * Private authorities: `DENO_CERT` or `deno run --cert` on Deno, `NODE_EXTRA_CA_CERTS` on Node.
 * Proxies: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` on both; on Node only together with
 * `NODE_USE_ENV_PROXY=1`. Redirects are never followed. Both runtimes speak TLS 1.2 or newer by
 * default.
 *
 * On Node, if other code in the process has changed the built-in WebSocket so that it cannot be
 * used, `ws` is used instead, with the same proxies and authorities, and the log says so once.
 *
 * On Deno a refused upgrade is requested a second time, with fresh headers, to learn its status and
 * body, which Deno's WebSocket does not expose; so the peer sees two requests. And there is no way
 * to destroy a socket: if the peer does not answer the close frame, the socket stays open, and
 * keeps the process alive, until TCP gives up; end such a process with `Deno.exit`.
 *
 * @param options See {@linkcode NativeTransportOptions}.
 * @returns The transport; it keeps nothing open besides its connections.
 * @throws {RangeError} If an option is unknown, or a time is negative or not a number.
 *
 * @example
 * ```ts
 * import { createNativeTransport } from "@acs/session";
 *
 * const transport = createNativeTransport({ closeGraceMs: 1_000 });
 * ```
 */
export function createNativeTransport(options: NativeTransportOptions = {}): Transport {
  checkOptionNames(options, OPTION_NAMES, "");
  const settings: NativeSettings = {
    webSocketOptions: options.webSocketOptions ?? {},
    probeTimeoutMs: checkNumber("probeTimeoutMs", options.probeTimeoutMs ?? PROBE_TIMEOUT_MS),
    closeGraceMs: checkNumber("closeGraceMs", options.closeGraceMs ?? CLOSE_GRACE_MS),
  };
  let loaded: Promise<Transport> | undefined;
  return {
    async connect(request) {
      loaded ??= loadRuntime().then((runtime) => transportOf(runtime, settings));
      return await (await loaded).connect(request);
    },
  };
}

/**
 * Loads the implementation for this runtime only: on Deno, loading Node's would take longer than
 * all other modules together.
 */
async function loadRuntime(): Promise<NativeRuntime> {
  if ("Deno" in globalThis) return denoRuntime;
  const { nodeRuntime } = await import("./native_node.ts");
  return nodeRuntime;
}

function transportOf(runtime: NativeRuntime, settings: NativeSettings): Transport {
  const native: Transport = {
    async connect(request) {
      request.signal.throwIfAborted();
      const headers = await abortable(request.headers(), request.signal);
      // It may have aborted in the meantime.
      request.signal.throwIfAborted();
      return await open(runtime.open(request, headers, settings), request, settings.closeGraceMs);
    },
  };
  return runtime.withFallback?.(native, settings) ?? native;
}

/** The built-in transport with every option at its default. */
export const nativeTransport: Transport = createNativeTransport();

/** Waits until the socket is open, has failed, or the signal aborts. */
function open(
  socket: NativeSocket,
  { signal }: TransportRequest,
  graceMs: number,
): Promise<TransportConnection> {
  const { webSocket } = socket;
  webSocket.binaryType = "arraybuffer";
  return new Promise((resolve, reject) => {
    let settled = false;
    const onOpen = () => {
      settled = true;
      signal.removeEventListener("abort", onAbort);
      resolve(new NativeConnection(socket, graceMs));
    };
    const fail = (reason: unknown) => {
      if (settled) return;
      settled = true;
      signal.removeEventListener("abort", onAbort);
      webSocket.removeEventListener("open", onOpen);
      reject(reason);
      // Before closing, which fires events: no reason must be requested for our own close.
      socket.release(0);
      // If it opens anyway, it is closed immediately.
      webSocket.addEventListener("open", () => webSocket.close());
      webSocket.close();
    };
    const onAbort = () => fail(signal.reason);
    // First, since opening may fail, too.
    socket.whenFailed(fail);
    if (settled) return;
    webSocket.addEventListener("open", onOpen, { once: true });
    signal.addEventListener("abort", onAbort);
  });
}

/** One open connection. */
class NativeConnection implements TransportConnection {
  readonly #socket: NativeSocket;
  readonly #graceMs: number;
  readonly #inbox = new Inbox();

  constructor(socket: NativeSocket, graceMs: number) {
    this.#socket = socket;
    this.#graceMs = graceMs;
    socket.webSocket.addEventListener("message", this.#onMessage);
    socket.whenEnded((end) => {
      // The runtime has already answered the closing handshake, if there is one.
      this.#letGo(0);
      this.#inbox.end(end);
    }, (activity) => this.#inbox.activity(activity));
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  listen(listener: TransportListener): void {
    this.#inbox.listen(listener);
  }

  send(text: string): void {
    if (this.#inbox.over || this.#socket.webSocket.readyState !== OPEN) {
      throw new Error("the connection is no longer open: nothing can be sent");
    }
    this.#socket.send(text);
  }

  close(code: number, reason: string): Promise<void> {
    if (this.#inbox.over) return Promise.resolve();
    const { webSocket } = this.#socket;
    // First, so that an invalid code changes nothing.
    webSocket.close(code, fitReason(reason));
    this.#inbox.leave();
    this.#letGo(this.#graceMs);
    return new Promise((resolve) => {
      for (const type of ["close", "error"]) {
        webSocket.addEventListener(type, () => resolve(), { once: true });
      }
    });
  }

  readonly #onMessage = ({ data }: MessageEvent<string | ArrayBuffer>): void => {
    this.#inbox.message(typeof data === "string" ? data : new Uint8Array(data));
  };

  #letGo(graceMs: number): void {
    this.#socket.webSocket.removeEventListener("message", this.#onMessage);
    this.#socket.release(graceMs);
  }
}
