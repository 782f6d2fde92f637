/**
 * Checks a fault from a file, over HTTP, or from JavaScript.
 *
 * @module
 */

import * as v from "@badrap/valita";
import { checkNumber, describeRange, isNumberIn } from "../../internal/number_option.ts";
import type { NumberRange } from "../../internal/number_option.ts";
import { nearestName } from "../../internal/option_names.ts";
import { isJsonObject } from "../../internal/json.ts";
import { API_OPERATIONS, isApiOperation } from "../api/api_input.ts";
import type { Fault } from "./fault.ts";

/** Terms from earlier versions, and their replacements. */
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

type Actions<At extends Fault["at"]> = Extract<Fault, { readonly at: At }>["action"];

/** The fields of one fault besides `at` and `action`. The compiler compares them with the types. */
type Fields<At extends Fault["at"], Action extends string> = FieldsOf<
  Omit<Extract<Fault, { readonly at: At; readonly action: Action }>, "at" | "action">
>;

type FieldsOf<F> = {
  readonly [Name in keyof F]-?: Record<never, never> extends Pick<F, Name>
    ? v.Optional<Exclude<F[Name], undefined>>
    : v.Type<F[Name]>;
};

const milliseconds = number({});
const status = number({ min: 200, max: 599, integer: true });
const closeCode = number({ max: 65_535, integer: true }).nullable();
const reason = v.string().chain((text) => {
  const { byteLength } = new TextEncoder().encode(text);
  return byteLength <= MAX_REASON_BYTES ? v.ok(text) : v.err(
    `must be at most ${MAX_REASON_BYTES} bytes of UTF-8: current length is ${byteLength}`,
  );
});

const REFUSE = {
  status: status.optional(),
  exception: v.string().optional(),
  message: v.string().optional(),
  body: v.string().optional(),
};
const SERVICE = { service: oneOf("acs", "tcs").optional() };
const AFTER = { ...SERVICE, afterMs: milliseconds.optional() };
const OPERATION = {
  operation: v.string().chain((name) =>
    isApiOperation(name)
      ? v.ok(name)
      : v.err(`is not an operation of the emulator's ECS API${hint(name, API_OPERATIONS)}`)
  ).optional(),
};
const UNANSWERED = { ...OPERATION, after: oneOf("request", "call").optional() };

const FIELDS: {
  readonly [At in Fault["at"]]: { readonly [Action in Actions<At>]: Fields<At, Action> };
} = {
  api: {
    refuse: { ...REFUSE, ...OPERATION },
    hang: UNANSWERED,
    end: UNANSWERED,
    reset: UNANSWERED,
  },
  discover: {
    refuse: REFUSE,
    hang: {},
    endpoint: { endpoint: v.string().optional() },
    end: {},
    reset: {},
  },
  upgrade: {
    refuse: { ...REFUSE, ...SERVICE, framed: v.boolean().optional() },
    hang: { ...SERVICE, after: oneOf("request", "head").optional() },
    end: SERVICE,
    reset: SERVICE,
  },
  connection: {
    close: { ...AFTER, code: closeCode.optional(), reason: reason.optional() },
    end: AFTER,
    reset: AFTER,
    stall: AFTER,
    slowRead: { ...AFTER, bytesPerSecond: number({ min: 1, max: Number.MAX_VALUE }) },
    halfFrame: { ...AFTER, then: oneOf("stall", "end", "reset").optional() },
    garbage: { ...AFTER, bytes: size(2, 16_777_216).optional() },
    fragment: { ...AFTER, bytes: size(1, Infinity) },
    oversized: { ...AFTER, bytes: size(64, 268_435_456) },
    delay: { ...AFTER, ms: milliseconds },
    duplicate: AFTER,
    reorder: { ...AFTER, withinMs: milliseconds.optional() },
  },
};

/** The fields of one kind of fault. */
export interface FaultFields {
  /** Required fields, besides `at` and `action`. */
  readonly required: readonly string[];
  /** Optional fields. */
  readonly optional: readonly string[];
}

/** The fields of every fault, by `at` and `action`, for forms. */
export function faultFields(): Readonly<Record<string, Readonly<Record<string, FaultFields>>>> {
  return mapValues(
    FIELDS,
    (actions) =>
      mapValues(actions, (fields: Readonly<Record<string, Field>>) => {
        const names = Object.entries(fields);
        const isOptional = ([, { name }]: [string, Field]) => name === "optional";
        return {
          required: names.filter((entry) => !isOptional(entry)).map(([name]) => name),
          optional: names.filter(isOptional).map(([name]) => name),
        };
      }),
  );
}

