/**
 * Selects the headers of an agent's request that are forwarded.
 *
 * @module
 */

/** Headers that belong to the signature, to one connection, or to the body's length. */
const REPLACED: ReadonlySet<string> = new Set([
  "authorization",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "transfer-encoding",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-security-token",
]);

/**
 * Returns the headers to forward.
 *
 * @param rawHeaders Names and values, alternating.
 * @param without Names of further headers to drop, in lower case.
 * @returns The values by lower-case names.
 */
export function keptHeaders(
  rawHeaders: readonly string[],
  without: readonly string[] = [],
): Record<string, string> {
  const kept = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = rawHeaders.slice(index, index + 2);
    const key = name.toLowerCase();
    if (REPLACED.has(key) || without.includes(key)) continue;
    const before = kept.get(key);
    kept.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(kept);
}
