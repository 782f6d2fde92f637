/**
 * Redacts the body of an error response from somebody else than the service, such as a proxy.
 *
 * @module
 */

import { redact } from "./redact.ts";
import { REDACTED } from "./secrets.ts";

/** A proxy asks for a login, and may quote the one that it was sent, which is not known here. */
const PROXY_AUTHENTICATION_REQUIRED = 407;

/** Replaces what such a proxy says. */
const LOGIN_WANTED = "a proxy asks for a login, see HTTPS_PROXY and HTTP_PROXY";

/** Logins in headers and in URLs, such as a proxy's: what comes before, the login, what follows. */
const LOGINS = [/(\b(?:Basic|Bearer|Digest)\s+)[\w+/=.~-]+()/gi, /(:\/\/)[^\s/@]+(@)/g];

/**
 * Redacts secrets and whatever looks like a login.
 *
 * @param status The HTTP status of the answer.
 * @param body The body.
 * @param secrets What was secret in the request.
 * @returns For status 407 a fixed text; otherwise the body up to the first secret, without logins.
 */
export function redactBody(status: number, body: string, secrets: readonly string[]): string {
  if (isProxyLogin(status)) return LOGIN_WANTED;
  return LOGINS.reduce(
    (text, login) => text.replace(login, `$1${REDACTED}$2`),
    redact(body, secrets),
  );
}

/** Whether a status is that of a proxy that asks for a login. */
export function isProxyLogin(status: number): boolean {
  return status === PROXY_AUTHENTICATION_REQUIRED;
}
