/**
 * The globals of a simulation: virtual clocks and timers, signatures without a turn of the event
 * loop, and no randomness.
 *
 * @module
 */

import { createHash, createHmac } from "node:crypto";
import process from "node:process";
import type { VirtualTime } from "./virtual_time.ts";

/** Events in the process that must not occur in a simulation. */
export interface Leaks {
  /** Sources of randomness that were used, and unhandled errors, as text. */
  readonly found: readonly string[];
  /** The largest number of listeners that one `AbortSignal` has had at the same time. */
  readonly mostListeners: number;
}

type Bytes = ArrayBuffer | ArrayBufferView;

/**
 * Replaces the globals while a function runs.
 *
 * @param time The clocks and timers.
 * @param fn The function.
 */
export async function withVirtualGlobals<T>(
  time: VirtualTime,
  fn: (leaks: Leaks) => Promise<T>,
): Promise<T> {
  const found: string[] = [];
  const leaked = (what: string) => () => {
    found.push(`${what} was called`);
    throw new Error(`${what} is not repeatable: use the seam`);
  };
  const onUnhandled = (error: unknown) => {
    found.push(`unhandled: ${error instanceof Error ? error.stack : String(error)}`);
  };
  const listeners = new SignalListeners();
  const restore = [
    replace(AbortSignal.prototype, "addEventListener", listeners.add),
    replace(AbortSignal.prototype, "removeEventListener", listeners.remove),
    replace(globalThis, "setTimeout", timerFunction(time, false)),
    replace(globalThis, "setInterval", timerFunction(time, true)),
    replace(globalThis, "clearTimeout", (id: unknown) => time.clearTimer(id)),
    replace(globalThis, "clearInterval", (id: unknown) => time.clearTimer(id)),
    replace(globalThis, "Date", virtualDate(time)),
    replace(performance, "now", () => time.monotonicNow()),
    replace(Math, "random", leaked("Math.random")),
    replace(crypto, "randomUUID", leaked("crypto.randomUUID")),
    replace(crypto, "getRandomValues", leaked("crypto.getRandomValues")),
    replace(crypto.subtle, "digest", digest),
    replace(crypto.subtle, "importKey", importKey),
    replace(crypto.subtle, "sign", sign),
  ];
  process.on("unhandledRejection", onUnhandled);
  process.on("uncaughtException", onUnhandled);
  try {
    return await fn({
      found,
      get mostListeners() {
        return listeners.most;
      },
    });
  } finally {
    process.off("unhandledRejection", onUnhandled);
    process.off("uncaughtException", onUnhandled);
    for (const undo of restore.reverse()) undo();
  }
}

type Listen = typeof AbortSignal.prototype.addEventListener;

/** Counts the listeners of each signal: one that is never removed keeps what it reaches in memory. */
class SignalListeners {
  readonly #listeners: WeakMap<AbortSignal, Set<unknown>> = new WeakMap();
  /** The largest number so far. */
  most = 0;
  readonly add: Listen;
  readonly remove: Listen;

  constructor() {
    const { addEventListener, removeEventListener } = AbortSignal.prototype;
    const all = this.#listeners;
    const count = (signal: AbortSignal, listener: unknown) => {
      const known = all.get(signal) ?? new Set();
      all.set(signal, known.add(listener));
      this.most = Math.max(this.most, known.size);
    };
    this.add = function (this: AbortSignal, ...args: Parameters<Listen>) {
      count(this, args[1]);
      addEventListener.apply(this, args);
    };
    this.remove = function (this: AbortSignal, ...args: Parameters<Listen>) {
      all.get(this)?.delete(args[1]);
      removeEventListener.apply(this, args);
    };
  }
}

function replace(target: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, before);
  };
}

function timerFunction(time: VirtualTime, isInterval: boolean): unknown {
  return (run: (...args: unknown[]) => void, ms: unknown = 0, ...args: unknown[]) =>
    time.setTimer(() => run(...args), Number(ms), isInterval);
}

function virtualDate(time: VirtualTime): DateConstructor {
  const now = () => time.wallNow();
  return new Proxy(Date, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    get: (target, name, receiver) => name === "now" ? now : Reflect.get(target, name, receiver),
  });
}

/** Web Crypto needs a varying number of turns; these answer immediately. */
function digest(_algorithm: unknown, data: Bytes): Promise<ArrayBuffer> {
  return Promise.resolve(copyOf(createHash("sha256").update(bytesOf(data)).digest()));
}

function importKey(_format: unknown, key: Bytes): Promise<Uint8Array> {
  return Promise.resolve(bytesOf(key));
}

function sign(_algorithm: unknown, key: Uint8Array, data: Bytes): Promise<ArrayBuffer> {
  return Promise.resolve(copyOf(createHmac("sha256", key).update(bytesOf(data)).digest()));
}

function bytesOf(data: Bytes): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

function copyOf(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}