function mapValues<T, U>(
  table: Readonly<Record<string, T>>,
  change: (value: T) => U,
): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, change(value)]));
}

/**
 * Asserts that a value is a fault: every field known, of the right type and in range.
 *
 * @param fault The value, for example parsed JSON.
 * @throws {TypeError} If it is not a fault: a field is unknown, missing or of the wrong type. The
 * error names the field.
 * @throws {RangeError} If a number is out of range or a string is too long, naming the field.
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
  if (!isJsonObject(fault)) {
    throw new TypeError(`A fault must be an object: current value is ${show(fault)}`);
  }
  const actions = member(FIELDS, "at", fault.at);
  const fields = member<Readonly<Record<string, Field>>>(actions, "action", fault.action);
  const result = v.object({ at: v.string(), action: v.string(), ...fields }).try(fault);
  if (!result.ok) throw faultError(fault, result.issues, Object.keys(fields));
}

/**
 * Asserts that `next` is a whole number of at least 1.
 *
 * @throws {RangeError} If it is not.
 */
export function checkNext(next: number): void {
  checkNumber("next", next, { min: 1, max: Infinity, integer: true });
}

type Field = v.Type | v.Optional;
type Issue = v.Err["issues"][number];

/** The error for the first problem in a fault; an unknown field is reported first. */
function faultError(
  fault: Readonly<Record<string, unknown>>,
  issues: readonly Issue[],
  fields: readonly string[],
): Error {
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  const title = `${fault.at}/${fault.action}`;
  if (issue === undefined) return new TypeError(`The fault ${title} is invalid`);
  const name = issue.path.join(".");
  switch (issue.code) {
    case "missing_value":
      return new TypeError(`${name} is missing: the fault ${title} needs it`);
    case "unrecognized_keys": {
      const key = String(issue.keys[0]);
      const meant = hint(key, fields) ||
        (fields.length === 0
          ? ", which has only at and action"
          : `; it has at, action, ${fields.join(", ")}`);
      return new TypeError(`${key} is not a field of the fault ${title}${meant}`);
    }
    case "custom_error":
      return new RangeError(`${name} ${issue.message}`);
    case "invalid_union":
      return mustBe(name, ["another value"], fault[name]);
    case "invalid_type":
      return mustBe(name, issue.expected.map((type) => WORDS[type] ?? type), fault[name]);
    case "invalid_literal":
      return mustBe(name, issue.expected.map(String), fault[name]);
    case "invalid_length":
      return mustBe(name, ["a list of another length"], fault[name]);
  }
}

const WORDS: Readonly<Record<string, string>> = {
  boolean: "true or false",
  number: "a number",
  string: "a string",
};

function mustBe(name: string, expected: readonly string[], value: unknown): TypeError {
  return new TypeError(`${name} must be ${expected.join(" or ")}: current value is ${show(value)}`);
}

function member<T>(table: Readonly<Record<string, T>>, name: string, value: unknown): T {
  const found = Object.entries(table).find(([key]) => key === value);
  if (found !== undefined) return found[1];
  const known = Object.keys(table);
  throw new TypeError(
    `${name} must be one of ${known.join(", ")}: current value is ${show(value)}` +
      (typeof value === "string" ? hint(value, known) : ""),
  );
}

/** Names the replacement of a word of an earlier version, or the word that was probably meant. */
function hint(word: string, known: readonly string[]): string {
  const renamed = RENAMED.get(word);
  if (renamed !== undefined) return `; it is called ${renamed} now`;
  const nearest = nearestName(word, known);
  return nearest === undefined ? "" : `; did you mean ${nearest}?`;
}

function number(range: NumberRange): v.Type<number> {
  return v.number().chain((value) =>
    isNumberIn(value, range)
      ? v.ok(value)
      : v.err(`must be ${describeRange(range)}: current value is ${value}`)
  );
}

function size(min: number, max: number): v.Type<number> {
  return number({ min, max, integer: true });
}

function oneOf<T extends string>(...choices: readonly T[]): v.Type<T> {
  return v.union(...choices.map((choice) => v.literal(choice)));
}

/** A value as quoted in an error: short, without the contents of objects. */
function show(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  return typeof value === "object" ? "an object" : String(value).slice(0, 40);
}
