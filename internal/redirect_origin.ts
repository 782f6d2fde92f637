/**
 * Where a redirect leads, as far as it is safe to show.
 *
 * @module
 */

/**
 * The origin of the page that a redirect leads to. Its path and query are left out: a login page is
 * often given the whole request in them.
 *
 * @param url The URL that was requested, which a relative `Location` refers to.
 * @param location The answer's `Location` header, as sent.
 * @returns Such as `https://login.example`; `undefined` without a header, or if it does not lead to
 * a host.
 */
export function redirectOrigin(
  url: string,
  location: string | null | undefined,
): string | undefined {
  if (location === null || location === undefined || !URL.canParse(location, url)) return undefined;
  const { protocol, origin } = new URL(location, url);
  return protocol === "http:" || protocol === "https:" ? origin : undefined;
}
