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
import { isLoopback, splitHost } from "./host_parts.ts";
import { regionOfHost, suggestRegion } from "./regions.ts";

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
  skew: "more than 5 minutes",
  trust: "NODE_EXTRA_CA_CERTS=ca.pem (Node.js) or DENO_CERT=ca.pem (Deno)",
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
  const fix = specialFix(code, facts);
  return fix === undefined ? help : { ...help, fix };
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
    skew: clockSkewMs === undefined
      ? undefined
      : `${Math.round(Math.abs(clockSkewMs) / MS_PER_MINUTE)} min`,
    trust: "Deno" in globalThis ? "DENO_CERT=ca.pem" : "NODE_EXTRA_CA_CERTS=ca.pem",
  };
}

function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `"${text}"`;
}

/** A remedy that fits better than the catalogue's general one. */
function specialFix(code: FailureCode, facts: ErrorFacts): string | undefined {
  const { hostname = "", port } = splitHost(facts.host);
  switch (code) {
    case "ACS-N01": {
      const region = regionOfHost(hostname);
      const meant = region === undefined ? undefined : suggestRegion(region);
      if (meant !== undefined) {
        return `Check the region: did you mean ${meant} instead of ${region}?`;
      }
      if (!facts.systemCodes.includes("EAI_AGAIN")) return undefined;
      return `Check that the DNS server answers (/etc/resolv.conf): dig ${hostname}.`;
    }
    case "ACS-N02":
      if (!isLoopback(facts.host) || port === undefined) return undefined;
      return `If the emulator should be running there, start it: acs emulate --port ${port}.`;
    case "ACS-N03":
      // Not every runtime reports how far the attempt got.
      if (!facts.proxy?.isUsed || facts.phase !== undefined) return undefined;
      return `Check that the proxy ${facts.proxy.host} answers, and that it can reach ${facts.host}.`;
    case "ACS-A05":
      if (facts.cluster !== "default") return undefined;
      return 'Set the cluster\'s name (--cluster, ECS_CLUSTER or the option cluster): "default" is' +
        " what is sent if none is set.";
    default:
      return undefined;
  }
}
