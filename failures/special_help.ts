/**
 * Causes and remedies that are more specific to an error than the catalogue's.
 *
 * @module
 */

import type { ErrorFacts } from "./error_facts.ts";
import { oneLine } from "../internal/one_line.ts";
import type { FailureCode } from "./failure_code.ts";
import { isLoopback, splitHost } from "./host_parts.ts";
import { regionOfHost, suggestRegion } from "./regions.ts";

/** Replacements for the catalogue's texts. */
export interface SpecialHelp {
  /** What happened, in one sentence. */
  readonly cause?: string | undefined;
  /** The one thing to do, in one sentence. */
  readonly fix?: string | undefined;
}

/** Maximum length of a quoted error, in characters. */
const MAX_QUOTED_LENGTH = 200;

/** The default port of `https:`. In an `http:` URL, it suggests that the scheme is wrong. */
const HTTPS_PORT = "443";

/**
 * Finds a more specific cause and remedy.
 *
 * @param code The failure.
 * @param facts The facts in the error.
 */
export function specialHelp(code: FailureCode, facts: ErrorFacts): SpecialHelp {
  switch (code) {
    case "ACS-C01":
    case "ACS-C02":
    case "ACS-C05":
    case "ACS-C06":
    case "ACS-C08":
      return ofCredentials(facts);
    case "ACS-C03":
      if (facts.profile === undefined) return {};
      return { fix: `Sign in again: aws sso login --profile ${facts.profile}.` };
    case "ACS-C07":
      return ofFailedSource(facts);
    case "ACS-N01":
      return ofName(facts);
    case "ACS-N02":
      return ofRefusedConnection(facts);
    case "ACS-N03":
      return ofSilence(facts);
    case "ACS-N04":
      return ofPlainHttp(facts);
    case "ACS-N07":
      return ofInvalidFrame(facts);
    case "ACS-P05":
      return ofRedirect(facts) ?? ofPlainHttp(facts);
    case "ACS-P01":
      return ofInvalidProxy(facts);
    case "ACS-P02":
      return ofBrokenProxy(facts);
    case "ACS-P03":
      return ofProxyStatus(facts);
    case "ACS-T04":
      return ofMissingTls(facts);
    case "ACS-A04":
      return ofDenial(facts);
    case "ACS-A05":
      if (facts.cluster !== "default") return {};
      return {
        fix:
          "Set the name of the cluster (--cluster, ECS_CLUSTER or the option cluster): without one," +
          ' "default" is sent.',
      };
    case "ACS-A08":
      return ofRegion(facts);
    case "ACS-A11":
      return ofInvalidRequest(facts);
    case "ACS-A12":
      return ofEndpoint(facts);
    default:
      return {};
  }
}

