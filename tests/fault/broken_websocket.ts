/**
 * Changes that other code in the process, or a future Node, may make to Node's WebSocket, so that
 * its upgrade can no longer be observed.
 *
 * @module
 */

const NativeWebSocket = globalThis.WebSocket;

function setGlobalDispatcher(dispatcher: unknown): void {
  void globalThis.WebSocket;
  for (const version of [1, 2]) {
    const key = Symbol.for(`undici.globalDispatcher.${version}`);
    if (Reflect.get(globalThis, key) !== undefined) Reflect.set(globalThis, key, dispatcher);
  }
}

function setWebSocket(value: unknown): void {
  Object.defineProperty(globalThis, "WebSocket", { value, configurable: true, writable: true });
}

/** A way in which Node's WebSocket can be broken. */
export interface Breakage {
  /** Causes the breakage, in the whole process. */
  readonly apply: () => void;
  /** The log message about it. */
  readonly reason: RegExp;
  /** How many connections the first attempt makes, including the one of `ws`. Default: 1. */
  readonly connections?: number;
}

/** All breakages, by name. */
export const BREAKAGES: Readonly<Record<string, Breakage>> = {
  "a dispatcher that throws": {
    apply: () =>
      setGlobalDispatcher({
        dispatch() {
          throw new Error("handlers have changed");
        },
      }),
    reason: /handlers have changed/,
  },
  "a dispatcher that expects other handlers": {
    apply: () =>
      setGlobalDispatcher({
        dispatch(_options: object, handler: { onFutureEvent(): void }) {
          handler.onFutureEvent();
        },
      }),
    reason: /onFutureEvent/,
  },
  "a dispatcher that refuses its handler": {
    apply: () =>
      setGlobalDispatcher({
        dispatch(_options: object, handler: { onError(error: Error): void }) {
          const error = new Error("invalid onFutureEvent method");
          handler.onError(Object.assign(error, { code: "UND_ERR_INVALID_ARG" }));
        },
      }),
    reason: /invalid onFutureEvent method/,
  },
  "a dispatcher with sockets of another kind": {
    apply: () =>
      setGlobalDispatcher({
        dispatch(
          _options: object,
          handler: { onUpgrade(status: number, headers: [], socket: object): void },
        ) {
          handler.onUpgrade(101, [], {});
        },
      }),
    reason: /sockets are of an unknown kind/,
  },
  "no global dispatcher": {
    apply: () => setGlobalDispatcher(undefined),
    reason: /no global dispatcher/,
  },
  "no WebSocket": {
    apply: () => setWebSocket(undefined),
    reason: /it cannot be created/,
  },
  "a WebSocket that accepts no options": {
    apply: () =>
      setWebSocket(
        class {
          constructor() {
            throw new SyntaxError("invalid protocol");
          }
        },
      ),
    reason: /invalid protocol/,
  },
  "a WebSocket that ignores its dispatcher": {
    apply: () =>
      setWebSocket(
        class extends NativeWebSocket {
          constructor(url: string) {
            super(url);
          }
        },
      ),
    reason: /it does not use its dispatcher/,
    connections: 2,
  },
  "a WebSocket of an unknown dialect": {
    apply: () =>
      setWebSocket(
        class extends EventTarget {
          constructor(_url: string, { dispatcher }: { dispatcher: typeof NOTHING }) {
            super();
            try {
              dispatcher.dispatch({ headers: {} }, { onFutureEvent: () => {} });
            } catch {
              queueMicrotask(() => this.dispatchEvent(new Event("error")));
            }
          }
          close(): void {}
        },
      ),
    reason: /unknown dialect/,
  },
};

const NOTHING = { dispatch: (_options: object, _handler: object): void => {} };

/** A dispatcher that accepts every request and never calls back. */
export function silenceDispatcher(): void {
  setGlobalDispatcher(NOTHING);
}
