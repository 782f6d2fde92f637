/**
 * The error for messages that violate a rule.
 *
 * @module
 */

import { AcsError } from "../errors.ts";

/**
 * A message violates one of its rules, or is out of date. It is logged and not answered; the
 * service resends it if it matters.
 */
export class InvalidMessageError extends AcsError {
  /** Always `"InvalidMessageError"`. */
  override readonly name = "InvalidMessageError";
  /** The field that breaks the rule, such as `messageId`; `undefined` if it is not a single one. */
  readonly field: string | undefined;

  /**
   * Names the rule.
   *
   * @param message Which rule; without any content of the message but names and ids.
   * @param field The field that breaks it, if it is a single one.
   */
  constructor(message: string, field?: string) {
    super(message, { retryable: false });
    this.field = field;
  }
}
