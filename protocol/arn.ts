/**
 * Amazon Resource Names.
 *
 * @module
 */

/**
 * Whether a text has the form of an ARN: `arn:partition:service:region:account:resource`, where
 * region and account may be empty and the resource may have more colons. The rule of AWS's own
 * parser, which a test compares it with.
 */
export function isArn(text: string | null | undefined): text is string {
  return typeof text === "string" && text.startsWith("arn:") && text.split(":", 6).length >= 6;
}
