/**
 * Determines which failure of the catalogue an error is. Compares codes and names; texts only if
 * the source has neither: the AWS SDK's credential providers, and the region in a signature's
 * scope.
 *
 * @module
 */

import type { ErrorFacts } from "./error_facts.ts";
import type { FailureCode } from "./failure_code.ts";
import { isLoopback } from "./host_parts.ts";
import { failureOfSystemCode } from "./system_codes.ts";

/** The clock difference that SigV4 accepts, in ms. */
const ACCEPTED_SKEW_MS = 300_000;

/** The failures by the names of the exceptions of ECS, ACS and STS, without "Exception" at the end. */
const EXCEPTIONS: ReadonlyMap<string, FailureCode> = new Map<string, FailureCode>([
  ["AccessDenied", "ACS-A04"],
  ["AuthFailure", "ACS-A01"],
  ["BadRequest", "ACS-A11"],
  ["Client", "ACS-A11"],
  ["ClusterNotFound", "ACS-A05"],
  ["ExpiredToken", "ACS-A03"],
  ["InactiveInstance", "ACS-A07"],
  ["IncompleteSignature", "ACS-A02"],
  ["InternalFailure", "ACS-A10"],
  ["InternalServerError", "ACS-A10"],
  ["InvalidAccessKeyId", "ACS-A01"],
  ["InvalidClientTokenId", "ACS-A01"],
  ["InvalidCluster", "ACS-A05"],
  ["InvalidInstance", "ACS-A06"],
  ["InvalidParameter", "ACS-A11"],
  ["InvalidSignature", "ACS-A02"],
  ["InvalidToken", "ACS-A01"],
  ["MissingAuthenticationToken", "ACS-A04"],
  ["NotAuthorized", "ACS-A04"],
  ["OptInRequired", "ACS-A04"],
  ["RequestExpired", "ACS-K01"],
  ["RequestTimeTooSkewed", "ACS-K01"],
  ["Serialization", "ACS-A11"],
  ["Server", "ACS-A10"],
  ["ServiceUnavailable", "ACS-A10"],
  ["SignatureDoesNotMatch", "ACS-A02"],
  ["Throttling", "ACS-A09"],
  ["TokenRefreshRequired", "ACS-A03"],
  ["TooManyRequests", "ACS-A09"],
  ["UnknownOperation", "ACS-P05"],
  ["UnrecognizedClient", "ACS-A01"],
  ["Validation", "ACS-A11"],
  ["ValidationError", "ACS-A11"],
]);

/** The failures that a wrong clock causes at first. */
const SIGNATURE_FAILURES: ReadonlySet<FailureCode> = new Set(["ACS-A02", "ACS-A04"]);

/**
 * The codes of failed connections that mean an unreachable proxy if the connection was to a proxy.
 */
const PROXY_UNREACHABLE: ReadonlySet<FailureCode> = new Set([
  "ACS-N01",
  "ACS-N02",
  "ACS-N03",
  "ACS-N05",
]);

/** The phases of an attempt that come after the proxy has opened the tunnel. */
const BEYOND_PROXY: ReadonlySet<string | undefined> = new Set(["tls", "upgrade"]);

/** The failures by the kind of a `CredentialsError`; the other kinds depend on the cause. */
const CREDENTIALS_KINDS: ReadonlyMap<string | undefined, FailureCode> = new Map([
  ["none", "ACS-C01"],
  ["profile", "ACS-C02"],
  ["expired", "ACS-C03"],
  ["permission", "ACS-C04"],
  ["unreachable", "ACS-C05"],
  ["invalid", "ACS-C06"],
  ["timeout", "ACS-C07"],
  ["process", "ACS-C08"],
]);

/**
 * Finds the failure that an error is.
 *
 * @param facts The facts in the error.
 * @returns `undefined` if it is not in the catalogue.
 */
