/**
 * The dispatcher that Node's WebSocket makes its upgrade request with, and listening in on it.
 *
 * Node's WebSocket hides the answer to a refused upgrade, the network error and the TCP socket. But
 * its constructor takes a `dispatcher`, an object of undici, the HTTP client inside Node, and every
 * dispatcher is handed a handler that is told all of it. Two dialects of handler are around: that of
 * undici 6 and 7 (Node 22 and 24) and that of undici 8 (Node 26).
 *
 * @module
 */

import type { Duplex } from "node:stream";
import { MAX_REFUSAL_BODY_BYTES } from "../upgrade_refused_error.ts";
import { BoundedBody } from "../../internal/bounded_body.ts";
import { proxyClient } from "./proxy_client_node.ts";

/** As much of an undici dispatcher as is needed here. */
export interface Dispatcher {
  /** Makes one request and tells the handler about it. */
  dispatch(options: object, handler: object): boolean;
}

/** What {@linkcode observe} tells. Each attempt gets at most one of the three. */
export interface UpgradeObserver {
  /** The answer was another status than 101; the body is as much of it as is kept. */
  refused(answer: { status: number; date: string | undefined; body: string }): void;
  /** There is no answer, since the request or the connection failed. */
  failed(error: unknown): void;
  /** The answer was 101; from here on the WebSocket reads from and writes to `socket`. */
  upgraded(socket: Duplex): void;
}

/** A dispatcher to use for one attempt. */
export interface AttemptDispatcher {
  /** The dispatcher. */
  readonly dispatcher: Dispatcher;
  /** Destroys every socket of the attempt, as far as the dispatcher is the attempt's own. */
  destroy(): void;
}

/**
 * Chooses the dispatcher for one attempt: the one `given`, or a new one just like Node's global one,
 * or the global one itself if somebody has put a special one there. Only a new one is ever destroyed.
 *
 * A new one, because only so can a socket that is still connecting be destroyed, and because
 * undici 6 and 7 go on connecting to a proxy that drops CONNECT until their dispatcher is destroyed.
 *
 * @returns `undefined` if there is none, as on a runtime without undici.
 */
export function attemptDispatcher(given: unknown): AttemptDispatcher | undefined {
  if (isDispatcher(given)) return { dispatcher: given, destroy: () => {} };
  const shared = globalDispatcher();
  if (shared === undefined) return undefined;
  return likeBuiltIn(shared) ?? { dispatcher: shared, destroy: () => {} };
}

/** Wraps a dispatcher so that `observer` learns what becomes of the upgrade request. */
export function observe(dispatcher: Dispatcher, observer: UpgradeObserver): Dispatcher {
  const dispatch = (options: object, handler: object) =>
    // HTTP/2 is switched off: its WebSockets have no socket of their own to destroy.
    dispatcher.dispatch({ ...options, allowH2: false }, listenIn(handler, observer));
  return new Proxy(dispatcher, {
    get: (target, name) => name === "dispatch" ? dispatch : Reflect.get(target, name, target),
  });
}

function globalDispatcher(): Dispatcher | undefined {
  // Node creates it when one of its users is touched for the first time.
  void globalThis.WebSocket;
  for (const version of [2, 1]) {
    const found: unknown = Reflect.get(
      globalThis,
      Symbol.for(`undici.globalDispatcher.${version}`),
    );
    if (isDispatcher(found)) return found;
  }
  return undefined;
}

function isDispatcher(value: unknown): value is Dispatcher {
  return typeof value === "object" && value !== null && "dispatch" in value &&
    typeof value.dispatch === "function";
}

/** A new dispatcher of the same class, if that class with its defaults is all there is to it. */
function likeBuiltIn(shared: Dispatcher): AttemptDispatcher | undefined {
  const { constructor } = shared;
  // An interceptor that was composed in replaces the method.
  if (shared.dispatch !== constructor.prototype.dispatch) return undefined;
  // The first reads its proxies from the environment, now as it did then.
  const plain = constructor.name === "EnvHttpProxyAgent" ||
    constructor.name === "Agent" && hasNoOptions(shared);
  if (!plain) return undefined;

  const lifetime = new AbortController();
  // net.connect and tls.connect destroy their socket when the signal aborts. The caller's signal
  // limits the time, so undici's own limit of 10 s is switched off.
  const connect = { signal: lifetime.signal, timeout: 0 };
  const options = {
    connect,
    // A pool for more than one would take 20 KB, which a session holds as long as its connection.
    connections: 1,
    requestTls: connect,
    proxyTunnel: true,
    clientFactory: (proxy: URL) => proxyClient(proxy, lifetime.signal),
  };
  const created: unknown = Reflect.construct(constructor, [options]);
  if (!isDispatcher(created)) return undefined;
  return {
    dispatcher: created,
    destroy() {
      lifetime.abort();
      if ("destroy" in created && typeof created.destroy === "function") created.destroy();
    },
  };
}

