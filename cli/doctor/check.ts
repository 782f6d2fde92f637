/**
 * The input and the result of a check of `acs doctor`.
 *
 * @module
 */

import { FAILURES } from "../../failures/catalogue.ts";
import type { FailureCode } from "../../failures/failure_code.ts";
import { type FailureHelp, failureHelp } from "../../failures/failure_help.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";
import type { AwsCredentialIdentity } from "../../wsclient/signing/credentials.ts";
import type { DoctorConfiguration } from "./configuration.ts";

/** The outcome of a check. */
export type CheckStatus = "passed" | "failed" | "warning" | "skipped";

/** The facts that earlier checks have found. */
export interface DoctorFacts {
  /** The keys to sign with. */
  readonly credentials?: AwsCredentialIdentity;
  /** The URL of ACS that ECS has returned. */
  readonly acsUrl?: string;
  /** How far the clock of AWS is ahead of the local one, in ms. */
  readonly clockSkewMs?: number;
}

/** The input of a check. */
export interface CheckContext {
  /** The configuration. */
  readonly configuration: DoctorConfiguration;
  /** The facts that earlier checks have found. */
  readonly facts: DoctorFacts;
  /** Time limit of one check, in ms. */
  readonly timeoutMs: number;
}

/** The result of a check. */
export interface CheckOutcome {
  /** The outcome. */
  readonly status: CheckStatus;
  /** A few words. */
  readonly detail: string;
  /** The failure of the catalogue. */
  readonly code?: FailureCode;
  /** What happened, in one sentence. */
  readonly cause?: string;
  /** The one thing to do, in one sentence. */
  readonly fix?: string;
  /** The error that was thrown, including its causes. */
  readonly error?: string;
  /** Where the documentation explains it. */
  readonly docs?: string;
  /** Facts for later checks. */
  readonly facts?: DoctorFacts;
}

/** One check. */
export interface Check {
  /** Its stable name in JSON, such as `ecs.tls`. */
  readonly id: string;
  /** Its name in text. */
  readonly name: string;
  /** The ids of the checks that must succeed first. */
  readonly needs: readonly string[];
  /** Runs it. Whatever it throws is the failure. */
  run(context: CheckContext): CheckOutcome | Promise<CheckOutcome>;
}

/** A check that was run, or was skipped. */
export interface CheckResult extends Omit<CheckOutcome, "facts"> {
  /** See {@linkcode Check.id}. */
  readonly id: string;
  /** See {@linkcode Check.name}. */
  readonly name: string;
  /** How long it took, in ms. */
  readonly ms: number;
  /** The failed check that caused it to be skipped. */
  readonly blockedBy?: string;
}

/** The result of a check that passed. */
export function passed(detail: string, facts?: DoctorFacts): CheckOutcome {
  return { status: "passed", detail, ...(facts && { facts }) };
}

/** The result of a check that does not apply here. */
export function skipped(detail: string): CheckOutcome {
  return { status: "skipped", detail };
}

/** The result for a failure of the catalogue. */
export function outcomeOf(
  status: "failed" | "warning",
  help: FailureHelp,
  detail: string = FAILURES[help.code].title,
): CheckOutcome {
  const { code, cause, fix, docs } = help;
  return { status, detail, code, cause, fix, docs };
}

/** The result of a check that threw an error. */
export function failed(error: unknown): CheckOutcome {
  const help = failureHelp(error);
  const text = describeError(error);
  return help === undefined
    ? { status: "failed", detail: text, cause: text, error: text }
    : { ...outcomeOf("failed", help), error: text };
}
