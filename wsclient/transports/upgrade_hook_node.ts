/**
 * Observes the upgrade request of Node's WebSocket.
 *
 * Node's WebSocket hides the answer to a refused upgrade, the network error and the TCP socket. But
 * its constructor accepts a `dispatcher`, an object of undici, the HTTP client inside Node, and
 * every dispatcher is given a handler that learns all of it. There are two dialects of handlers:
 * that of undici 5, 6 and 7, and that of undici 8; undici 7's dispatchers understand both. A
 * process may contain undici in several major versions, so the WebSocket may use one dialect and
 * the dispatcher the other. {@linkcode UpgradeHandler} therefore has the methods of both.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { MAX_REFUSAL_BODY_BYTES } from "../upgrade_refused_error.ts";
import { BoundedBody } from "../../internal/bounded_body.ts";
import { HookMisfitError, isMisuse } from "./hook_misfit.ts";
import { NO_UPGRADE, UNOFFERED_EXTENSION, UNOFFERED_PROTOCOL } from "./upgrade_answer.ts";

/** The part of an undici dispatcher that is needed here. */
export interface Dispatcher {
  /** Makes one request and reports to the handler. */
  dispatch(options: object, handler: object): unknown;
  /** The limits of WebSockets that use it. */
  readonly webSocketOptions?: unknown;
}

/** The two kinds of handlers, named after the oldest undici whose WebSocket has them. */
export type Dialect = "undici 5" | "undici 8";

/** The status and the headers of an answer other than 101. */
interface RefusedHead {
  readonly status: number;
  readonly date: string | undefined;
  readonly location: string | undefined;
}

/** What {@linkcode hookUpgrade} reports. Each attempt gets at most one of the first four. */
export interface UpgradeObserver {
  /** The answer had a status other than 101; the body is the part of it that is kept. */
  refused(answer: RefusedHead & { readonly body: string }): void;
  /** There is no answer, since the request or the connection failed. */
  failed(error: unknown): void;
  /** The answer was 101, but one that must not be accepted; the socket is destroyed. */
  unacceptable(reason: string): void;
  /** WebSocket and dispatcher do not fit together. */
  misfit(error: HookMisfitError): void;
  /** The answer was 101; from here on the WebSocket reads from and writes to `socket`. */
  upgraded(socket: Duplex): void;
  /** There is a connection, and the request is about to be sent on it. */
  started(): void;
  /** The dispatcher has called the handler, whatever it reported. Called any number of times. */
  heard(): void;
}

/**
 * Creates a dispatcher for one WebSocket, which forwards the request.
 *
 * @param choose Returns the dispatcher that makes the request, given the dialect of the WebSocket,
 * or throws if there is none.
 * @param observer Learns what happens to the request.
 */
export function hookUpgrade(
  choose: (dialect: Dialect) => Dispatcher,
  observer: UpgradeObserver,
): Dispatcher {
  let chosen: Dispatcher | undefined;
  const misfit = (message: string): never => fail(new HookMisfitError(message));
  const fail = (error: HookMisfitError): never => {
    observer.misfit(error);
    throw error;
  };
  return {
    dispatch(options, handler) {
      const dialect = dialectOf(handler);
      if (dialect === undefined) return misfit("it speaks an unknown dialect of undici");
      const headers = withoutExtensions("headers" in options ? options.headers : undefined);
      if (headers === undefined) return misfit("it writes headers in an unknown form");
      const offersProtocols = Object.keys(headers).some((name) => name.toLowerCase() === PROTOCOL);
      try {
        chosen = choose(dialect);
        // HTTP/2 is disabled: its WebSockets have no socket of their own to destroy.
        return chosen.dispatch(
          { ...options, headers, allowH2: false },
          new UpgradeHandler(dialect, handler, observer, offersProtocols),
        );
      } catch (error) {
        return fail(misfitOf(error));
      }
    },
    get webSocketOptions() {
      return chosen?.webSocketOptions;
    },
  };
}

/** The problem with the headers of a 101; the WebSocket itself checks `Sec-WebSocket-Accept`. */
function problemOf(headers: HeaderList, offersProtocols: boolean): string | undefined {
  if (valuesOf(headers, "upgrade").join().trim().toLowerCase() !== "websocket") return NO_UPGRADE;
  if (valuesOf(headers, EXTENSIONS).length > 0) return UNOFFERED_EXTENSION;
  const hasProtocol = valuesOf(headers, PROTOCOL).length > 0;
  return hasProtocol && !offersProtocols ? UNOFFERED_PROTOCOL : undefined;
}

function dialectOf(handler: object): Dialect | undefined {
  if ("onRequestStart" in handler && "onRequestUpgrade" in handler) return "undici 8";
  if ("onConnect" in handler && "onUpgrade" in handler) return "undici 5";
  return undefined;
}

