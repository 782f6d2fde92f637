/**
 * A logger that is silent until the application configures LogTape, and that never throws.
 *
 * All copies of LogTape in a process share the root logger of the copy that was used first. This
 * module reads the root logger from there, so that a process without logging does not load LogTape,
 * which costs 10 ms and 9 MB on Deno. The logger's version can differ from that of the types:
 * LogTape 1 has no `isEnabledFor`. Filters and sinks of the application can throw.
 *
 * @module
 */

import type { Logger } from "@logtape/logtape";
import { oneLine } from "./one_line.ts";
import { describeError } from "./redaction/describe_error.ts";
import { safeGet } from "./safe_get.ts";

/**
 * The global symbol under which all copies of LogTape share their root logger, once one was used.
 */
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
   * Whether messages of a level reach a sink: `false` without LogTape, `undefined` if unknown.
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

/** Looks up the logger until it exists: an application may configure logging at any time. */
function lazyLogger(category: readonly string[]): () => Logger | undefined {
  let found: Logger | undefined;
  return () => found ??= findLogger(category);
}

function findLogger(category: readonly string[]): Logger | undefined {
  // Runs for each log call; `in` takes a quarter of the time.
  if (!(ROOT_LOGGER in globalThis)) return undefined;
  const root = safeGet(globalThis, ROOT_LOGGER);
  return isLogger(root) ? root.getChild([category[0] ?? "", ...category.slice(1)]) : undefined;
}

/** Checks for the method, since another version of LogTape might store something else there. */
function isLogger(value: unknown): value is Logger {
  return typeof safeGet(value, "getChild") === "function";
}
