/**
 * A failure as the command reports it: a stable code, what happened, what to do.
 *
 * @module
 */

import { FAILURES } from "../failures/catalogue.ts";
import { type FailureHelp, failureHelp } from "../failures/failure_help.ts";
import { describeError } from "../internal/redaction/describe_error.ts";
import { safeGet, safeText } from "../internal/safe_get.ts";

/** A failure as text. */
export interface FailureText {
  /** The code of the catalogue; else the system's code or the error's name. */
  readonly code: string;
  /** The title, in a few words; `undefined` if the failure is not in the catalogue. */
  readonly title: string | undefined;
  /** What happened, in a sentence or two. */
  readonly cause: string;
  /** The error and its causes, as in the log. */
  readonly error: string;
  /** What to do about it, if that is known. */
  readonly fix: string | undefined;
  /** Whether retrying can help without human intervention. */
  readonly retryable: boolean;
}

/**
 * Describes a failure.
 *
 * @param thrown Whatever was thrown.
 */
export function failureText(thrown: unknown): FailureText {
  const help = failureHelp(thrown);
  const error = describeError(thrown);
  return {
    code: help?.code ?? safeText(thrown, "code") ?? safeText(thrown, "name") ?? "Error",
    title: help && FAILURES[help.code].title,
    cause: help?.cause ?? error,
    error,
    fix: help?.fix,
    retryable: safeGet(thrown, "retryable") !== false,
  };
}

/**
 * Describes a failure for which there is no error, such as a handler that is stuck.
 *
 * @param help The failure.
 * @param error What happened in this case. Default: the cause from the catalogue.
 * @param retryable Whether retrying can help without human intervention. Default `true`.
 */
export function failureOfHelp(
  help: FailureHelp,
  error?: string,
  retryable: boolean = true,
): FailureText {
  const { code, cause, fix } = help;
  return { code, title: FAILURES[code].title, cause, error: error ?? cause, fix, retryable };
}
