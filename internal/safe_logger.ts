/**
 * A logger that is silent until the application configures LogTape, and that never throws.
 *
 * All copies of LogTape in a process share the root logger of the copy that was used first. It is
 * taken from where they keep it, so that a process without a log does not load LogTape, which costs
 * Deno 10 ms and 9 MB. The logger can be from another version than the types: LogTape 1 has no
 * `isEnabledFor`. An application's filter or sink can throw, too.
 *
 * @module
 */

import type { Logger } from "@logtape/logtape";
import { oneLine } from "./one_line.ts";
import { describeError } from "./redaction/describe_error.ts";
import { safeGet } from "./safe_get.ts";

/** Where all copies of LogTape keep their root logger, from the first use of one of them. */
const ROOT_LOGGER = Symbol.for("logtape.rootLogger");

/** Where LogTape itself reports failures, such as a sink that throws. */
const META_CATEGORY: readonly string[] = ["logtape", "meta"];

/** The levels at which this package logs. */
export type SafeLogLevel = "debug" | "info" | "warn" | "error";

/** Logs one message, whose `{placeholders}` name properties. Never throws. */
type Log = (message: string, properties?: Readonly<Record<string, unknown>>) => void;

/** A logger that never throws. */
export interface SafeLogger extends Readonly<Record<SafeLogLevel, Log>> {
  /**
   * Whether a message of a level reaches a sink: `false` without LogTape, `undefined` if that is
   * unknown.
   */
  isEnabledFor(level: "debug" | "error"): boolean | undefined;
}

const metaLogger = lazyLogger(META_CATEGORY);

/** Creates the logger of a category. */
export function safeLogger(category: readonly string[]): SafeLogger {
  const logger = lazyLogger(category);
  const logAt = (level: SafeLogLevel): Log => (message, properties = {}) => {
    try {
      logger()?.[level](message, printable(properties));
    } catch (error) {
      reportFailure(category, error);
    }
  };
  return {
    debug: logAt("debug"),
    info: logAt("info"),
    warn: logAt("warn"),
    error: logAt("error"),
    isEnabledFor(level) {
      try {
        const used: Partial<Logger> | undefined = logger();
        return used === undefined ? false : used.isEnabledFor?.(level);
      } catch {
        // Logging the message then fails as well, and reports why.
        return undefined;
      }
    },
  };
}

/**
 * Whatever a peer or a handler puts into a text, it must not forge a log line or reach the terminal
 * as a command.
 */
function printable(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      typeof value === "string" ? oneLine(value, MAX_TEXT_LENGTH) : value,
    ]),
  );
}

/** The maximum length of a logged text, in UTF-16 code units. */
const MAX_TEXT_LENGTH = 1_000;

function reportFailure(category: readonly string[], error: unknown): void {
  try {
    metaLogger()?.error("A message of {category} could not be logged: {error}", {
      category: category.join("."),
      error: describeError(error),
    });
  } catch {
    // The log is the only place to report to, and it does not work.
  }
}

/** Looks the logger up until there is one: an application may configure its log at any time. */
function lazyLogger(category: readonly string[]): () => Logger | undefined {
  let found: Logger | undefined;
  return () => found ??= findLogger(category);
}

function findLogger(category: readonly string[]): Logger | undefined {
  // Checked for each line, and `in` takes a quarter of the time.
  if (!(ROOT_LOGGER in globalThis)) return undefined;
  const root = safeGet(globalThis, ROOT_LOGGER);
  return isLogger(root) ? root.getChild([category[0] ?? "", ...category.slice(1)]) : undefined;
}

/** By its method, since another version might keep something else there. */
function isLogger(value: unknown): value is Logger {
  return typeof safeGet(value, "getChild") === "function";
}
