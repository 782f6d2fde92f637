/**
 * Captures everything that is logged, at any level, while a test runs.
 *
 * @module
 */

import { configure, type LogRecord, reset } from "@logtape/logtape";

/** Runs a test with a log that keeps everything. */
export async function withCapturedLog(
  fn: (log: CapturedLog) => Promise<void>,
): Promise<void> {
  const records: LogRecord[] = [];
  await configure({
    reset: true,
    sinks: { memory: (record) => void records.push(record) },
    loggers: [
      { category: [], sinks: ["memory"], lowestLevel: "trace" },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "fatal" },
    ],
  });
  try {
    await fn({
      records,
      text: () =>
        records.map(({ level, message, properties }) =>
          `${level} ${message.map(String).join("")} ${JSON.stringify(properties)}`
        ).join("\n"),
    });
  } finally {
    await reset();
  }
}

/** The captured log. */
export interface CapturedLog {
  /** Every record. */
  readonly records: readonly LogRecord[];
  /** Every record as text, including its properties. */
  text(): string;
}
