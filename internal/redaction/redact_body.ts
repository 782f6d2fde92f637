/**
 * Redacts the body of an error response from a server other than the service, such as a proxy.
 *
 * @module
 */

import { redact } from "./redact.ts";
import { REDACTED } from "./secrets.ts";

/**
 * A proxy demands a login, and may quote the credentials that it received, which are not known
 * here.
 */
const PROXY_AUTHENTICATION_REQUIRED = 407;

/** Replaces the response of such a proxy. */
const LOGIN_WANTED = "a proxy demands a login, see HTTPS_PROXY and HTTP_PROXY";

/**
 * Credentials in headers and in URLs, such as a proxy's: the text before, the credentials, the text
 * after.
 */
const LOGINS = [/(\b(?:Basic|Bearer|Digest)\s+)[\w+/=.~-]+()/gi, /(:\/\/)[^\s/@]+(@)/g];

/**
 * Redacts secrets and everything that looks like credentials.
 *
 * @param status The HTTP status of the answer.
 * @param body The body.
 * @param secrets The secrets of the request.
 * @returns For status 407 a fixed text; otherwise the body up to the first secret, without
 * credentials.
 */
export function redactBody(status: number, body: string, secrets: readonly string[]): string {
  if (isProxyLogin(status)) return LOGIN_WANTED;
  return LOGINS.reduce(
    (text, login) => text.replace(login, `$1${REDACTED}$2`),
    redact(body, secrets),
  );
}

/** Whether a status is that of a proxy that demands a login. */
export function isProxyLogin(status: number): boolean {
  return status === PROXY_AUTHENTICATION_REQUIRED;
}
