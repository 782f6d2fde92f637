/**
 * Shared by the fault tests: the transports under test, a request, and a recording listener.
 *
 * @module
 */

import assert from "node:assert/strict";
import { inspect } from "node:util";
import type {
  SocketActivity,
  Transport,
  TransportEnd,
  TransportRequest,
} from "../../wsclient/transport.ts";
import { createNativeTransport } from "../../wsclient/transports/native.ts";
import { createWsTransport } from "../../wsclient/transports/ws.ts";
import { type RawConnection, type RawPeer, startRawPeer } from "../testing/sockets/raw_peer.ts";
import type { TestCa } from "../testing/sockets/test_ca.ts";
import { trusting } from "./trust.ts";

/** Whether the tests run on Deno; otherwise on Node. */
export const ON_DENO: boolean = "Deno" in globalThis;

/** Options of a transport under test. */
export interface SubjectOptions {
  /** An authority to trust for this transport's connections alone. */
  readonly ca?: string;
  /** See `NativeTransportOptions`. */
  readonly closeGraceMs?: number;
}

/** One transport under test. */
export interface Subject {
  /** Its name, for titles. */
  readonly name: string;
  /** Whether it sends a second request to learn why the first one failed. */
  readonly sendsSecondRequest: boolean;
  /** Creates it; `dispose` closes what was created for it. */
  create(options?: SubjectOptions): { readonly transport: Transport; dispose(): Promise<void> };
}

/** Every transport that implements the contract of `wsclient/transport.ts` on real sockets. */
export const SUBJECTS: readonly Subject[] = [
  {
    name: "native",
    sendsSecondRequest: ON_DENO,
    create({ ca, ...options } = {}) {
      const trust = ca === undefined ? undefined : trusting(ca);
      const transport = createNativeTransport({
        ...options,
        ...(trust && { webSocketOptions: trust.webSocketOptions }),
      });
      return { transport, dispose: async () => await trust?.close() };
    },
  },
  {
    name: "ws",
    sendsSecondRequest: false,
    create({ ca, ...options } = {}) {
      const transport = createWsTransport({ ...options, ...(ca && { clientOptions: { ca } }) });
      return { transport, dispose: () => Promise.resolve() };
    },
  },
];

/** A stand-in for secrets: it is in the query and in the headers. */
const SECRET = "do-not-show";

/** A connect request whose query and headers must not appear in errors. */
export function requestFor(
  url: string,
  signal: AbortSignal = new AbortController().signal,
): TransportRequest {
  return {
    url: `${url}/ws?clusterArn=${SECRET}`,
    headers: () => Promise.resolve({ authorization: `AWS4-HMAC-SHA256 ${SECRET}` }),
    signal,
  };
}

/**
 * Checks that an error and its causes, printed in full, contain neither the query nor the headers.
 */
export function assertRedacted(error: unknown): void {
  assert.doesNotMatch(inspect(error, { depth: 10 }), new RegExp(SECRET));
}

/** Waits for a promise that must reject with an instance of `type`, and returns the error. */
export async function failure<E extends Error>(
  promise: Promise<unknown>,
  type: abstract new (...parameters: never[]) => E,
): Promise<E> {
  const error = await within(promise.then(() => undefined, (reason) => reason), "a failure");
  assert.ok(error instanceof type, `expected ${type.name}, but got ${inspect(error)}`);
  assertRedacted(error);
  return error;
}

/** A guard against a test that hangs: few take anywhere near this long, in ms. */
const HANGING_MS = 20_000;

/** Waits for a promise, but fails the test if it never settles. */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  hangingMs = HANGING_MS,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hanging = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), hangingMs);
  });
  try {
    return await Promise.race([promise, hanging]);
  } finally {
    clearTimeout(timer);
  }
}

/** A listener that records its calls. */
export class Recorder {
  /** Every message, in order. */
  readonly messages: (string | Uint8Array)[] = [];
  /** Every end; the contract allows one. */
  readonly ends: TransportEnd[] = [];
  #waiting: (() => void)[] = [];

  /** What the peer saw on the socket. */
  readonly activities: SocketActivity[] = [];

  activity(activity: SocketActivity): void {
    this.activities.push(activity);
    this.#wake();
  }

  message(data: string | Uint8Array): void {
    this.messages.push(data);
    this.#wake();
  }

  end(end: TransportEnd): void {
    this.ends.push(end);
    this.#wake();
  }

  /** Waits until there are `count` messages. */
  async received(count: number): Promise<readonly (string | Uint8Array)[]> {
    while (this.messages.length < count) await this.#change(`message ${count}`);
    return this.messages;
  }

  /** Waits until an activity of this kind was seen on the socket. */
  async saw(kind: keyof SocketActivity): Promise<void> {
    while (!this.activities.some((activity) => activity[kind])) await this.#change(kind);
  }

  /** Waits for the end. */
  async ended(): Promise<TransportEnd> {
    while (this.ends[0] === undefined) await this.#change("the end");
    return this.ends[0];
  }

  #change(what: string): Promise<void> {
    return within(new Promise<void>((resolve) => this.#waiting.push(resolve)), what);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** A peer with the test's behavior, and a transport. */
export interface PeerScene {
  readonly peer: RawPeer;
  readonly transport: Transport;
}

/** Runs `fn` with a peer that behaves as `behave` says, and closes everything afterwards. */
export async function withPeer(
  subject: Subject,
  behave: (connection: RawConnection) => void | Promise<void>,
  fn: (scene: PeerScene) => Promise<void>,
  options: SubjectOptions & { readonly tls?: TestCa | undefined } = {},
): Promise<void> {
  const { tls, ...rest } = options;
  const peer = await startRawPeer(behave, tls ? { tls } : {});
  const { transport, dispose } = subject.create({ ...(tls && { ca: tls.ca }), ...rest });
  try {
    await fn({ peer, transport });
  } finally {
    await peer.close();
    await dispose();
  }
}