function hasNoOptions(agent: Dispatcher): boolean {
  const key = Object.getOwnPropertySymbols(agent).find((symbol) =>
    symbol.description === "options"
  );
  const options: unknown = key && Reflect.get(agent, key);
  if (typeof options !== "object" || options === null) return false;
  return Object.values(options).every((value) => value === undefined || value === Infinity);
}

/** A handler that passes everything on, but keeps the answer of a refused upgrade to itself. */
function listenIn(handler: object, observer: UpgradeObserver): object {
  const heard = "onRequestStart" in handler
    ? newDialect(handler, observer)
    : oldDialect(handler, observer);
  return new Proxy(handler, {
    get(target, name) {
      if (Object.hasOwn(heard, name)) return Reflect.get(heard, name);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** The handler of undici 6 and 7. */
function oldDialect(handler: object, observer: UpgradeObserver): object {
  const answer = new RefusedAnswer(observer, (error) => call(handler, "onError", [error]));
  return {
    onHeaders(status: number, headers: unknown, ...rest: unknown[]): unknown {
      if (status < 200) return call(handler, "onHeaders", [status, headers, ...rest]);
      answer.start(status, dateInList(headers));
      return true;
    },
    onData(chunk: Uint8Array): boolean {
      answer.data(chunk);
      return true;
    },
    onComplete: () => answer.end(),
    onError: (error: unknown) => answer.fail(error),
    onUpgrade(status: number, headers: unknown, socket: Duplex): unknown {
      if (status === 101) observer.upgraded(socket);
      return call(handler, "onUpgrade", [status, headers, socket]);
    },
  };
}

/** The handler of undici 8. */
function newDialect(handler: object, observer: UpgradeObserver): object {
  const answer = new RefusedAnswer(
    observer,
    (error, controller) => call(handler, "onResponseError", [controller, error]),
  );
  return {
    onResponseStart(controller: unknown, status: number, headers: object, ...rest: unknown[]) {
      if (status < 200) {
        call(handler, "onResponseStart", [controller, status, headers, ...rest]);
        return;
      }
      answer.start(status, dateInRecord(headers));
    },
    onResponseData: (_controller: unknown, chunk: Uint8Array) => answer.data(chunk),
    onResponseEnd: (controller: unknown) => answer.end(controller),
    onResponseError: (controller: unknown, error: unknown) => answer.fail(error, controller),
    onRequestUpgrade(controller: unknown, status: number, headers: object, socket: Duplex) {
      if (status === 101) observer.upgraded(socket);
      return call(handler, "onRequestUpgrade", [controller, status, headers, socket]);
    },
  };
}

function call(handler: object, name: string, parameters: readonly unknown[]): unknown {
  const method: unknown = Reflect.get(handler, name);
  return typeof method === "function" ? method.apply(handler, parameters) : undefined;
}

/** Collects the answer of a refused upgrade; the WebSocket is told of a failure only. */
class RefusedAnswer {
  readonly #observer: UpgradeObserver;
  readonly #failWebSocket: (error: unknown, controller: unknown) => void;
  readonly #body = new BoundedBody(MAX_REFUSAL_BODY_BYTES);
  #head: { status: number; date: string | undefined } | undefined;
  #told = false;

  constructor(
    observer: UpgradeObserver,
    failWebSocket: (error: unknown, controller: unknown) => void,
  ) {
    this.#observer = observer;
    this.#failWebSocket = failWebSocket;
  }

  start(status: number, date: string | undefined): void {
    this.#head = { status, date };
  }

  data(chunk: Uint8Array): void {
    if (!this.#body.add(chunk)) this.#tell();
  }

  end(controller?: unknown): void {
    this.#tell();
    this.#failWebSocket(new Error("the upgrade was refused"), controller);
  }

  /** Without a head the request has failed; with one, only the rest of the body is missing. */
  fail(error: unknown, controller?: unknown): void {
    if (this.#head === undefined) this.#observer.failed(error);
    else this.#tell();
    this.#failWebSocket(error, controller);
  }

  #tell(): void {
    if (this.#told || this.#head === undefined) return;
    this.#told = true;
    this.#observer.refused({ ...this.#head, body: this.#body.text() });
  }
}

/** The old dialect has headers as a list of names and values in turn, as bytes. */
function dateInList(headers: unknown): string | undefined {
  if (!Array.isArray(headers)) return undefined;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (String(headers[i]).toLowerCase() === "date") return String(headers[i + 1]);
  }
  return undefined;
}

function dateInRecord(headers: object): string | undefined {
  const date: unknown = Reflect.get(headers, "date");
  return typeof date === "string" ? date : undefined;
}
