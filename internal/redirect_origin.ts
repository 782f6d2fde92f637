/**
 * The part of a redirect's target that is safe to show.
 *
 * @module
 */

/**
 * The origin of the page that a redirect points to, without its path and query: redirects to login
 * pages often contain the whole request in them.
 *
 * @param url The URL that was requested, which a relative `Location` refers to.
 * @param location The response's `Location` header, as sent.
 * @returns Such as `https://login.example`; `undefined` if there is no header, or it is not an HTTP
 * URL.
 */
export function redirectOrigin(
  url: string,
  location: string | null | undefined,
): string | undefined {
  if (location === null || location === undefined || !URL.canParse(location, url)) return undefined;
  const { protocol, origin } = new URL(location, url);
  return protocol === "http:" || protocol === "https:" ? origin : undefined;
}
