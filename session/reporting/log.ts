/**
 * Where the session logs. Silent until the application configures LogTape.
 *
 * All copies of LogTape in a process share the root logger of the copy that was loaded first, so the
 * logger can be of another version than the one that is imported here: LogTape 1 has no
 * `isEnabledFor`. A filter of the application can throw, too. Nothing of that may end a session.
 *
 * @module
 */

import { getLogger, type Logger } from "@logtape/logtape";
import { oneLine } from "../../internal/one_line.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";

/** The category of all loggers of this package. */
export const LOG_CATEGORY: readonly string[] = ["acs", "session"];

/** Where LogTape itself reports what goes wrong, such as a sink that throws. */
const META_CATEGORY: readonly string[] = ["logtape", "meta"];

/** The levels that the session logs at. */
export type SessionLogLevel = "debug" | "info" | "warn" | "error";

/** Logs one message, whose `{placeholders}` name properties. Never throws. */
type Log = (message: string, properties?: Readonly<Record<string, unknown>>) => void;

/** A logger that never throws. */
export interface SessionLogger extends Readonly<Record<SessionLogLevel, Log>> {
  /** Whether a debug message can reach anybody; `true` if that is not known. */
  isDebugEnabled(): boolean;
}

const sessionLogger = lazyLogger(LOG_CATEGORY);
const metaLogger = lazyLogger(META_CATEGORY);

/** The session's logger. */
export const logger: SessionLogger = {
  debug: logAt("debug"),
  info: logAt("info"),
  warn: logAt("warn"),
  error: logAt("error"),
  isDebugEnabled() {
    try {
      const used: Partial<Logger> = sessionLogger();
      return used.isEnabledFor?.("debug") ?? true;
    } catch {
      // Logging the message fails as well, and reports why.
      return true;
    }
  },
};

function logAt(level: SessionLogLevel): Log {
  return (message, properties = {}) => {
    try {
      sessionLogger()[level](message, printable(properties));
    } catch (error) {
      reportFailure(error);
    }
  };
}

/**
 * Whatever a peer or a handler has put into a text, it cannot forge a line of the log or reach the
 * terminal as a command.
 */
function printable(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      typeof value === "string" ? oneLine(value, MAX_TEXT_LENGTH) : value,
    ]),
  );
}

/** How much of a text is logged, in UTF-16 code units. */
const MAX_TEXT_LENGTH = 1_000;

function reportFailure(error: unknown): void {
  try {
    metaLogger().error("A message of {category} could not be logged: {error}", {
      category: LOG_CATEGORY.join("."),
      error: describeError(error),
    });
  } catch {
    // The log is the only place to report to, and it does not work.
  }
}

/** Looks the logger up when it is first used: doing so while this module is imported could throw. */
function lazyLogger(category: readonly string[]): () => Logger {
  let found: Logger | undefined;
  return () => found ??= getLogger([...category]);
}
