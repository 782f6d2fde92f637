/**
 * Compares the tests that ran on Node with those that Deno has.
 *
 * @module
 */

import type { ReportedTest } from "./json_reporter.ts";
import { type Exception, EXCEPTIONS } from "./one_runtime_only.ts";

/** Returns the titles of the tests that have to run on Node. */
export function titlesForNode(onDeno: readonly string[]): string[] {
  const titlesOf = (runtime: Exception["only"]) =>
    EXCEPTIONS.filter(({ only }) => only === runtime).map(({ title }) => title);
  return [...without(onDeno, titlesOf("Deno")), ...titlesOf("Node")];
}

/** Returns the problems of a run: missing tests, additional tests, and tests that did not pass. */
export function problemsOf(expected: readonly string[], ran: readonly ReportedTest[]): string[] {
  const titles = ran.map(({ title }) => title);
  return [
    ...ran.filter(({ outcome }) => outcome !== "passed")
      .map(({ title, outcome, error = "" }) => `${outcome}: ${title}\n${error}`),
    ...without(expected, titles).map((title) => `did not run: ${title}`),
    ...without(titles, expected).map((title) =>
      `ran, but neither Deno nor one_runtime_only.ts has it: ${title}`
    ),
  ];
}

/** The rest of `all` when each of `some` is removed once. */
function without(all: readonly string[], some: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const title of some) counts.set(title, (counts.get(title) ?? 0) + 1);
  return all.filter((title) => {
    const count = counts.get(title) ?? 0;
    counts.set(title, count - 1);
    return count <= 0;
  });
}
