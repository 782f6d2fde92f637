/**
 * Parsers of flags that several commands share. Their errors are those that commander expects.
 *
 * @module
 */

import type { LogLevel } from "@logtape/logtape";
import { InvalidArgumentError, Option } from "commander";

/** Parses a whole number of at least `least`. */
export function parseWholeNumber(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** An empty value, as from a variable that is not set, is a mistake. */
export function parseText(value: string): string {
  if (value.trim() !== "") return value;
  throw new InvalidArgumentError("It must not be empty.");
}

/** The variables of an environment, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A flag whose value may come from the environment, which is read when the command runs.
 *
 * @param flags Such as `--region <region>`.
 * @param description What it is.
 * @param variables The variables; the first that is not empty is used.
 */
export function environmentOption(
  flags: string,
  description: string,
  variables: readonly string[],
): Option {
  return new Option(flags, `${description} (env: ${variables.join(", ")})`);
}

/** The levels that `--log-level` accepts, from the most to the least verbose. */
const LOG_LEVELS: readonly LogLevel[] = [
  "trace",
  "debug",
  "info",
  "warning",
  "error",
  "fatal",
];

/** The flag `--log-level`. */
export function logLevelOption(): Option {
  return new Option("--log-level <level>", "least severe level of the log on stderr")
    .choices(LOG_LEVELS)
    .default("error");
}
