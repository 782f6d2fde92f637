/**
 * A reporter for `node --test`: one JSON object per line for each test that has ended.
 *
 * @module
 */

import { inspect } from "node:util";

/** How one test ended. */
export interface ReportedTest {
  /** Its title. */
  readonly title: string;
  /** How it ended. */
  readonly outcome: "passed" | "failed" | "skipped";
  /** What it threw, with the stack. */
  readonly error: string | undefined;
}

/** The part of an event of `node:test` that is used here. */
interface RunnerEvent {
  readonly type: string;
  readonly data: {
    readonly name?: string;
    readonly skip?: string | boolean;
    readonly todo?: string | boolean;
    readonly details?: { readonly error?: unknown };
  };
}

/** The reporter, as `node --test-reporter` expects it. */
export default async function* report(events: AsyncIterable<RunnerEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const left = data.skip !== undefined || data.todo !== undefined;
    const error = type === "test:fail" ? describe(data.details?.error) : undefined;
    const test: ReportedTest = {
      title: data.name ?? "",
      outcome: error !== undefined ? "failed" : left ? "skipped" : "passed",
      error,
    };
    yield `${JSON.stringify(test)}\n`;
  }
}

/** What the test threw; Node wraps it. */
function describe(error: unknown): string {
  const thrown = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return thrown instanceof Error && thrown.stack ? thrown.stack : inspect(thrown);
}
