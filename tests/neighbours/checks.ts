/**
 * Runs checks, several at a time.
 *
 * @module
 */

import type { CommandResult } from "../../scripts/npm/command.ts";
import type { Tally } from "../node/tally.ts";

/** One thing that must hold. */
export interface Check {
  /** What a user sees, as a sentence. */
  readonly title: string;
  /** Runs the check; the result is `undefined` if it passes, and otherwise the problem. */
  readonly run: () => Promise<string | undefined>;
}

/** As many at a time as a small machine has cores. */
const CONCURRENCY = Math.max(2, navigator.hardwareConcurrency);

/** Runs checks and counts them, in the order in which they end. */
export async function runChecks(checks: readonly Check[], tally: Tally): Promise<void> {
  const queue = checks.values();
  const work = async () => {
    for (const { title, run } of queue) tally.check(title, await run().catch(String));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

/** The problem with a program that should have exited with 0. */
export function problemOf({ code, stdout, stderr }: CommandResult): string | undefined {
  return code === 0 ? undefined : `it ended with ${code}:\n${stdout}${stderr}`;
}