/** The CLI knows where it searched for keys, and its error describes that. */
function ofCredentials({ fix, messages: [message = ""] }: ErrorFacts): SpecialHelp {
  if (fix === undefined) return {};
  return { cause: sentence(message), fix };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Quotes the innermost error, which is the most specific one. */
function ofFailedSource({ messages }: ErrorFacts): SpecialHelp {
  const text = oneLine(messages.at(-1) ?? "", MAX_QUOTED_LENGTH);
  if (text === "") return {};
  return {
    cause: messages.length === 1
      ? sentence(text)
      : `The source of the credentials failed: ${text}.`,
  };
}

/** The response of nginx and others to plain HTTP on a TLS port. */
const WANTS_TLS = /plain HTTP request was sent to HTTPS port/i;

function ofPlainHttp({ host, messages }: ErrorFacts): SpecialHelp {
  const { port } = splitHost(host);
  const wantsTls = port === HTTPS_PORT || messages.some((message) => WANTS_TLS.test(message));
  if (!wantsTls) return {};
  return {
    cause: `${host} expects TLS, and the endpoint's URL starts with http://.`,
    fix: "Use https:// in the endpoint's URL.",
  };
}

/** AWS always uses TLS, so that the catalogue's advice to use http:// would be wrong. */
function ofMissingTls({ host }: ErrorFacts): SpecialHelp {
  const { hostname = "" } = splitHost(host);
  if (regionOfHost(hostname) === undefined) return {};
  return {
    cause: `${host} responded without TLS, so it is not AWS, but another server or a proxy.`,
    fix: `Check which address the name resolves to (dig ${hostname}), and for proxies in between.`,
  };
}

/** A captive portal or a company's login page. */
function ofRedirect({ host, status, redirectsTo }: ErrorFacts): SpecialHelp | undefined {
  if (redirectsTo === undefined || status === undefined || status < 300 || status > 399) return;
  return {
    cause: `${host} redirects to ${redirectsTo} (status ${status}), which AWS does not do.`,
    fix: `Open ${redirectsTo}/ from this machine: if it is a login page, log in there.`,
  };
}

/** Error texts of WebSocket libraries, which have no error codes, and what they mean. */
const INVALID_FRAMES: readonly (readonly [RegExp, string])[] = [
  [/reserved bits|\bRSV/i, "reserved bits are set"],
  [/utf-?8/i, "text that is not UTF-8"],
  [/opcode/i, "a frame type that does not exist"],
  [/too large|max payload/i, "the frame is invalid or too large"],
  [/\bMASK/i, "a masked frame"],
  [/control frame|fragment|continuation/i, "an invalid sequence of frames"],
  [/payload length|invalid close|status code/i, "an invalid length or close code"],
];

function ofInvalidFrame({ host, messages }: ErrorFacts): SpecialHelp {
  // Errors of the upgrade can have similar texts.
  if (!messages.some((message) => message.startsWith("lost the connection to"))) return {};
  const text = messages.join(" ");
  const found = INVALID_FRAMES.find(([words]) => words.test(text));
  if (host === undefined || found === undefined) return {};
  return {
    cause: `${host} sent data that is not valid WebSocket: ${found[1]}.`,
    fix: `Find the proxy or load balancer in front of ${host} that alters the data.`,
  };
}

function ofName({ host, systemCodes }: ErrorFacts): SpecialHelp {
  const { hostname = "" } = splitHost(host);
  const region = regionOfHost(hostname);
  const meant = region === undefined ? undefined : suggestRegion(region);
  if (meant !== undefined) {
    return { fix: `Check the region: did you mean ${meant} instead of ${region}?` };
  }
  if (!systemCodes.includes("EAI_AGAIN")) return {};
  return {
    cause: `The DNS server does not respond, or cannot currently resolve ${hostname} (EAI_AGAIN).`,
    fix: `Check the DNS server in /etc/resolv.conf: dig ${hostname}.`,
  };
}

function ofRefusedConnection({ host }: ErrorFacts): SpecialHelp {
  const { hostname = "", port } = splitHost(host);
  if (isLoopback(host) && port !== undefined) {
    return {
      fix:
        `If the emulator should be running there, start it: npx @acs/session emulate --port ${port}.`,
    };
  }
  if (regionOfHost(hostname) === undefined) return {};
  return {
    cause: `${host} refused the connection: a firewall rejects it, or the DNS entry is wrong.`,
    fix: `Check the firewall, and the address that the name resolves to: dig ${hostname}.`,
  };
}

function ofSilence({ host, phase, proxy, messages }: ErrorFacts): SpecialHelp {
  switch (phase) {
    case "tls":
      return {
        cause: `${host} accepts connections, but does not respond to the TLS handshake.`,
        fix: `Check for a firewall or proxy that inspects TLS between this machine and ${host}.`,
      };
    case "upgrade":
      return {
        cause: `${host} accepts connections, but does not send a complete response.`,
        fix: `Check for a proxy or firewall that holds back the response of ${host}.`,
      };
    case undefined:
      // Not every runtime reports the phase of the attempt.
      if (proxy?.isUsed) {
        return {
          fix: `Check that the proxy ${proxy.host} responds, and that it can reach ${host}.`,
        };
      }
      // A timeout of the operating system, which is in the causes, can only come from TCP.
      return messages.length > 1 || host === undefined ? {} : ofUnknownSilence(host);
    default:
      return {};
  }
}

function ofUnknownSilence(host: string): SpecialHelp {
  const { port = HTTPS_PORT } = splitHost(host);
  return {
    cause: `${host} did not respond in time: a firewall drops packets, or the host hangs.`,
    fix:
      `Find out which: npx @acs/session doctor; if TCP fails, allow outbound TCP to port ${port}.`,
  };
}

/** Deno ignores a variable that is not a URL. */
function ofInvalidProxy({ proxy, host = "the host" }: ErrorFacts): SpecialHelp {
  if (proxy?.host !== "") return {};
  const { variable = "The variable" } = proxy;
  return {
    cause: `${variable} is not a valid URL, so it is ignored, and ${host} cannot be reached ` +
      "directly.",
    fix: proxyUrlFix(variable),
  };
}

/**
 * The remedy for a proxy variable that is not a URL.
 *
 * @param variable The variable's name.
 */
export function proxyUrlFix(variable: string): string {
  return `Set ${variable} to the URL of the proxy, such as http://proxy.example.com:3128.`;
}

/** A server listens on the proxy's address, but does not behave like a proxy. */
function ofBrokenProxy({ proxy, systemCodes }: ErrorFacts): SpecialHelp {
  if (proxy === undefined || !systemCodes.includes("ECONNRESET")) return {};
  const { host, variable = "the environment" } = proxy;
  return {
    cause: `The proxy ${host} (from ${variable}) ends the connection: it may not be an HTTP proxy.`,
    fix: `Check the host and the port of the proxy in ${variable}.`,
  };
}

/** A status such as 502 means that the proxy accepted the request, but could not connect. */
function ofProxyStatus({ host, proxy }: ErrorFacts): SpecialHelp {
  if (proxy?.status === undefined || proxy.status < 500) return {};
  return {
    cause: `The proxy ${proxy.host} cannot reach ${host} (status ${proxy.status}).`,
    fix: `Check on the proxy that it can resolve and reach ${host}, or add it to NO_PROXY.`,
  };
}

function ofDenial({ serviceMessage = "" }: ErrorFacts): SpecialHelp {
  const [, user, action] =
    /^User: (\S+) is not authorized to perform: (\S+)/.exec(serviceMessage) ??
      [];
  return user === undefined ? {} : { cause: `${user} is not allowed to call ${action}.` };
}

function ofRegion({ host }: ErrorFacts): SpecialHelp {
  const region = regionOfHost(splitHost(host).hostname ?? "");
  if (region === undefined) return {};
  return { fix: `Set the region to ${region}, or correct the endpoint: ${host} is in ${region}.` };
}

function ofInvalidRequest({ names: [name], serviceMessage = "" }: ErrorFacts): SpecialHelp {
  if (serviceMessage === "") return {};
  return { cause: `${name}: ${oneLine(serviceMessage, MAX_QUOTED_LENGTH)}` };
}

function ofEndpoint({ kind }: ErrorFacts): SpecialHelp {
  return kind === "insecure"
    ? {
      cause: "ECS was called over https:, and returned an endpoint for ACS without TLS (http:).",
      fix: "If that is intended, as in a test, allow it: --allow-insecure-endpoint or the option" +
        " allowInsecureEndpoint.",
    }
    : { cause: "ECS returned an endpoint for ACS that is not an http: or https: URL." };
}
