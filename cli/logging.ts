/**
 * The log of the command: text lines on stderr.
 *
 * @module
 */

import process from "node:process";
import { configure, getTextFormatter, type LogLevel, type LogRecord } from "@logtape/logtape";
import { printableLines } from "../internal/one_line.ts";
import { LOG_CATEGORY } from "../session/reporting/log.ts";

/** How the log is written. */
export interface LogOptions {
  /** The least severe level that is written. */
  readonly lowestLevel: LogLevel;
  /** Writes one record to stderr, with a line end. */
  readonly write?: (text: string) => void;
  /**
   * Whether records that belong to an event are left out, since the command reports events itself.
   * At `debug` and lower levels they are always written. Default `false`.
   */
  readonly withoutEvents?: boolean;
}

/** Levels at which everything is written. */
const DETAILED: ReadonlySet<LogLevel> = new Set<LogLevel>(["trace", "debug"]);

/**
 * Sends the log of the session to stderr.
 *
 * @param options How it is written.
 */
export async function configureLog(options: LogOptions): Promise<void> {
  const { lowestLevel, withoutEvents = false } = options;
  const { write = (text: string) => void process.stderr.write(printableLines(text)) } = options;
  const format = getTextFormatter({ timestamp: "rfc3339", level: "FULL", value: String });
  const isLeftOut = withoutEvents && !DETAILED.has(lowestLevel);
  const toStderr = (record: LogRecord) => {
    if (isLeftOut && record.properties["event"] !== undefined) return;
    write(format(record));
  };
  await configure({
    reset: true,
    sinks: { stderr: toStderr },
    loggers: [
      { category: [...LOG_CATEGORY], sinks: ["stderr"], lowestLevel },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "error" },
    ],
  });
}
