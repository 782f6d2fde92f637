/**
 * The log of the command: text lines on stderr.
 *
 * @module
 */

import process from "node:process";
import { configure, getTextFormatter, type LogLevel, type LogRecord } from "@logtape/logtape";
import { printableLines } from "../internal/one_line.ts";
import { LOG_CATEGORY } from "../session/reporting/log.ts";

/** The levels that `--log-level` takes, from the most to the least talkative. */
export const LOG_LEVELS: readonly LogLevel[] = [
  "trace",
  "debug",
  "info",
  "warning",
  "error",
  "fatal",
];

/**
 * Sends the log of the session to stderr.
 *
 * @param lowestLevel The least severe level that is written.
 */
export async function configureLog(lowestLevel: LogLevel): Promise<void> {
  const format = getTextFormatter({ timestamp: "rfc3339", level: "FULL", value: String });
  const toStderr = (record: LogRecord) => void process.stderr.write(printableLines(format(record)));
  await configure({
    reset: true,
    sinks: { stderr: toStderr },
    loggers: [
      { category: [...LOG_CATEGORY], sinks: ["stderr"], lowestLevel },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "error" },
    ],
  });
}
