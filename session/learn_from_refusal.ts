/**
 * Learns from a refusal what to change at the next attempt.
 *
 * @module
 */

import { serviceClockSkew } from "../wsclient/service_exception.ts";
import type { ClockSkew } from "../wsclient/signing/clock_skew.ts";
import type { CredentialSource } from "../wsclient/signing/credential_source.ts";
import { refusesKeys } from "./refuses_keys.ts";
import type { SessionReporter } from "./reporting/session_reporter.ts";

/** The values with which the next signature is made. */
export interface SigningContext {
  /** The time to sign with. */
  readonly clockSkew: ClockSkew;
  /** The keys to sign with. */
  readonly credentials: CredentialSource;
  /** Reports what was learned. */
  readonly reporter: SessionReporter;
}

/** A refusal reveals the service's clock, or that fresh keys are needed. */
export function learnFromRefusal(
  error: unknown,
  { clockSkew, credentials, reporter }: SigningContext,
): void {
  if (clockSkew.observe(serviceClockSkew(error))) return reporter.clockSkewed(clockSkew.skewMs);
  if (refusesKeys(error)) credentials.refuse();
}
