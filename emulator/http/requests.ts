/**
 * What both endpoints do with a node request.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import type { SignedRequest } from "./sigv4.ts";

/** A request as the signature check wants it. */
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
