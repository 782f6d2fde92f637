import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { PassThrough } from "node:stream";
import { HookMisfitError } from "../../../wsclient/transports/hook_misfit.ts";
import {
  type Dialect,
  type Dispatcher,
  hookUpgrade,
  type UpgradeObserver,
} from "../../../wsclient/transports/upgrade_hook_node.ts";
import { test } from "../../testing/test.ts";

/** The calls that a WebSocket or an observer received, in order. */
type Calls = (readonly [name: string, ...values: unknown[]])[];

const DIALECTS: readonly Dialect[] = ["undici 5", "undici 8"];

/** The handler of a WebSocket, as undici's `fetch` creates it. */
const WEB_SOCKETS: Readonly<Record<Dialect, (calls: Calls) => object>> = {
  "undici 5": (calls) => ({
    onConnect: (abort: unknown) => calls.push(["start", typeof abort]),
    onUpgrade(status: number, headers: readonly Buffer[], socket: unknown) {
      calls.push(["upgrade", status, headers.map(String), socket]);
      return true;
    },
    onError: (error: Error) => calls.push(["fail", error.message]),
  }),
  "undici 8": (calls) => ({
    onRequestStart: (controller: { abort: unknown }) =>
      calls.push(["start", typeof controller.abort]),
    onRequestUpgrade(
      controller: { rawHeaders: readonly Buffer[] },
      status: number,
      _headers: object,
      socket: unknown,
    ) {
      calls.push(["upgrade", status, controller.rawHeaders.map(String), socket]);
      return true;
    },
    onResponseError: (controller: { aborted: boolean }, error: Error) =>
      calls.push(["fail", error.message, ...(controller.aborted ? ["aborted"] : [])]),
  }),
};

/** A dispatcher's view of a handler, with only the methods of its dialect. */
interface Caller {
  start(): void;
  upgrade(headers: readonly (readonly [string, string])[], socket: unknown): unknown;
  answer(status: number, date: string, body: string): void;
  fail(error: Error): void;
}

type Methods = Record<string, (...values: unknown[]) => unknown>;

const CALLERS: Readonly<Record<Dialect, (handler: Methods) => Caller>> = {
  "undici 5": (handler) => ({
    start: () => handler["onConnect"]?.(() => {}, {}),
    upgrade: (headers, socket) =>
      handler["onUpgrade"]?.(101, headers.flat().map((text) => Buffer.from(text)), socket),
    answer(status, date, body) {
      handler["onHeaders"]?.(status, [Buffer.from("Date"), Buffer.from(date)], () => {}, "");
      handler["onData"]?.(Buffer.from(body));
      handler["onComplete"]?.([]);
    },
    fail: (error) => handler["onError"]?.(error),
  }),
  "undici 8": (handler) => {
    const controller = { abort: () => {}, rawHeaders: undefined };
    return {
      start: () => handler["onRequestStart"]?.(controller, {}),
      upgrade(headers, socket) {
        const rawHeaders = headers.flat().map((text) => Buffer.from(text));
        return handler["onRequestUpgrade"]?.({ ...controller, rawHeaders }, 101, {}, socket);
      },
      answer(status, date, body) {
        handler["onResponseStart"]?.(controller, status, { date }, "");
        handler["onResponseData"]?.(controller, Buffer.from(body));
        handler["onResponseEnd"]?.(controller, {});
      },
      fail: (error) => handler["onResponseError"]?.(controller, error),
    };
  },
};

/**
 * One attempt: a WebSocket of one dialect, a dispatcher of another, and what each side observed.
 */
function attempt(webSocket: Dialect, dispatcher: Dialect) {
  const received: Calls = [];
  const observed: Calls = [];
  const observer: UpgradeObserver = {
    refused: (answer) => observed.push(["refused", answer]),
    failed: (error) => observed.push(["failed", error]),
    unacceptable: (reason) => observed.push(["unacceptable", reason]),
    misfit: (error) => observed.push(["misfit", error.message]),
    upgraded: (socket) => observed.push(["upgraded", socket]),
    started: () => {},
    heard: () => {},
  };
  const requests: object[] = [];
  let caller: Caller | undefined;
  const target: Dispatcher = {
    dispatch(options, handler) {
      requests.push(options);
      caller = CALLERS[dispatcher](methodsOf(handler));
    },
    webSocketOptions: { maxPayloadSize: 5 },
  };
  const hook = hookUpgrade((dialect) => {
    assert.equal(dialect, webSocket);
    return target;
  }, observer);
  const headers = { "Sec-WebSocket-Extensions": "permessage-deflate", authorization: "signed" };
  hook.dispatch({ upgrade: "websocket", headers }, WEB_SOCKETS[webSocket](received));
  assert.ok(caller !== undefined);
  return { hook, received, observed, requests, caller };
}

const UPGRADE = ["Upgrade", "websocket"] as const;

