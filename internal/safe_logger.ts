/**
 * A logger that is silent until the application configures LogTape, and that never throws.
 *
 * All copies of LogTape in a process share the root logger of the copy that was loaded first, so
 * the logger can be from another version than the imported one: LogTape 1 has no `isEnabledFor`. An
 * application's filter or sink can throw, too.
 *
 * @module
 */

import { getLogger, type Logger } from "@logtape/logtape";
import { oneLine } from "./one_line.ts";
import { describeError } from "./redaction/describe_error.ts";

/** Where LogTape itself reports failures, such as a sink that throws. */
const META_CATEGORY: readonly string[] = ["logtape", "meta"];

/** The levels at which this package logs. */
export type SafeLogLevel = "debug" | "info" | "warn" | "error";

/** Logs one message, whose `{placeholders}` name properties. Never throws. */
type Log = (message: string, properties?: Readonly<Record<string, unknown>>) => void;

/** A logger that never throws. */
export interface SafeLogger extends Readonly<Record<SafeLogLevel, Log>> {
  /** Whether a message of a level reaches a sink; `undefined` if that is unknown. */
  isEnabledFor(level: "debug" | "error"): boolean | undefined;
}

const metaLogger = lazyLogger(META_CATEGORY);

/** Creates the logger of a category. */
export function safeLogger(category: readonly string[]): SafeLogger {
  const logger = lazyLogger(category);
  const logAt = (level: SafeLogLevel): Log => (message, properties = {}) => {
    try {
      logger()[level](message, printable(properties));
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
        const used: Partial<Logger> = logger();
        return used.isEnabledFor?.(level);
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
    metaLogger().error("A message of {category} could not be logged: {error}", {
      category: category.join("."),
      error: describeError(error),
    });
  } catch {
    // The log is the only place to report to, and it does not work.
  }
}

/** Looks the logger up on first use: doing so while this module is imported could throw. */
function lazyLogger(category: readonly string[]): () => Logger {
  let found: Logger | undefined;
  return () => found ??= getLogger([...category]);
}
