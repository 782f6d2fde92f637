/**
 * Runs checks one after the other.
 *
 * @module
 */

import {
  type Check,
  type CheckContext,
  type CheckOutcome,
  type CheckResult,
  type DoctorFacts,
  failed,
} from "./check.ts";

/** Callbacks during the checks. */
export interface ChecksListener {
  /** Called before each check that is run. */
  started?(check: Check): void;
  /** Called after each check, including skipped ones. */
  finished?(result: CheckResult): void;
}

/**
 * Runs all checks. A check is skipped, with a reference to the cause, if one that it needs has
 * failed.
 *
 * @param checks The checks.
 * @param context Their input; the checks add facts to it.
 * @param listener Called before and after each check.
 * @returns All results, in order.
 */
export async function runChecks(
  checks: readonly Check[],
  context: Omit<CheckContext, "facts">,
  listener: ChecksListener = {},
): Promise<CheckResult[]> {
  const results = new Map<string, CheckResult>();
  let facts: DoctorFacts = {};
  for (const check of checks) {
    const { id, name } = check;
    const blockedBy = blockerOf(check, results);
    const start = performance.now();
    if (blockedBy === undefined) listener.started?.(check);
    const { facts: found, ...outcome } = blockedBy === undefined
      ? await outcomeOf(check, { ...context, facts })
      : blocked(blockedBy);
    facts = { ...facts, ...found };
    const ms = Math.round(performance.now() - start);
    const result = { id, name, ms, ...outcome, ...(blockedBy && { blockedBy: blockedBy.id }) };
    results.set(id, result);
    listener.finished?.(result);
  }
  return [...results.values()];
}

async function outcomeOf(check: Check, context: CheckContext): Promise<CheckOutcome> {
  try {
    return await check.run(context);
  } catch (error) {
    return failed(error);
  }
}

/** The failed check that makes a check pointless. */
function blockerOf(
  { needs }: Check,
  results: ReadonlyMap<string, CheckResult>,
): CheckResult | undefined {
  for (const id of needs) {
    const result = results.get(id);
    if (result?.status === "failed") return result;
    const blocker = result?.blockedBy === undefined ? undefined : results.get(result.blockedBy);
    if (blocker !== undefined) return blocker;
  }
  return undefined;
}

function blocked({ name }: CheckResult): CheckOutcome {
  return { status: "skipped", detail: `${name} failed` };
}