export function classify(facts: ErrorFacts): FailureCode | undefined {
  if (facts.serviceMessage !== undefined) return ofException(facts);
  switch (facts.names[0]) {
    case "CredentialsError":
      return ofCredentials(facts);
    case "DiscoverPollEndpointError":
    case "UpgradeRefusedError":
      return ofAnswer(facts);
    case "InvalidEndpointError":
      return "ACS-A12";
    case "ConnectError":
      return ofNetwork(facts) ?? "ACS-N07";
    case "UselessConnectionError":
      return ofNetwork(facts) ?? "ACS-S05";
    default:
      return ofNetwork(facts);
  }
}

function ofException({ names, serviceMessage, status, clockSkewMs }: ErrorFacts) {
  const [name = ""] = names;
  const code = EXCEPTIONS.get(name) ?? EXCEPTIONS.get(name.replace(/Exception$/, ""));
  if (code !== undefined && SIGNATURE_FAILURES.has(code)) {
    if (Math.abs(clockSkewMs ?? 0) > ACCEPTED_SKEW_MS) return "ACS-K01";
    // It has no separate name.
    if (/should be scoped to/.test(serviceMessage ?? "")) return "ACS-A08";
  }
  if (code !== undefined || status === undefined) return code;
  return status >= 500 ? "ACS-A10" : status === 429 ? "ACS-A09" : "ACS-A11";
}

/** A server answered, but without an AWS exception. */
function ofAnswer({ status }: ErrorFacts): FailureCode {
  if (status === 407) return "ACS-P04";
  if (status === 429) return "ACS-A09";
  return status !== undefined && status >= 500 ? "ACS-A10" : "ACS-P05";
}

function ofCredentials({ kind, names, messages, permission, systemCodes }: ErrorFacts) {
  if (permission !== undefined) return "ACS-C04";
  const code = CREDENTIALS_KINDS.get(kind);
  if (code !== undefined) return code;
  // STS refuses the profile's or the identity token's request.
  const refused = names.map((name) => EXCEPTIONS.get(name.replace(/Exception$/, "")))
    .find((each) => each !== undefined);
  if (refused !== undefined) return refused === "ACS-A03" ? "ACS-C03" : refused;
  if (systemCodes.some((each) => failureOfSystemCode(each) !== undefined)) return "ACS-C05";
  // The SDK's errors have one name and no code.
  const isSaid = (words: RegExp) => messages.some((message) => words.test(message));
  if (isSaid(/SSO session|aws sso login|[Tt]oken is expired|aws login/)) return "ACS-C03";
  if (isSaid(/using profile: \[/)) return "ACS-C02";
  if (isSaid(/Could not load credentials from any providers/)) return "ACS-C01";
  if (names.includes("TimeoutError")) return "ACS-C05";
  return "ACS-C07";
}

function ofNetwork(facts: ErrorFacts): FailureCode | undefined {
  const { proxy, phase, systemCodes, permission, names } = facts;
  // undici's error, which does not always have a code.
  if (names.includes("HTTPParserError")) return "ACS-P05";
  if (permission !== undefined) return "ACS-N06";
  if (proxy?.status !== undefined) return proxy.status === 407 ? "ACS-P04" : "ACS-P03";
  // A permission error that is recognized only by its code names no flag.
  const code = systemCodes.map(failureOfSystemCode).find((each) => each !== undefined);
  if (proxy === undefined) return code;
  if (proxy.isUsed) {
    if (code === undefined) return systemCodes.includes("UND_ERR_ABORTED") ? "ACS-P03" : undefined;
    // Either the proxy or the host behind it did not answer.
    if (code === "ACS-N03" && phase === undefined) return code;
    const isProxys = !BEYOND_PROXY.has(phase) &&
      (PROXY_UNREACHABLE.has(code) || code === "ACS-N04" && phase === "proxy");
    return isProxys ? "ACS-P02" : code;
  }
  // A proxy cannot reach this machine's loopback address.
  if (code === undefined || isLoopback(facts.host)) return code;
  return PROXY_UNREACHABLE.has(code) ? "ACS-P01" : code;
}
