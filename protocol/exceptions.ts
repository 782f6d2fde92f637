/**
 * The exceptions with which the service refuses a connection, or ECS a call.
 *
 * @module
 */

/**
 * The exceptions with which ACS is known to answer an upgrade: the errors of `Poll` in the service's
 * model.
 */
export const SERVICE_EXCEPTION_NAMES = [
  "ServerException",
  "BadRequestException",
  "InvalidClusterException",
  "InvalidInstanceException",
  "AccessDeniedException",
  "InactiveInstanceException",
] as const;

/** The name of an exception with which ACS is known to answer. */
export type ServiceExceptionName = typeof SERVICE_EXCEPTION_NAMES[number];

/**
 * The exceptions with which ECS is known to answer DiscoverPollEndpoint: those of the operation,
 * and those that AWS documents as common to all its APIs, in all spellings that occur.
 */
const ECS_EXCEPTION_NAMES: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "AuthFailure",
  "ClientException",
  "ClusterNotFoundException",
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignature",
  "IncompleteSignatureException",
  "InternalFailure",
  "InternalServerError",
  "InvalidClientTokenId",
  "InvalidParameterException",
  "InvalidSignatureException",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "NotAuthorized",
  "OptInRequired",
  "RequestExpired",
  "RequestTimeTooSkewed",
  "SerializationException",
  "ServerException",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "SignatureDoesNotMatch",
  "ThrottlingException",
  "UnknownOperationException",
  "UnrecognizedClientException",
  "ValidationError",
  "ValidationException",
]);

/** The name of the exception that says that the container instance has been deregistered. */
export const INACTIVE_INSTANCE_EXCEPTION = "InactiveInstanceException";

/** Whether `name` is one of {@linkcode SERVICE_EXCEPTION_NAMES}. */
export function isServiceExceptionName(name: string): name is ServiceExceptionName {
  return SERVICE_EXCEPTION_NAMES.some((known) => known === name);
}

/** Whether `name` is that of an exception with which ECS or ACS is known to answer. */
export function isAwsExceptionName(name: string): boolean {
  return isServiceExceptionName(name) || ECS_EXCEPTION_NAMES.has(name);
}
