/**
 * Whether a control call is allowed: web pages must not reach the emulator, neither from another
 * origin nor through DNS rebinding.
 *
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { ControlError } from "./control_error.ts";

/** Where control calls are served, and to whom. */
export interface ControlAccess {
  /** Where the emulator listens, as `http:` or `https:` URL. */
  readonly url: string;
  /**
   * The token that every control call must send as `Authorization: Bearer …`; `undefined` for none.
   */
  readonly token: string | undefined;
}

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** Whether only this machine can reach an address. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.includes(hostname.toLowerCase()) || hostname === "::1" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/**
 * Checks the origin of a call.
 *
 * @param headers The call's headers.
 * @param access Who may call.
 * @throws {ControlError} If it is not allowed.
 */
export function checkAccess(headers: IncomingHttpHeaders, { url, token }: ControlAccess): void {
  const { hostname } = new URL(url);
  const origins = ownOrigins(url);
  checkBrowser(headers, origins, token !== undefined);
  if (token !== undefined) return checkToken(headers.authorization, token);
  if (!isLoopback(hostname)) {
    throw new ControlError(
      403,
      "TokenRequired",
      `The emulator listens on ${hostname}, which others may reach: start it with a control token`,
    );
  }
  checkHost(headers, origins);
}

/**
 * Checks a request for a file of the console's page. The files contain no data, so no token is
 * needed (the page prompts for it), and links from other sites may open the page.
 *
 * @param headers The request's headers.
 * @param access Who may call.
 * @throws {ControlError} If it is not allowed.
 */
export function checkPageAccess(headers: IncomingHttpHeaders, { url, token }: ControlAccess): void {
  const origins = ownOrigins(url);
  const isNavigation = headers["sec-fetch-dest"] === "document";
  if (!isNavigation) checkBrowser(headers, origins, token !== undefined);
  if (token === undefined && isLoopback(new URL(url).hostname)) checkHost(headers, origins);
}

/** The origins of pages that may call the control plane. */
function ownOrigins(url: string): readonly URL[] {
  const { hostname, port, protocol } = new URL(url);
  return (isLoopback(hostname) ? [...LOOPBACK, hostname] : [hostname])
    .map((name) => new URL(`${protocol}//${name}:${port}`));
}

function checkHost(headers: IncomingHttpHeaders, origins: readonly URL[]): void {
  // A browser sends the name that the page used, even after DNS rebinding.
  const host = headers.host?.toLowerCase() ?? "";
  if (origins.some((origin) => origin.host === host)) return;
  throw new ControlError(
    403,
    "ForeignHost",
    `The Host header must name the address of the emulator: ${origins[0]?.host}`,
  );
}

/**
 * Checks the Origin and Sec-Fetch-Site headers. Programs send neither; browsers send them for pages
 * of other sites.
 *
 * @param hasToken Whether calls need a token. If so, the console may be opened under any host name
 * of this machine, since a page that uses DNS rebinding does not have the token.
 */
function checkBrowser(
  headers: IncomingHttpHeaders,
  origins: readonly URL[],
  hasToken: boolean,
): void {
  const { origin, host } = headers;
  const site = headers["sec-fetch-site"];
  const isOwn = origin === undefined || origins.some((own) => own.origin === origin) ||
    (hasToken && hostOf(origin) === host?.toLowerCase());
  if (isOwn && site !== "cross-site" && site !== "same-site") return;
  throw new ControlError(
    403,
    "ForeignOrigin",
    "Pages of another origin must not make control calls",
  );
}

/** The host and the port of an origin; empty for `null`. */
function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : "";
}

function checkToken(authorization: string | undefined, token: string): void {
  const given = /^bearer +(.+)$/i.exec(authorization ?? "")?.[1];
  if (given !== undefined && timingSafeEqual(digest(given), digest(token))) return;
  throw new ControlError(
    401,
    "TokenRequired",
    "Control calls need the header Authorization: Bearer with the emulator's control token",
    { "WWW-Authenticate": "Bearer" },
  );
}

/** Digests have equal lengths, which timingSafeEqual requires. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
