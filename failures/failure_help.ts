/**
 * The help for an error: the failure's code, and its cause and remedy with the details of the error
 * filled in.
 *
 * @module
 */

import { docsOf, FAILURES } from "./catalogue.ts";
import { classify } from "./classify.ts";
import { type ErrorFacts, factsOf } from "./error_facts.ts";
import type { FailureCode } from "./failure_code.ts";
import { splitHost } from "./host_parts.ts";
import { specialHelp } from "./special_help.ts";

/** What a failure is, and what to do about it. All texts are sentences. */
export interface FailureHelp {
  /** The failure's stable code, such as `"ACS-N02"`. */
  readonly code: FailureCode;
  /** What happened. */
  readonly cause: string;
  /** The one thing to do. */
  readonly fix: string;
  /** Where the documentation explains it: a path of the package, with an anchor. */
  readonly docs: string;
}

/** The replacements of the catalogue's placeholders. */
export type FailureDetails = { readonly [K in keyof typeof GENERAL]?: string | undefined };

/** The replacements of placeholders without details. */
const GENERAL = {
  host: "the host",
  hostname: "HOST",
  port: "443",
  systemCode: "no code",
  status: "no status",
  proxy: "in between",
  proxyVariable: "HTTPS_PROXY",
  cluster: "of that name",
  profile: "NAME",
  permission: "the flag that the cause names",
  skew: "differs from AWS's by more than 5 minutes",
  trust: "NODE_EXTRA_CA_CERTS (Node.js) or DENO_CERT (Deno)",
};

/**
 * Explains an error from this package, a transport, a credentials function or the runtime.
 *
 * @param error Whatever was thrown.
 * @returns `undefined` if the failure is not in the catalogue.
 */
export function failureHelp(error: unknown): FailureHelp | undefined {
  const facts = factsOf(error);
  const code = classify(facts);
  if (code === undefined) return undefined;
  const help = helpFor(code, detailsOf(facts));
  const { cause = help.cause, fix = help.fix } = specialHelp(code, facts);
  return { ...help, cause, fix };
}

/**
 * The code and the remedy of a failure that is not an error, such as a handler that is stuck.
 *
 * @param code The failure.
 * @param details Its details; general words replace missing ones.
 */
export function helpFor(code: FailureCode, details: FailureDetails = {}): FailureHelp {
  const { cause, fix } = FAILURES[code];
  return { code, cause: fillIn(cause, details), fix: fillIn(fix, details), docs: docsOf(code) };
}

/**
 * Replaces the placeholders in a text of the catalogue.
 *
 * @param text The text.
 * @param details The details; general words replace missing ones.
 */
export function fillIn(text: string, details: FailureDetails = {}): string {
  // A bracket with a placeholder in it that nothing is known of says nothing.
  const withoutEmpty = text.replace(
    / \(\{(systemCode|status)\}\)/g,
    (bracket, name: "systemCode" | "status") => details[name] === undefined ? "" : bracket,
  );
  return withoutEmpty.replace(/\{(\w+)\}/g, (placeholder, name: string, offset: number) => {
    if (!isDetail(name)) return placeholder;
    return details[name] ?? (offset === 0 ? capitalize(GENERAL[name]) : GENERAL[name]);
  });
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function isDetail(name: string): name is keyof typeof GENERAL {
  return Object.hasOwn(GENERAL, name);
}

const MS_PER_MINUTE = 60_000;

function detailsOf(facts: ErrorFacts): FailureDetails {
  const { host, proxy, status, clockSkewMs, systemCodes } = facts;
  const { hostname, port } = splitHost(host);
  const shownStatus = proxy?.status ?? status;
  return {
    host,
    hostname,
    port,
    systemCode: systemCodes[0],
    status: shownStatus === undefined ? undefined : `status ${shownStatus}`,
    proxy: proxy?.host,
    proxyVariable: proxy?.variable,
    cluster: quoted(facts.cluster),
    profile: facts.profile,
    permission: facts.permission,
    skew: clockSkewMs === undefined ? undefined : describeSkew(clockSkewMs),
    trust: "Deno" in globalThis ? "DENO_CERT" : "NODE_EXTRA_CA_CERTS",
  };
}

function describeSkew(clockSkewMs: number): string {
  const minutes = Math.round(Math.abs(clockSkewMs) / MS_PER_MINUTE);
  return `is ${minutes} min ${clockSkewMs > 0 ? "behind" : "ahead of"} AWS's`;
}

function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `"${text}"`;
}
