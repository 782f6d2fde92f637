/**
 * The facts that an error and its causes contain about a failure, as fields. Anything can be
 * thrown: nothing here throws, and errors from other copies of this package are read as well.
 *
 * @module
 */

import { oneLine } from "../internal/one_line.ts";
import { isSafeList, safeGet, safeText } from "../internal/safe_get.ts";
import { systemCodeOf } from "../internal/system_code.ts";
import { missingPermission } from "../internal/missing_permission.ts";

/** Maximum depth of causes that are read: runtimes and SDKs wrap an error two or three times. */
const MAX_DEPTH = 6;

/** How much of a text is read, in UTF-16 code units. */
const MAX_TEXT_LENGTH = 1_000;

/** Maximum number of errors that are read. */
const MAX_ERRORS = 30;

/** How the attempt should have used a proxy; see `ProxyUse`. */
export interface ProxyFacts {
  readonly host: string;
  readonly variable: string | undefined;
  readonly isUsed: boolean;
  readonly status: number | undefined;
}

/** The details of a failure. A field is `undefined` if no error in the chain has it. */
export interface ErrorFacts {
  /** The names of the errors, the outermost first. */
  readonly names: readonly string[];
  /** The messages, in the same order. */
  readonly messages: readonly string[];
  /** The `kind` of the outermost error that has one. */
  readonly kind: string | undefined;
  /** The codes of the system, the TLS library or the runtime, the outermost first. */
  readonly systemCodes: readonly string[];
  /** The host, with its port unless that is the scheme's default. */
  readonly host: string | undefined;
  /** How far the attempt had got. */
  readonly phase: string | undefined;
  /** The HTTP status. */
  readonly status: number | undefined;
  /** The origin that a redirect points to. */
  readonly redirectsTo: string | undefined;
  /** The service's text, for a service exception. */
  readonly serviceMessage: string | undefined;
  /** How far the service's clock is ahead of the local one, in ms. */
  readonly clockSkewMs: number | undefined;
  /** The cluster that was sent. */
  readonly cluster: string | undefined;
  /** The proxy that the environment names for the host. */
  readonly proxy: ProxyFacts | undefined;
  /** The AWS profile that was searched for. */
  readonly profile: string | undefined;
  /** The remedy in the error itself. */
  readonly fix: string | undefined;
  /** The flag that grants the permission that the process lacks. */
  readonly permission: string | undefined;
}

/**
 * Reads an error and its causes.
 *
 * @param error Whatever was thrown.
 */
export function factsOf(error: unknown): ErrorFacts {
  const chain = chainOf(error);
  const clean = (all: readonly (string | undefined)[]) =>
    all.filter((text) => text !== undefined).map((text) => oneLine(text, MAX_TEXT_LENGTH));
  const texts = (name: string) => clean(chain.map((each) => safeText(each, name)));
  const number = (name: string) =>
    chain.map((each) => safeGet(each, name)).find((value) => typeof value === "number");
  return {
    names: texts("name"),
    messages: texts("message"),
    kind: texts("kind")[0],
    systemCodes: clean(chain.map(systemCodeOf)),
    host: texts("host")[0],
    phase: texts("phase")[0],
    status: number("status"),
    redirectsTo: texts("redirectsTo")[0],
    serviceMessage: texts("serviceMessage")[0],
    clockSkewMs: number("clockSkewMs"),
    cluster: texts("cluster")[0],
    proxy: chain.map(proxyOf).find((proxy) => proxy !== undefined),
    profile: texts("profile")[0],
    fix: texts("fix")[0],
    permission: missingPermission(error),
  };
}

/** The error, its causes, and the errors that an `AggregateError` stands for; each once. */
function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== "object" || value === null || depth >= MAX_DEPTH) return;
    if (chain.length >= MAX_ERRORS || chain.includes(value)) return;
    chain.push(value);
    visit(safeGet(value, "cause"), depth + 1);
    const errors = safeGet(value, "errors");
    if (!isSafeList(errors)) return;
    for (let index = 0; index < MAX_ERRORS; index++) visit(safeGet(errors, index), depth + 1);
  };
  visit(error, 0);
  return chain;
}

function proxyOf(error: unknown): ProxyFacts | undefined {
  const proxy = safeGet(error, "proxy");
  const host = safeText(proxy, "host");
  if (host === undefined) return undefined;
  const status = safeGet(proxy, "status");
  return {
    host: oneLine(host, MAX_TEXT_LENGTH),
    variable: safeText(proxy, "variable"),
    isUsed: safeGet(proxy, "isUsed") === true,
    status: typeof status === "number" ? status : undefined,
  };
}
