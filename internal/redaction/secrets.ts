/**
 * The values that count as secrets, and the text that replaces them.
 *
 * @module
 */

/**
 * Shorter strings are not treated as secrets, in UTF-16 code units: redacting `true` or `8080`
 * everywhere would make a text unreadable and protect nothing.
 */
export const MIN_SECRET_LENGTH = 8;

/** How much of a secret is needed to recognize it, in UTF-16 code units, including escapes. */
export const SECRET_START_LENGTH = 1_024;

/** Maximum number of secrets that are searched for. Our choice: ten tasks have about a hundred. */
export const MAX_SECRETS = 10_000;

/** The secrets of a value; `"too many"` if there are more than can be searched for. */
export type Secrets = readonly string[] | "too many";

/** Replaces a secret. */
export const REDACTED = "[redacted]";