/**
 * The headers without the offer of permessage-deflate: a small frame can contain so much that
 * inflating it blocks the thread for seconds.
 */
function withoutExtensions(headers: unknown): object | undefined {
  if (typeof headers !== "object" || headers === null || Symbol.iterator in headers) {
    return undefined;
  }
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== EXTENSIONS),
  );
}

const EXTENSIONS = "sec-websocket-extensions";
const PROTOCOL = "sec-websocket-protocol";

/** The object with which a handler controls a request in undici 8. */
interface Controller {
  readonly rawHeaders?: unknown;
  readonly aborted?: boolean;
  abort(reason: unknown): void;
}

/** Receives a dispatcher's reports, in either dialect. Hides the answer to a refused upgrade. */
class UpgradeHandler {
  readonly #webSocket: WebSocketHandler;
  readonly #observer: UpgradeObserver;
  readonly #offersProtocols: boolean;
  readonly #body = new BoundedBody(MAX_REFUSAL_BODY_BYTES);
  #head: RefusedHead | undefined;
  #reported = false;
  #hasStarted = false;

  /**
   * @param dialect The dialect of the WebSocket.
   * @param handler The WebSocket's own handler.
   * @param observer Learns what happens to the request.
   * @param offersProtocols Whether the request offers subprotocols.
   */
  constructor(
    dialect: Dialect,
    handler: object,
    observer: UpgradeObserver,
    offersProtocols: boolean,
  ) {
    this.#offersProtocols = offersProtocols;
    this.#webSocket = new WebSocketHandler(dialect, handler);
    this.#observer = observer;
  }

  // undici 5, 6 and 7.

  onConnect(abort: (reason: unknown) => void): void {
    this.#start(abort);
  }
  onUpgrade(status: number, headers: unknown, socket: Duplex): unknown {
    return this.#upgrade(status, headerList(headers), socket);
  }
  onHeaders(status: number, headers: unknown): boolean {
    this.#answer(status, headerList(headers));
    return true;
  }
  onData(chunk: Uint8Array): boolean {
    this.#data(chunk);
    return true;
  }
  onComplete(): void {
    this.#end();
  }
  onError(error: unknown): void {
    this.#fail(error);
  }

  // undici 8.

  onRequestStart(controller: Controller): void {
    this.#start((reason) => controller.abort(reason));
  }
  onRequestUpgrade(
    controller: Controller | undefined,
    status: number,
    headers: unknown,
    socket: Duplex,
  ): unknown {
    return this.#upgrade(status, headerList(controller?.rawHeaders ?? headers), socket);
  }
  onResponseStart(controller: Controller | undefined, status: number, headers: unknown): void {
    this.#answer(status, headerList(controller?.rawHeaders ?? headers));
  }
  onResponseData(_controller: unknown, chunk: Uint8Array): void {
    this.#data(chunk);
  }
  onResponseEnd(): void {
    this.#end();
  }
  onResponseError(_controller: unknown, error: unknown): void {
    this.#fail(error);
  }

  #start(abort: (reason: unknown) => void): void {
    this.#observer.heard();
    this.#observer.started();
    this.#hasStarted = true;
    this.#webSocket.start(abort);
  }

  #upgrade(status: number, headers: HeaderList, socket: Duplex): unknown {
    this.#observer.heard();
    if (status !== 101) return this.#webSocket.upgrade(status, headers, socket);
    if (!isUsable(socket)) {
      const error = new HookMisfitError("its dispatcher's sockets are of an unknown kind");
      this.#observer.misfit(error);
      this.#webSocket.fail(error);
      return true;
    }
    const problem = problemOf(headers, this.#offersProtocols);
    if (problem !== undefined) {
      socket.on("error", () => {}).destroy();
      this.#unacceptable(problem);
      return true;
    }
    this.#observer.upgraded(socket);
    return this.#webSocket.upgrade(status, withPlainConnection(headers), socket);
  }

  #answer(status: number, headers: HeaderList): void {
    this.#observer.heard();
    if (status === 101) {
      this.#unacceptable(NO_UPGRADE);
      // Otherwise the dispatcher waits for the rest, and may send the request again over another
      // connection.
      this.#webSocket.abort(new Error(NO_UPGRADE));
      return;
    }
    if (status < 200) return;
    const [date] = valuesOf(headers, "date");
    const [location] = valuesOf(headers, "location");
    this.#head = { status, date, location };
  }

  #data(chunk: Uint8Array): void {
    if (!this.#body.add(chunk)) this.#refused();
  }

  #end(): void {
    this.#refused();
    this.#webSocket.fail(new Error("the upgrade was refused"));
  }

  #unacceptable(reason: string): void {
    this.#observer.unacceptable(reason);
    this.#webSocket.fail(new Error(reason));
  }

  /** Without a head the request has failed; with one, only the rest of the body is missing. */
  #fail(error: unknown): void {
    this.#observer.heard();
    if (this.#head !== undefined) this.#refused();
    // Once the request has been sent, errors are about what the peer does.
    else if (!this.#hasStarted && isMisuse(error)) this.#observer.misfit(misfitOf(error));
    else this.#observer.failed(error);
    this.#webSocket.fail(error);
  }

  #refused(): void {
    if (this.#reported || this.#head === undefined) return;
    this.#reported = true;
    this.#observer.refused({ ...this.#head, body: this.#body.text() });
  }
}

