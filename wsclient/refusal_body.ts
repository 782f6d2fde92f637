/**
 * What may be told of the body of a refusal that comes from somebody else than the service.
 *
 * @module
 */

import { redact } from "./redact.ts";
import { REDACTED } from "./secrets.ts";

/** A proxy asks for a login, and may say back the one that it was sent, which nobody here knows. */
const PROXY_AUTHENTICATION_REQUIRED = 407;

/** Logins in headers and in URLs, such as a proxy's. */
const LOGINS = [/\b(Basic|Bearer|Digest)\s+[\w+/=.~-]+/gi, /(:\/\/)[^\s/@]+@/g];

/**
 * Takes out of a body what nobody may see.
 *
 * @param status The HTTP status of the answer.
 * @param body The body.
 * @param secrets What was secret in the request.
 * @returns Nothing of a proxy's request for a login; else the body without the secrets and without what
 * looks like a login.
 */
export function tellableBody(status: number, body: string, secrets: readonly string[]): string {
  if (status === PROXY_AUTHENTICATION_REQUIRED) return "";
  return LOGINS.reduce(
    (text, login) => text.replace(login, `$1 ${REDACTED}`),
    redact(body, secrets),
  );
}
