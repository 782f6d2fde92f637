/**
 * The error for a connection that the process is not permitted to open.
 *
 * @module
 */

import { ConnectError } from "../errors.ts";
import { missingPermission } from "../internal/missing_permission.ts";

/**
 * The error to report instead of one that is about a missing permission.
 *
 * @param what What failed, such as `Cannot connect to acs.example`.
 * @param host The host.
 * @param error Whatever was thrown.
 * @param cause The cause of the new error, if it must differ: the error without anything that must
 * not be reported. Default: the error itself.
 * @returns An error with the system code `ERR_ACCESS_DENIED` that is not retryable and names the
 * flag; `undefined` if the error is about something else.
 */
export function permissionError(
  what: string,
  host: string,
  error: unknown,
  cause: unknown = error,
): ConnectError | undefined {
  const flag = missingPermission(error);
  if (flag === undefined) return undefined;
  return new ConnectError(`${what}: the process is not permitted to; run it with ${flag}`, {
    host,
    systemCode: "ERR_ACCESS_DENIED",
    cause,
    retryable: false,
  });
}
