/**
 * The texts of `acs explain`.
 *
 * @module
 */

import { docsOf, FAILURE_CODES, FAILURES, isFailureCode } from "../failures/catalogue.ts";
import type { FailureCode } from "../failures/failure_code.ts";
import { fillIn } from "../failures/failure_help.ts";
import { nearestName } from "../internal/option_names.ts";
import { UsageError } from "./exit.ts";
import { textWidth, wrapText } from "./wrap_text.ts";

/**
 * Parses a code, which may be written as `ACS-N01`, `acs-n01` or `N01`.
 *
 * @throws {UsageError} If there is no such code.
 */
export function findCode(given: string): FailureCode {
  const code = given.toUpperCase().replace(/^(?!ACS-)/, "ACS-");
  if (isFailureCode(code)) return code;
  const nearest = nearestName(code, FAILURE_CODES);
  const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  throw new UsageError(`there is no code "${given}"${hint} (npx @acs/session explain lists all)`);
}

/** Lists all codes with their titles. */
export function listFailures(): string {
  return FAILURE_CODES.map((code) => `${code}  ${FAILURES[code].title}`).join("\n");
}

/**
 * Explains a failure in full.
 *
 * @param code The failure.
 * @param width The maximum width of a line, in columns.
 */
export function explainFailure(code: FailureCode, width: number = textWidth()): string {
  const { title, cause, fix, more } = FAILURES[code];
  const paragraph = (label: string, text: string) => wrapText(fillIn(text), width, label);
  return [
    `${code}: ${title}`,
    "",
    ...paragraph("What happened: ", cause),
    ...paragraph("What to do:    ", fix),
    ...(more.length === 0 ? [] : ["", "If that does not help:"]),
    ...more.flatMap((text) => paragraph("  - ", text)),
    "",
    `More: ${docsOf(code)}`,
  ].join("\n");
}
