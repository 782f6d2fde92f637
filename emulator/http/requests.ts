/**
 * Helpers for requests that both endpoints use.
 *
 * @module
 */

import { ECS_TARGET_PREFIX } from "../../protocol/discover_poll_endpoint.ts";
import type { IncomingMessage } from "node:http";
import { oneLine } from "../../internal/one_line.ts";
import { withoutLogins } from "../../protocol/placeholders.ts";
import type { SignedRequest } from "./sigv4.ts";

/** Converts a request for the signature check. */
export function signedRequest(request: IncomingMessage, body: Uint8Array): SignedRequest {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(",") : value);
  }
  return { method: request.method ?? "GET", target: request.url ?? "/", headers, body };
}

/** The path and the query of a request. */
export function splitTarget(request: IncomingMessage): { path: string; query: string } {
  const [path = "", ...query] = (request.url ?? "/").split("?");
  return { path, query: query.join("?") };
}

/**
 * Maximum length of an operation's name, in characters; longer ones are truncated. ECS's longest
 * has 40.
 */
const MAX_OPERATION_LENGTH = 64;

/**
 * The operation of the ECS API that a request names: `DiscoverPollEndpoint`. The whole target if it
 * belongs to another API; without a target, method and path.
 */
export function requestedOperation(request: IncomingMessage): string {
  const header = request.headers["x-amz-target"] ?? "";
  const target = Array.isArray(header) ? header.join() : header;
  const name = target.startsWith(ECS_TARGET_PREFIX)
    ? target.slice(ECS_TARGET_PREFIX.length)
    : target;
  const operation = oneLine(name, MAX_OPERATION_LENGTH);
  if (operation !== "") return operation;
  const path = withoutLogins(splitTarget(request).path);
  return oneLine(`${request.method} ${path}`, MAX_OPERATION_LENGTH);
}