/** The handler that the WebSocket itself has given, in either dialect. */
class WebSocketHandler {
  readonly #dialect: Dialect;
  readonly #handler: object;
  #abort: (reason: unknown) => void = () => {};
  #aborted = false;

  constructor(dialect: Dialect, handler: object) {
    this.#dialect = dialect;
    this.#handler = handler;
  }

  /** The request is about to be sent; `abort` ends it. */
  start(abort: (reason: unknown) => void): void {
    this.#abort = (reason) => {
      this.#aborted = true;
      abort(reason);
    };
    if (this.#dialect === "undici 5") this.#call("onConnect", [this.#abort]);
    else this.#call("onRequestStart", [this.#controller([]), {}]);
  }

  /** Ends the request. */
  abort(reason: unknown): void {
    this.#abort(reason);
  }

  /** The answer was 101. */
  upgrade(status: number, headers: HeaderList, socket: Duplex): unknown {
    if (this.#dialect === "undici 5") return this.#call("onUpgrade", [status, headers, socket]);
    return this.#call("onRequestUpgrade", [this.#controller(headers), status, {}, socket]);
  }

  /** There is no connection. */
  fail(error: unknown): void {
    if (this.#dialect === "undici 5") this.#call("onError", [error]);
    else this.#call("onResponseError", [this.#controller([]), error]);
  }

  #controller(rawHeaders: HeaderList): Controller & { pause(): void; resume(): void } {
    return {
      rawHeaders,
      aborted: this.#aborted,
      abort: this.#abort,
      pause: () => {},
      resume: () => {},
    };
  }

  #call(name: string, parameters: readonly unknown[]): unknown {
    const method: unknown = Reflect.get(this.#handler, name);
    return typeof method === "function" ? method.apply(this.#handler, parameters) : undefined;
  }
}

/** Alternating names and values, as bytes. */
type HeaderList = readonly Buffer[];

/** From a list of alternating names and values, where a value may be a list, or from a record. */
function headerList(headers: unknown): HeaderList {
  if (typeof headers !== "object" || headers === null) return [];
  const flat = Array.isArray(headers) ? headers : Object.entries(headers).flat(1);
  const list: Buffer[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const name = bytesOf(flat[i]);
    const value: unknown = flat[i + 1];
    for (const one of Array.isArray(value) ? value : [value]) list.push(name, bytesOf(one));
  }
  return list;
}

function bytesOf(value: unknown): Buffer {
  return value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value), "latin1");
}

function valuesOf(headers: HeaderList, name: string): string[] {
  return headers.flatMap((value, i) =>
    i % 2 === 1 && headers[i - 1]?.toString("latin1").toLowerCase() === name
      ? [value.toString("latin1")]
      : []
  );
}

/**
 * With `Connection: Upgrade` in place of a list that contains it, such as `keep-alive, Upgrade`.
 * RFC 6455 section 4.1 allows the list, but undici's WebSocket compares the whole value.
 */
function withPlainConnection(headers: HeaderList): HeaderList {
  const connection = valuesOf(headers, "connection");
  const tokens = connection.join().toLowerCase().split(",").map((token) => token.trim());
  if (!tokens.includes("upgrade")) return headers;
  const others = headers.filter((_, i) =>
    headers[i - i % 2]?.toString("latin1").toLowerCase() !== "connection"
  );
  return [...others, Buffer.from("Connection"), Buffer.from("Upgrade")];
}

/** Whether a socket has the methods that are used here. */
function isUsable(socket: Duplex): boolean {
  const methods = ["on", "once", "cork", "uncork", "destroy", "write"];
  return methods.every((name) => typeof Reflect.get(socket, name) === "function");
}

function misfitOf(error: unknown): HookMisfitError {
  if (error instanceof HookMisfitError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new HookMisfitError(`its dispatcher does not accept the request: ${text}`, {
    cause: error,
  });
}
