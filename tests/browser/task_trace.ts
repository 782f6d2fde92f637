/**
 * Measures the CPU time of a page's tasks with Chromium's tracing.
 *
 * @module
 */

import type { CDPSession, Page } from "playwright-core";

/** The fields of a trace event that are used. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** The thread's CPU time, in µs. */
  readonly tdur?: number;
  readonly args?: unknown;
}

/** A trace that is being recorded. */
export class TaskTrace {
  readonly #session: CDPSession;
  readonly #events: TraceEvent[] = [];

  private constructor(session: CDPSession) {
    this.#session = session;
    session.on("Tracing.dataCollected", ({ value }) => {
      for (const event of value) if (isTraceEvent(event)) this.#events.push(event);
    });
  }

  /** Starts a trace of a page. */
  static async start(page: Page): Promise<TaskTrace> {
    const session = await page.context().newCDPSession(page);
    const trace = new TaskTrace(session);
    await session.send("Tracing.start", {
      transferMode: "ReportEvents",
      traceConfig: { includedCategories: ["toplevel", "devtools.timeline"] },
    });
    return trace;
  }

  /**
   * Ends the trace. The page is identified by its URL, since the browser's own interface also
   * consists of pages.
   *
   * @param url The beginning of the page's URL.
   * @returns The longest CPU time of a task of the page, in ms.
   */
  async longestTaskMs(url: string): Promise<number> {
    const complete = new Promise<void>((resolve) =>
      void this.#session.once("Tracing.tracingComplete", () => resolve())
    );
    await this.#session.send("Tracing.end");
    await complete;
    const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
    const pages = new Set(
      this.#events.filter(({ name, args }) =>
        name === "ParseHTML" && JSON.stringify(args).includes(url)
      ).map(threadOf),
    );
    const times = this.#events
      .filter((event) => event.name.endsWith("RunTask") && pages.has(threadOf(event)))
      .map(({ tdur = 0 }) => tdur / 1_000);
    return times.reduce((most, time) => Math.max(most, time), 0);
  }
}

function isTraceEvent(event: object): event is TraceEvent {
  return "name" in event && "pid" in event && "tid" in event;
}
