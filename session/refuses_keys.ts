/**
 * Which refusals fresh keys may help against.
 *
 * @module
 */

import { ServiceException } from "../wsclient/service_exception.ts";
import { UpgradeRefusedError } from "../wsclient/upgrade_refused_error.ts";
import { DiscoverPollEndpointError } from "./discovery/discover_poll_endpoint.ts";

/** The exceptions of ECS and ACS for keys that have expired, were revoked, or were never valid. */
const NAMES =
  /^(AccessDenied|AuthFailure|ExpiredToken|IncompleteSignature|InvalidAccessKeyId|InvalidClientTokenId|InvalidSignature|InvalidToken|MissingAuthenticationToken|NotAuthorized|RequestExpired|SignatureDoesNotMatch|TokenRefreshRequired|UnrecognizedClient)(Exception)?$/;

/** The statuses by which somebody refuses a caller without naming an exception. */
const STATUSES: ReadonlySet<number> = new Set([401, 403]);

/**
 * Whether an attempt has failed because of the keys that it was signed with, or may have.
 *
 * @param error What it failed with.
 */
export function refusesKeys(error: unknown): boolean {
  if (error instanceof ServiceException) return NAMES.test(error.name);
  const isRefusal = error instanceof UpgradeRefusedError ||
    error instanceof DiscoverPollEndpointError;
  return isRefusal && STATUSES.has(error.status);
}
