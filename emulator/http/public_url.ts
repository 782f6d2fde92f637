/**
 * The URL of a proxy in front of the emulator.
 *
 * @module
 */

/** The rule for the URL, as the end of a sentence. */
export const PUBLIC_URL_RULE =
  "must be an http: or https: URL without user, password, query and fragment";

/** Parses the URL; `undefined` if it breaks the rule. */
export function parsePublicUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const { protocol, username, password, search, hash } = url;
  const isPlain = `${username}${password}${search}${hash}` === "";
  return isPlain && (protocol === "http:" || protocol === "https:") ? url : undefined;
}
