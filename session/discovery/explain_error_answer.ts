/**
 * Explains an error that was returned for DiscoverPollEndpoint.
 *
 * @module
 */

import { parseJsonObject } from "../../internal/json.ts";
import { oneLine } from "../../internal/one_line.ts";
import { createRedactor } from "../../internal/redaction/redact.ts";
import { isProxyLogin, redactBody } from "../../internal/redaction/redact_body.ts";
import { isAwsExceptionName } from "../../protocol/exceptions.ts";
import { ServiceException } from "../../wsclient/service_exception.ts";
import { type ClockSkew, describeClockSkew } from "../../wsclient/signing/clock_skew.ts";
import {
  type DiscoverPollEndpointAnswer,
  DiscoverPollEndpointError,
} from "./discover_poll_endpoint_error.ts";

/**
 * Maximum lengths, in characters, of the parts of an error that are quoted: its name, its text, an
 * unknown body.
 */
const MAX_NAME_LENGTH = 100;
const MAX_TEXT_LENGTH = 1000;
const MAX_BODY_START_LENGTH = 200;

/** An error answer. ECS itself quotes the session token if a signature is wrong. */
export interface ErrorAnswer {
  /** The body. */
  readonly text: string;
  /** The header `X-Amzn-Errortype`, or an empty string. */
  readonly errorType: string;
  /** The sender and the status. */
  readonly from: DiscoverPollEndpointAnswer;
  /** Secrets that must not be reported. */
  readonly secrets: readonly string[];
  /** The cluster that was sent. */
  readonly cluster: string;
}

/**
 * Explains an error answer.
 *
 * @returns A {@linkcode ServiceException} if it names an exception, otherwise a
 * {@linkcode DiscoverPollEndpointError}.
 */
export function explainErrorAnswer(
  { text, errorType, from, secrets, cluster }: ErrorAnswer,
  clockSkew: ClockSkew,
): Error {
  const { host, status, clockSkewMs } = from;
  const redact = createRedactor(secrets);
  const answer = isProxyLogin(status) ? undefined : parseJsonObject(text);
  const name = [answer?.["__type"], errorType].map(errorName)
    .find((name) => name !== "" && redact(name) === name) ?? "";
  if (name === "") {
    const start = oneLine(redactBody(status, text, secrets), MAX_BODY_START_LENGTH);
    const what = `${host} answered DiscoverPollEndpoint with status ${status}`;
    const skew = describeClockSkew(clockSkewMs, "the peer's");
    const description = start === "" ? what : `${what}: ${start}`;
    return new DiscoverPollEndpointError(
      "status",
      skew === "" ? description : `${description}; ${skew}`,
      from,
    );
  }
  const message = answer?.["message"] ?? answer?.["Message"];
  const serviceMessage = typeof message === "string"
    ? oneLine(redact(message), MAX_TEXT_LENGTH)
    : "";
  const { corrects, words } = isAwsExceptionName(name)
    ? clockSkew.assess(clockSkewMs)
    : { corrects: false, words: describeClockSkew(clockSkewMs, "the peer's") };
  const retryable = corrects || isTransient(status, name);
  return new ServiceException(name, serviceMessage, {
    ...from,
    cluster,
    clockWords: words,
    retryable,
  });
}

/** Whether the same call can succeed later: server errors, throttling, rotated keys. */
function isTransient(status: number, name: string): boolean {
  return status >= 500 || status === 429 ||
    /Throttl|TooManyRequests|LimitExceeded|Expired/.test(name);
}

/** An error's name, without the namespace before it or the URL after it; empty if there is none. */
function errorName(type: unknown): string {
  if (typeof type !== "string") return "";
  return oneLine(type.replace(/[,:].*$/s, "").replace(/^.*#/s, ""), MAX_NAME_LENGTH);
}
