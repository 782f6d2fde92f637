/**
 * The failures of the network and of TLS, by the names used by systems, TLS libraries and runtimes:
 * POSIX and c-ares, OpenSSL and Node.js, rustls, undici and hyper.
 *
 * @module
 */

import type { FailureCode } from "./failure_code.ts";

const NAMES: readonly (readonly [FailureCode, readonly string[]])[] = [
  ["ACS-N01", [
    "ENOTFOUND",
    "EAI_AGAIN",
    "EAI_NONAME",
    "EAI_NODATA",
    "EAI_FAIL",
    "ENODATA",
    "ESERVFAIL",
    "EREFUSED",
  ]],
  ["ACS-N02", ["ECONNREFUSED"]],
  ["ACS-N03", [
    "ETIMEDOUT",
    "ESOCKETTIMEDOUT",
    "UND_ERR_CONNECT_TIMEOUT",
    "UND_ERR_HEADERS_TIMEOUT",
    "UND_ERR_BODY_TIMEOUT",
  ]],
  ["ACS-N04", [
    "ECONNRESET",
    "ECONNABORTED",
    "EPIPE",
    "UND_ERR_SOCKET",
    "IncompleteMessage",
  ]],
  ["ACS-N05", ["EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL", "EHOSTDOWN", "ENETDOWN"]],
  ["ACS-N06", ["ERR_ACCESS_DENIED"]],
  ["ACS-P03", ["TunnelUnsuccessful"]],
  ["ACS-P04", ["ProxyAuthRequired"]],
  ["ACS-P05", ["ParseError"]],
  ["ACS-T01", [
    "CERT_REJECTED",
    "CERT_REVOKED",
    "CERT_SIGNATURE_FAILURE",
    "CERT_UNTRUSTED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "INVALID_CA",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "BadSignature",
    "CaUsedAsEndEntity",
    "Revoked",
    "UnknownIssuer",
  ]],
  ["ACS-T02", ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID", "Expired", "NotValidYet"]],
  ["ACS-T03", ["ERR_TLS_CERT_ALTNAME_INVALID", "HOSTNAME_MISMATCH", "NotValidForName"]],
  ["ACS-T04", [
    "EPROTO",
    "ERR_SSL_HTTP_REQUEST",
    "ERR_SSL_PACKET_LENGTH_TOO_LONG",
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "InvalidContentType",
  ]],
  ["ACS-T05", [
    "ERR_SSL_NO_CIPHERS_AVAILABLE",
    "ERR_SSL_NO_PROTOCOLS_AVAILABLE",
    "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
    "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE",
    "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
    "ERR_SSL_UNSUPPORTED_PROTOCOL",
    "ERR_SSL_VERSION_TOO_LOW",
    "HandshakeFailure",
    "PeerIncompatible",
    "ProtocolVersion",
  ]],
];

/**
 * The failure that a system's code stands for.
 *
 * @param systemCode Such as `ECONNREFUSED`.
 * @returns `undefined` if it is not in the catalogue.
 */
export function failureOfSystemCode(systemCode: string): FailureCode | undefined {
  const known = NAMES.find(([, names]) => names.includes(systemCode));
  if (known !== undefined) return known[0];
  // Node's HTTP parser: the data was not HTTP.
  return systemCode.startsWith("HPE_") ? "ACS-P05" : undefined;
}
