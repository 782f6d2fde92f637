/**
 * Checks a fault from a file, over HTTP, or from JavaScript.
 *
 * @module
 */

import type { Fault } from "./fault.ts";

/** Maximum delay of a timer, in ms. */
const MAX_TIMER_MS = 2_147_483_647;

/** Words of earlier versions, and their replacements. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ["drop", "end"],
  ["freeze", "stall"],
  ["count", "next"],
]);

/**
 * Maximum length of a close frame's reason, in bytes: RFC 6455, 125 for a control frame minus the
 * code.
 */
const MAX_REASON_BYTES = 123;

/** Checks one field; throws an error that names it. */
type Check = (name: string, value: unknown) => void;

type Actions<At extends Fault["at"]> = Extract<Fault, { readonly at: At }>["action"];

/** The fields of one fault besides `at` and `action`. The compiler compares them with the types. */
type Fields<At extends Fault["at"], Action extends string> = {
  readonly [
    Name in Exclude<
      keyof Extract<Fault, { readonly at: At; readonly action: Action }>,
      "at" | "action"
    >
  ]-?: Check;
};

const text: Check = (name, value) => mustBe(typeof value === "string", name, "a text", value);
const flag: Check = (name, value) =>
  mustBe(typeof value === "boolean", name, "true or false", value);
const milliseconds = number(0, MAX_TIMER_MS);
const status = whole(200, 599);

const REFUSE = {
  status: optional(status),
  exception: optional(text),
  message: optional(text),
  body: optional(text),
};
const AFTER = { afterMs: optional(milliseconds) };

const FIELDS: {
  readonly [At in Fault["at"]]: { readonly [Action in Actions<At>]: Fields<At, Action> };
} = {
  discover: {
    refuse: REFUSE,
    hang: {},
    endpoint: { endpoint: optional(text) },
    end: {},
    reset: {},
  },
  upgrade: {
    refuse: { ...REFUSE, framed: optional(flag) },
    hang: { after: optional(oneOf("request", "head")) },
    end: {},
    reset: {},
  },
  connection: {
    close: { ...AFTER, code: optional(orNull(whole(0, 65_535))), reason: optional(reason) },
    end: AFTER,
    reset: AFTER,
    stall: AFTER,
    slowRead: { ...AFTER, bytesPerSecond: number(1, Number.MAX_SAFE_INTEGER) },
    halfFrame: { ...AFTER, then: optional(oneOf("stall", "end", "reset")) },
    garbage: { ...AFTER, bytes: optional(whole(2, 16_777_216)) },
    fragment: { ...AFTER, bytes: whole(1, Number.MAX_SAFE_INTEGER) },
    oversized: { ...AFTER, bytes: whole(64, 268_435_456) },
    delay: { ...AFTER, ms: milliseconds },
    duplicate: AFTER,
    reorder: { ...AFTER, withinMs: optional(milliseconds) },
  },
};

/**
 * Asserts that a value is a fault: every field known, of the right type and in range.
 *
 * @param fault The value, for example parsed JSON.
 * @throws {TypeError} If it is not a fault, naming the field that is unknown, missing or of the
 * wrong type.
 * @throws {RangeError} If a number is out of range or a text is too long, naming the field.
 *
 * @example
 * ```ts
 * import { AcsEmulator, checkFault } from "@acs/session/emulator";
 *
 * await using emulator = await AcsEmulator.listen();
 * const fault: unknown = JSON.parse('{"at": "connection", "action": "delay", "ms": 50}');
 * checkFault(fault);
 * emulator.injectFault(fault, { next: 1 });
 * ```
 */
export function checkFault(fault: unknown): asserts fault is Fault {
  if (typeof fault !== "object" || fault === null || Array.isArray(fault)) {
    throw new TypeError(`A fault must be an object: current value is ${show(fault)}`);
  }
  const entries = new Map<string, unknown>(Object.entries(fault));
  const actions = member(FIELDS, "at", entries.get("at"));
  const fields = member(actions, "action", entries.get("action"));
  for (const name of entries.keys()) {
    if (name === "at" || name === "action" || Object.hasOwn(fields, name)) continue;
    const what = `${entries.get("at")}/${entries.get("action")}`;
    throw new TypeError(`${name} is not a field of the fault ${what}${hint(name)}`);
  }
  for (const [name, check] of Object.entries<Check>(fields)) check(name, entries.get(name));
}

/**
 * Asserts that `next` is a whole number of at least 1.
 *
 * @throws {RangeError} If it is not.
 */
export function checkNext(next: number): void {
  if (Number.isInteger(next) && next >= 1) return;
  throw new RangeError(`next must be a whole number of at least 1: current value is ${next}`);
}

function member<T>(table: Readonly<Record<string, T>>, name: string, value: unknown): T {
  const found = Object.entries(table).find(([key]) => key === value);
  if (found !== undefined) return found[1];
  const known = Object.keys(table).join(", ");
  throw new TypeError(
    `${name} must be one of ${known}: current value is ${show(value)}${hint(value)}`,
  );
}

/** Names the replacement of a word of an earlier version. */
function hint(word: unknown): string {
  const renamed = typeof word === "string" ? RENAMED.get(word) : undefined;
  return renamed === undefined ? "" : `; it is called ${renamed} now`;
}

function optional(check: Check): Check {
  return (name, value) => {
    if (value !== undefined) check(name, value);
  };
}

function orNull(check: Check): Check {
  return (name, value) => {
    if (value !== null) check(name, value);
  };
}

function number(least: number, most: number): Check {
  return (name, value) => {
    mustBe(typeof value === "number", name, "a number", value);
    if (Number(value) >= least && Number(value) <= most) return;
    throw new RangeError(
      `${name} must be a number from ${least} to ${most}: current value is ${value}`,
    );
  };
}

function whole(least: number, most: number): Check {
  const inRange = number(least, most);
  return (name, value) => {
    inRange(name, value);
    if (Number.isInteger(value)) return;
    throw new RangeError(`${name} must be a whole number: current value is ${value}`);
  };
}

function oneOf(...choices: readonly string[]): Check {
  return (name, value) =>
    mustBe(choices.some((choice) => choice === value), name, choices.join(" or "), value);
}

function reason(name: string, value: unknown): void {
  text(name, value);
  const { byteLength } = new TextEncoder().encode(String(value));
  if (byteLength <= MAX_REASON_BYTES) return;
  throw new RangeError(
    `${name} must be at most ${MAX_REASON_BYTES} bytes of UTF-8: current length is ${byteLength}`,
  );
}

function mustBe(holds: boolean, name: string, what: string, value: unknown): void {
  if (holds) return;
  throw new TypeError(`${name} must be ${what}: current value is ${show(value)}`);
}

/** A value as quoted in an error: short, without the contents of objects. */
function show(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  return typeof value === "object" ? "an object" : String(value).slice(0, 40);
}
