/**
 * The headers of an agent's request that are passed on.
 *
 * @module
 */

/** Headers of a signature, of one connection, or of the length of the body. */
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
 * The headers that are passed on.
 *
 * @param rawHeaders Names and values, alternating.
 * @param without Further headers that are not passed on, in lower case.
 * @returns Their values by their names in lower case.
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
