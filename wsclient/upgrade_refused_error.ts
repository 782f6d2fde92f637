/**
 * A refused WebSocket upgrade: the contents of the answer, and the error for it.
 *
 * @module
 */

import { AcsError } from "../errors.ts";
import { hasName, safeGet, safeText } from "../internal/safe_get.ts";
import { describeClockSkew } from "./signing/clock_skew.ts";

/** The raw response to a refused upgrade. */
export interface UpgradeRefusal {
  /** The host (and port, unless default) that answered. */
  readonly host: string;
  /** The HTTP status, anything but 101. */
  readonly status: number;
  /** The body, at most the first {@linkcode MAX_REFUSAL_BODY_BYTES} bytes of it. */
  readonly body: string;
  /** The answer's `Date` header, in ms since the epoch; `undefined` if missing or unreadable. */
  readonly serverDate: number | undefined;
  /** The origin that a redirect points to, such as `https://login.example`; default: not known. */
  readonly redirectsTo?: string | undefined;
}

/**
 * How much of a refused upgrade's body is read, in bytes. Our choice: a service exception is < 1
 * KiB.
 */
export const MAX_REFUSAL_BODY_BYTES = 65_536;

/**
 * The peer answered the upgrade with a status other than 101 and with a body that names no service
 * exception: a proxy, a load balancer, another service.
 */
export class UpgradeRefusedError extends AcsError {
  /** Always `"UpgradeRefusedError"`. */
  override readonly name = "UpgradeRefusedError";
  /** The host that answered. */
  readonly host: string;
  /** The HTTP status. */
  readonly status: number;
  /** How far the peer's clock is ahead of the local one, in ms; `undefined` if not known. */
  readonly clockSkewMs: number | undefined;
  /** The origin that a redirect points to; `undefined` if the answer is not one. */
  readonly redirectsTo: string | undefined;
  /** The whole answer. Not enumerable: a proxy's error page may echo request headers. */
  declare readonly refusal: UpgradeRefusal;

  /**
   * Creates the error.
   *
   * @param refusal The answer.
   * @param options `bodyStart`, the start of the body with all secrets removed, for the message;
   * `clockSkewMs`, in ms.
   */
  constructor(refusal: UpgradeRefusal, options: { bodyStart?: string; clockSkewMs?: number } = {}) {
    const what = `${refusal.host} refused the WebSocket upgrade with status ${refusal.status}`;
    super(
      [
        options.bodyStart ? `${what}: ${options.bodyStart}` : what,
        describeClockSkew(options.clockSkewMs, "the peer's"),
      ].filter((part) => part !== "").join("; "),
    );
    this.host = refusal.host;
    this.status = refusal.status;
    this.clockSkewMs = options.clockSkewMs;
    this.redirectsTo = refusal.redirectsTo;
    Object.defineProperty(this, "refusal", { value: refusal, enumerable: false });
  }
}

/**
 * The response to a refused upgrade.
 *
 * @param error An error thrown by a transport, possibly from another copy of the package.
 * @returns `undefined` if it is another error.
 */
export function upgradeRefusalOf(error: unknown): UpgradeRefusal | undefined {
  if (!hasName(error, "UpgradeRefusedError")) return undefined;
  const refusal = safeGet(error, "refusal");
  const host = safeText(refusal, "host");
  const body = safeText(refusal, "body");
  const status = safeGet(refusal, "status");
  const serverDate = safeGet(refusal, "serverDate");
  if (host === undefined || body === undefined || typeof status !== "number") return undefined;
  return {
    host,
    body,
    status,
    serverDate: typeof serverDate === "number" ? serverDate : undefined,
    redirectsTo: safeText(refusal, "redirectsTo"),
  };
}
