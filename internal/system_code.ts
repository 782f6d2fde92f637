/**
 * The name that a system, a TLS library or a runtime has for a failure.
 *
 * @module
 */

import { safeText } from "./safe_get.ts";

/**
 * The system's code of one error, such as `ECONNREFUSED`; its causes are not read.
 *
 * Errors from this package have it as `systemCode`; their `code` is a getter of the class that
 * returns the catalogue's code, which is computed from this. Other errors have it as `code`, an own
 * property.
 *
 * @param error Whatever was thrown.
 */
export function systemCodeOf(error: unknown): string | undefined {
  return safeText(error, "systemCode") ?? (hasOwn(error, "code") ? foreignCode(error) : undefined);
}

function foreignCode(error: unknown): string | undefined {
  const code = safeText(error, "code");
  // A copy of an error may have the catalogue's code as a property.
  return code !== undefined && /^ACS-[A-Z]\d\d$/.test(code) ? undefined : code;
}

function hasOwn(value: unknown, name: string): boolean {
  try {
    return Object.hasOwn(Object(value), name);
  } catch {
    // A proxy whose trap throws.
    return false;
  }
}
