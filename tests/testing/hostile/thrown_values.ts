/**
 * Values that a callback may throw, reject with or return, although no well-meaning one does.
 *
 * @module
 */

/** One value; a new one each time, since some can be used only once. */
export interface ThrownValue {
  /** What it is. */
  readonly name: string;
  /** Makes it. */
  make(): unknown;
}

function refuse(): never {
  throw new Error("a getter or trap that throws");
}

/** A proxy each of whose traps throws. */
function hostileProxy(target: object): unknown {
  return new Proxy(target, {
    get: refuse,
    set: refuse,
    has: refuse,
    apply: refuse,
    construct: refuse,
    deleteProperty: refuse,
    defineProperty: refuse,
    getOwnPropertyDescriptor: refuse,
    getPrototypeOf: refuse,
    isExtensible: refuse,
    ownKeys: refuse,
    preventExtensions: refuse,
    setPrototypeOf: refuse,
  });
}

function revokedProxy(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** An error with one field of an unexpected type. */
function errorWith(field: string, descriptor: PropertyDescriptor): Error {
  return Object.defineProperty(new Error("an odd error"), field, descriptor);
}

function chain(length: number): Error {
  let error = new Error("the end of a chain");
  for (let link = 0; link < length; link++) error = new Error("a link", { cause: error });
  return error;
}

function circle(): Error {
  const error = new AggregateError([], "a circle");
  error.cause = error;
  error.errors.push(error, error);
  return error;
}

const FIELDS = ["name", "message", "stack", "cause", "code", "errors", "retryable", "toString"];

/** The values. */
export const THROWN_VALUES: readonly ThrownValue[] = [
  { name: "undefined", make: () => undefined },
  { name: "null", make: () => null },
  { name: "a string", make: () => "a string with \u001b[31m and \u202e in it" },
  { name: "half a surrogate pair", make: () => "\udc00" },
  { name: "NaN", make: () => NaN },
  { name: "true", make: () => true },
  { name: "a symbol", make: () => Symbol("a symbol") },
  { name: "a bigint", make: () => 5n },
  { name: "a bigint of a million bits", make: () => 1n << 1_000_000n },
  { name: "a function", make: () => refuse },
  { name: "a class", make: () => class Odd {} },
  { name: "an object", make: () => ({}) },
  { name: "a frozen object", make: () => Object.freeze({ message: "frozen" }) },
  { name: "an object without a prototype", make: () => Object.create(null) },
  { name: "a list that is cyclic", make: () => Object.assign([0], { 0: [[]] }) },
  { name: "a list as long as a list can be", make: () => new Array(2 ** 32 - 1) },
  { name: "bytes", make: () => new Uint8Array(100_000) },
  { name: "an invalid date", make: () => new Date(NaN) },
  { name: "an error", make: () => new Error("an error") },
  { name: "a frozen error", make: () => Object.freeze(new TypeError("frozen")) },
  { name: "a DOMException", make: () => new DOMException("aborted", "AbortError") },
  { name: "an error without a prototype", make: () => Object.setPrototypeOf(new Error("x"), null) },
  { name: "an error with a message of 1 MB", make: () => new Error("x".repeat(1_000_000)) },
  ...FIELDS.map((field) => ({
    name: `an error whose ${field} throws`,
    make: () => errorWith(field, { get: refuse }),
  })),
  ...FIELDS.flatMap((field) => [
    {
      name: `an error whose ${field} is a symbol`,
      make: () => errorWith(field, { value: Symbol() }),
    },
    {
      name: `an error whose ${field} is a proxy`,
      make: () => errorWith(field, { value: hostileProxy({}) }),
    },
  ]),
  {
    name: "an AggregateError without a list",
    make: () => Object.assign(new AggregateError([]), { errors: 5 }),
  },
  {
    name: "an AggregateError with an endless list",
    make: () =>
      Object.assign(new AggregateError([]), {
        errors: {
          *[Symbol.iterator]() {
            for (;;) yield new Error("one more");
          },
        },
      }),
  },
  {
    name: "an AggregateError of odd errors",
    make: () =>
      new AggregateError([hostileProxy({}), undefined, errorWith("message", { get: refuse })]),
  },
  { name: "an error that is its own cause", make: circle },
  { name: "an error with 10,000 causes", make: () => chain(10_000) },
  { name: "a proxy whose traps throw", make: () => hostileProxy({}) },
  { name: "a proxy of an error whose traps throw", make: () => hostileProxy(new Error("behind")) },
  { name: "a proxy of a function whose traps throw", make: () => hostileProxy(() => {}) },
  {
    name: "a proxy of an error whose fields throw",
    make: () => new Proxy(new Error("behind"), { get: refuse }),
  },
  { name: "a proxy that was revoked", make: () => revokedProxy({}) },
  { name: "a proxy of a list that was revoked", make: () => revokedProxy([]) },
  { name: "a proxy of a function that was revoked", make: () => revokedProxy(() => {}) },
  ...["toString", "toJSON", Symbol.toPrimitive, Symbol.toStringTag, "valueOf", "then"].map((
    field,
  ) => ({
    name: `an object whose ${String(field)} throws`,
    make: () => ({ [field]: refuse }),
  })),
  ...["toString", "toJSON", Symbol.toPrimitive, Symbol.toStringTag, "then"].map((field) => ({
    name: `an object that has a getter for ${String(field)} which throws`,
    make: () => Object.defineProperty({}, field, { get: refuse }),
  })),
  { name: "a thenable that resolves", make: () => ({ then: (resolve: () => void) => resolve() }) },
  {
    name: "a thenable that calls both callbacks, twice, and throws",
    make: () => ({
      then(resolve: (value: unknown) => void, reject: (error: unknown) => void) {
        reject(hostileProxy({}));
        resolve(5);
        reject(undefined);
        refuse();
      },
    }),
  },
  {
    name: "a thenable that rejects with a proxy",
    make: () => ({
      then: (_: unknown, reject: (error: unknown) => void) => reject(hostileProxy({})),
    }),
  },
  {
    name: "a promise whose own then throws",
    make: () => Object.assign(Promise.resolve(), { then: refuse }),
  },
];

/** A way in which a callback throws, rejects with or returns a value. */
export interface Way {
  readonly name: string;
  /** Does it. */
  use(value: unknown): unknown;
}

export const WAYS: readonly Way[] = [
  {
    name: "throws",
    use(value) {
      throw value;
    },
  },
  // A rejection with a value that has a `then` is not resolved by it.
  { name: "rejects with", use: (value) => Promise.reject(value) },
  { name: "returns", use: (value) => value },
  { name: "resolves with", use: async (value) => await value },
];

/**
 * A callback that misbehaves differently on each call: every way with every value.
 *
 * @param ways The ways; all by default.
 */
export function* oddResults(ways: readonly Way[] = WAYS): Generator<() => unknown> {
  for (const way of ways) {
    for (const { make } of THROWN_VALUES) yield () => way.use(make());
  }
}
