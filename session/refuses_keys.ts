/**
 * Which refusals fresh keys may fix.
 *
 * @module
 */

import { hasName, safeGet } from "../internal/safe_get.ts";
import { isServiceException } from "../wsclient/service_exception.ts";

/** The exceptions of ECS and ACS for keys that have expired, were revoked, or were never valid. */
const NAMES =
  /^(AccessDenied|AuthFailure|ExpiredToken|IncompleteSignature|InvalidAccessKeyId|InvalidClientTokenId|InvalidSignature|InvalidToken|MissingAuthenticationToken|NotAuthorized|RequestExpired|SignatureDoesNotMatch|TokenRefreshRequired|UnrecognizedClient)(Exception)?$/;

/** The status codes of a refusal without a named exception. */
const STATUSES: ReadonlySet<unknown> = new Set([401, 403]);

/**
 * Whether an attempt has failed because of its keys, or may have.
 *
 * @param error The error from the attempt.
 */
export function refusesKeys(error: unknown): boolean {
  if (isServiceException(error)) return NAMES.test(error.name);
  const isRefusal = hasName(error, "UpgradeRefusedError") ||
    hasName(error, "DiscoverPollEndpointError");
  return isRefusal && STATUSES.has(safeGet(error, "status"));
}
