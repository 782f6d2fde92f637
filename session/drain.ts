/**
 * Lets running handlers finish when a session stops.
 *
 * @module
 */

import { abortable, timeLimit } from "../internal/time_limit.ts";
import type { SessionContext } from "./session_context.ts";

/**
 * Stops the dispatcher and waits for the running handlers, for `timing.drainTimeoutMs` at most.
 *
 * @returns Settles when they have finished, or after the timeout, which is reported.
 */
export async function drain(
  { dispatcher, reporter, options: { timing } }: Pick<
    SessionContext,
    "dispatcher" | "reporter" | "options"
  >,
): Promise<void> {
  dispatcher.stop();
  const limit = timeLimit(timing.drainTimeoutMs, () => new Error("The handlers did not finish"));
  await abortable(dispatcher.idle(), limit.signal)
    .catch(() => reporter.drainTimedOut(dispatcher.handling));
  limit.clear();
}