function methodsOf(handler: object): Methods {
  const names = [
    ...["onConnect", "onUpgrade", "onHeaders", "onData", "onComplete", "onError"],
    ...["onRequestStart", "onRequestUpgrade", "onResponseStart", "onResponseData"],
    ...["onResponseEnd", "onResponseError"],
  ];
  return Object.fromEntries(names.map((name) => {
    const method: unknown = Reflect.get(handler, name);
    assert.ok(typeof method === "function", name);
    return [name, method.bind(handler)];
  }));
}

for (const webSocket of DIALECTS) {
  for (const dispatcher of DIALECTS) {
    const who = `a WebSocket of ${webSocket} over a dispatcher of ${dispatcher}`;

    test(`An upgrade passes: ${who}`, () => {
      const { hook, received, observed, requests, caller } = attempt(webSocket, dispatcher);
      const socket = new PassThrough();
      caller.start();
      assert.equal(
        caller.upgrade([["Upgrade", "websocket"], ["Connection", "Upgrade"]], socket),
        true,
      );
      const headers = ["Upgrade", "websocket", "Connection", "Upgrade"];
      assert.deepEqual(received, [["start", "function"], ["upgrade", 101, headers, socket]]);
      assert.deepEqual(observed, [["upgraded", socket]]);
      // permessage-deflate is not offered.
      assert.deepEqual(requests, [
        { upgrade: "websocket", headers: { authorization: "signed" }, allowH2: false },
      ]);
      assert.deepEqual(hook.webSocketOptions, { maxPayloadSize: 5 });
    });

    test(`A refusal is hidden from the WebSocket: ${who}`, () => {
      const { received, observed, caller } = attempt(webSocket, dispatcher);
      caller.start();
      caller.answer(403, "Tue, 24 Nov 2026 05:45:00 GMT", "no");
      assert.deepEqual(received, [["start", "function"], ["fail", "the upgrade was refused"]]);
      assert.deepEqual(observed, [
        ["refused", {
          status: 403,
          date: "Tue, 24 Nov 2026 05:45:00 GMT",
          location: undefined,
          body: "no",
        }],
      ]);
    });

    test(`A network failure passes: ${who}`, () => {
      const { received, observed, caller } = attempt(webSocket, dispatcher);
      const error = Object.assign(new Error("no route"), { code: "EHOSTUNREACH" });
      caller.fail(error);
      assert.deepEqual(received, [["fail", "no route"]]);
      assert.deepEqual(observed, [["failed", error]]);
    });

    test(`A dispatcher that rejects the handler does not fit: ${who}`, () => {
      const { observed, caller } = attempt(webSocket, dispatcher);
      const code = "UND_ERR_INVALID_ARG";
      caller.fail(Object.assign(new Error("invalid onRequestFuture method"), { code }));
      assert.match(String(observed[0]), /^misfit,.*invalid onRequestFuture method/);
    });

    test(`"Connection: keep-alive, Upgrade" is translated to what the WebSocket accepts: ${who}`, () => {
      for (
        const connection of [
          [["connection", "keep-alive, Upgrade"]],
          [["Connection", "keep-alive"], ["CONNECTION", "upgrade"]],
        ] as const
      ) {
        const { received, caller } = attempt(webSocket, dispatcher);
        caller.upgrade([...connection, ["Upgrade", "websocket"]], new PassThrough());
        const headers = ["Upgrade", "websocket", "Connection", "Upgrade"];
        assert.deepEqual(received[0]?.[2], headers);
      }
    });

    test(`An extension that was not offered is refused, and the socket destroyed: ${who}`, () => {
      const { received, observed, caller } = attempt(webSocket, dispatcher);
      const socket = new PassThrough();
      caller.upgrade([UPGRADE, ["sec-websocket-EXTENSIONS", "permessage-deflate"]], socket);
      assert.match(String(observed[0]), /^unacceptable,.*Sec-WebSocket-Extensions/);
      assert.match(String(received[0]), /^fail,.*Sec-WebSocket-Extensions/);
      assert.equal(socket.destroyed, true);
    });
  }
}

test("A WebSocket of an unknown dialect does not fit, and makes no request", () => {
  const reasons: string[] = [];
  const observer: UpgradeObserver = {
    refused: () => {},
    failed: () => {},
    unacceptable: () => {},
    misfit: (error) => reasons.push(error.message),
    upgraded: () => {},
    started: () => {},
    heard: () => {},
  };
  const hook = hookUpgrade(() => assert.fail("it makes a request"), observer);
  for (const handler of [{}, { onRequestStart: () => {} }, { onFuture: () => {} }]) {
    assert.throws(() => hook.dispatch({ headers: {} }, handler), HookMisfitError);
  }
  const handler = WEB_SOCKETS["undici 8"]([]);
  assert.throws(() => hook.dispatch({ headers: [["a", "b"]] }, handler), HookMisfitError);
  assert.equal(reasons.length, 4);
});
