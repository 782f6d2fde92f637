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

/** The levels that `--log-level` accepts, most verbose first. */
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

/** Maximum speed factor; beyond it, pauses would be shorter than 1 ms. */
const MAX_SPEED = 1_000_000;

/** The flag `--speed`. */
export function speedOption(description: string): Option {
  return new Option("--speed <number>", description).argParser((value) => {
    const speed = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : NaN;
    if (speed > 0 && speed <= MAX_SPEED) return speed;
    throw new InvalidArgumentError(`It must be a number greater than 0, up to ${MAX_SPEED}.`);
  });
}
