/**
 * What may be told of the body of a refusal that comes from somebody else than the service.
 *
 * @module
 */

import { redact } from "./redact.ts";
import { REDACTED } from "./secrets.ts";

/** A proxy asks for a login, and may say back the one that it was sent, which nobody here knows. */
const PROXY_AUTHENTICATION_REQUIRED = 407;

/** What is told in place of what the proxy says. */
const LOGIN_WANTED = "a proxy asks for a login, see HTTPS_PROXY and HTTP_PROXY";

/** Logins in headers and in URLs, such as a proxy's: what comes before, the login, what follows. */
const LOGINS = [/(\b(?:Basic|Bearer|Digest)\s+)[\w+/=.~-]+()/gi, /(:\/\/)[^\s/@]+(@)/g];

/**
 * Takes out of a body what nobody may see.
 *
 * @param status The HTTP status of the answer.
 * @param body The body.
 * @param secrets What was secret in the request.
 * @returns Of a proxy's request for a login that it is one; else the body without the secrets and without what
 * looks like a login.
 */
export function tellableBody(status: number, body: string, secrets: readonly string[]): string {
  if (status === PROXY_AUTHENTICATION_REQUIRED) return LOGIN_WANTED;
  return LOGINS.reduce(
    (text, login) => text.replace(login, `$1${REDACTED}$2`),
    redact(body, secrets),
  );
}
