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

/** An ARN in two parts. */
export interface ArnParts {
  /** Partition, service, region and account: `arn:aws:ecs:us-west-2:123456789012`. */
  readonly account: string;
  /** The resource: `task/default/0f0f`. */
  readonly resource: string;
}

/** Splits an ARN after the account. */
export function splitArn(arn: string): ArnParts {
  const parts = arn.split(":");
  return { account: parts.slice(0, 5).join(":"), resource: parts.slice(5).join(":") };
}
