/**
 * What a check of `acs doctor` is given, and what it finds.
 *
 * @module
 */

import { FAILURES } from "../../failures/catalogue.ts";
import type { FailureCode } from "../../failures/failure_code.ts";
import { type FailureHelp, failureHelp } from "../../failures/failure_help.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";
import type { AwsCredentialIdentity } from "../../wsclient/signing/credentials.ts";
import type { DoctorConfiguration } from "./configuration.ts";

/** How a check went. */
export type CheckStatus = "passed" | "failed" | "warning" | "skipped";

/** What earlier checks have found out. */
export interface DoctorFacts {
  /** The keys to sign with. */
  readonly credentials?: AwsCredentialIdentity;
  /** The URL of ACS that ECS has returned. */
  readonly acsUrl?: string;
  /** How far the clock of AWS is ahead of the local one, in ms. */
  readonly clockSkewMs?: number;
}

/** What a check is given. */
export interface CheckContext {
  /** The configuration. */
  readonly configuration: DoctorConfiguration;
  /** What earlier checks have found out. */
  readonly facts: DoctorFacts;
  /** Longest time for one check, in ms. */
  readonly timeoutMs: number;
}

/** What a check has found. */
export interface CheckOutcome {
  /** How it went. */
  readonly status: CheckStatus;
  /** A few words. */
  readonly detail: string;
  /** The failure of the catalogue. */
  readonly code?: FailureCode;
  /** What happened, in one sentence. */
  readonly cause?: string;
  /** The one thing to do, in one sentence. */
  readonly fix?: string;
  /** Where the documentation explains it. */
  readonly docs?: string;
  /** What later checks need to know. */
  readonly facts?: DoctorFacts;
}

/** One check. */
export interface Check {
  /** Its stable name in JSON, such as `ecs.tls`. */
  readonly id: string;
  /** Its name in text. */
  readonly name: string;
  /** The checks without whose success it makes no sense, by id. */
  readonly needs: readonly string[];
  /** Runs it. Whatever it throws is the failure. */
  run(context: CheckContext): CheckOutcome | Promise<CheckOutcome>;
}

/** A check that was run, or why not. */
export interface CheckResult extends Omit<CheckOutcome, "facts"> {
  /** See {@linkcode Check.id}. */
  readonly id: string;
  /** See {@linkcode Check.name}. */
  readonly name: string;
  /** How long it took, in ms. */
  readonly ms: number;
  /** The failed check because of which it was skipped. */
  readonly blockedBy?: string;
}

/** The outcome of a check that is fine. */
export function passed(detail: string, facts?: DoctorFacts): CheckOutcome {
  return { status: "passed", detail, ...(facts && { facts }) };
}

/** The outcome of a check that does not apply here. */
export function skipped(detail: string): CheckOutcome {
  return { status: "skipped", detail };
}

/** The outcome for a failure of the catalogue. */
export function outcomeOf(
  status: "failed" | "warning",
  help: FailureHelp,
  detail: string = FAILURES[help.code].title,
): CheckOutcome {
  const { code, cause, fix, docs } = help;
  return { status, detail, code, cause, fix, docs };
}

/** The outcome of a check that threw an error. */
export function failed(error: unknown): CheckOutcome {
  const help = failureHelp(error);
  if (help !== undefined) return outcomeOf("failed", help);
  const detail = describeError(error);
  return { status: "failed", detail, cause: detail };
}
