/**
 * Describes a refused request for reports: what was sent and what was expected, without secrets.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import { oneLine } from "../../internal/one_line.ts";
import { REDACTED } from "../../internal/redaction/secrets.ts";
import { withoutLogins } from "../../protocol/placeholders.ts";

/** A request, without its body and without secrets. */
export interface SentRequest {
  /** The method. */
  readonly method: string;
  /** Path and query; values of parameters that agents do not send are `[redacted]`. */
  readonly target: string;
  /** The headers, with lower-case names; values that may be secret are `[redacted]`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The signature that a request should have had. */
export interface ExpectedSignature {
  /** The headers, with lower-case names. The key and the signature are placeholders. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The canonical request of Signature Version 4, as the emulator computed it; present only if
   * nothing but the signature was wrong.
   */
  readonly canonicalRequest?: string | undefined;
}

/** Maximum length of a path, a query's value or a header's value, in characters. */
const MAX_VALUE_LENGTH = 512;

/** Maximum number of headers and of query parameters that are reported. */
const MAX_VALUES = 50;

/** Headers that never contain secrets. */
const SAFE_HEADERS: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "connection",
  "content-length",
  "content-type",
  "date",
  "host",
  "origin",
  "sec-fetch-dest",
  "sec-fetch-mode",
  "sec-fetch-site",
  "sec-websocket-extensions",
  "sec-websocket-key",
  "sec-websocket-protocol",
  "sec-websocket-version",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-target",
]);

/** The query parameters of upgrades. */
const SAFE_PARAMETERS: ReadonlySet<string> = new Set([
  "agentHash",
  "agentVersion",
  "cluster",
  "clusterArn",
  "containerInstance",
  "containerInstanceArn",
  "dockerVersion",
  "protocolVersion",
  "sendCredentials",
  "seqNum",
]);

/** Describes a request without its secrets. */
export function sentRequest(request: IncomingMessage): SentRequest {
  const [path = "", ...query] = (request.url ?? "/").split("?");
  const headers = Object.entries(request.headers).slice(0, MAX_VALUES);
  return {
    method: request.method ?? "",
    target: shown(withoutLogins(path)) +
      (query.length === 0 ? "" : `?${safeQuery(query.join("?"))}`),
    headers: Object.fromEntries(
      headers.map(([name, value]) => [shown(name), safeHeader(name, String(value ?? ""))]),
    ),
  };
}

/**
 * Redacts a canonical request of Signature Version 4, which consists of the method, path, query,
 * one line for each header, an empty line, the names of the headers, and the hash of the body.
 *
 * @param canonicalRequest The complete canonical request.
 */
export function safeCanonicalRequest(canonicalRequest: string): string {
  const [method = "", path = "", query = "", ...rest] = canonicalRequest.split("\n");
  const end = rest.indexOf("");
  const headers = rest.slice(0, end).slice(0, MAX_VALUES).map((line) => {
    const [name = "", ...value] = line.split(":");
    return `${shown(name)}:${safeHeader(name, value.join(":"))}`;
  });
  const last = rest.slice(end).map(shown);
  return [method, shown(path), safeQuery(query), ...headers, ...last].join("\n");
}

function safeQuery(query: string): string {
  return query.split("&").slice(0, MAX_VALUES).map((parameter) => {
    const [name = "", ...value] = parameter.split("=");
    const text = value.join("=");
    if (text === "") return shown(name);
    return `${shown(name)}=${SAFE_PARAMETERS.has(name) ? shown(text) : REDACTED}`;
  }).join("&");
}

function safeHeader(name: string, value: string): string {
  if (name === "authorization") return safeAuthorization(value);
  return SAFE_HEADERS.has(name) ? shown(value) : REDACTED;
}

/**
 * Keeps the scope and the signed headers of an AWS signature; for other schemes, only the scheme.
 */
function safeAuthorization(value: string): string {
  const scheme = oneLine(value.split(" ")[0] ?? "", 32);
  if (!scheme.startsWith("AWS4-")) return REDACTED;
  const scope = /Credential=[^/,\s]*((?:\/[\w-]+){1,4})/.exec(value)?.[1];
  const signedHeaders = /SignedHeaders=([\w;-]+)/.exec(value)?.[1];
  const parts = [
    scope === undefined ? [] : `Credential=${REDACTED}${shown(scope)}`,
    signedHeaders === undefined ? [] : `SignedHeaders=${shown(signedHeaders)}`,
    value.includes("Signature=") ? `Signature=${REDACTED}` : [],
  ];
  return `${scheme} ${parts.flat().join(", ")}`.trim();
}

function shown(text: string): string {
  return oneLine(text, MAX_VALUE_LENGTH);
}
