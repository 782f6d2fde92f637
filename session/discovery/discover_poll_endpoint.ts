/**
 * ECS API's DiscoverPollEndpoint: where this container instance finds ACS.
 *
 * @module
 */

import {
  type ClockSkew,
  clockSkewOf,
  describeClockSkew,
  parseDateHeader,
} from "../../wsclient/signing/clock_skew.ts";
import type { CredentialSource } from "../../wsclient/signing/credential_source.ts";
import { InvalidEndpointError, parseEndpoint } from "../../wsclient/acs_url.ts";
import { systemCodeOf } from "../../internal/system_code.ts";
import { isError, safeGet, safeText } from "../../internal/safe_get.ts";
import { redactError } from "../../wsclient/redact_error.ts";
import { AcsError, ConnectError } from "../../errors.ts";
import { isLoopback } from "../../wsclient/loopback.ts";
import { oneLine } from "../../internal/one_line.ts";
import { createRedactor } from "../../internal/redaction/redact.ts";
import { isProxyLogin, redactBody } from "../../internal/redaction/redact_body.ts";
import { isAwsExceptionName, ServiceException } from "../../wsclient/service_exception.ts";
import { signatureOf, signRequest } from "../../wsclient/signing/sign.ts";
import { permissionError } from "../../wsclient/permission_error.ts";
import { proxyUse } from "../../wsclient/transports/proxy_use.ts";
import { abortable, timeLimit } from "../../internal/time_limit.ts";
import { denoErrorCode } from "../../wsclient/transports/deno_error.ts";
import { BoundedBody } from "../../internal/bounded_body.ts";
import { isJsonObject } from "../../protocol/find_problem.ts";

/** The answer of ECS. */
export interface DiscoverPollEndpointOutput {
  /** Where to open the session, an `http:` or `https:` URL. */
  readonly endpoint: string;
  /** Where to send metrics. A URL with any scheme: the session itself does not use it. */
  readonly telemetryEndpoint?: string;
  /** Where Service Connect finds its configuration. A URL with any scheme. */
  readonly serviceConnectEndpoint?: string;
  /** Where to send system logs; only if a `zoneId` was sent. A URL with any scheme. */
  readonly systemLogsEndpoint?: string;
}

/** Input of the call. */
export interface DiscoverPollEndpointInput {
  /** The URL of the ECS API. */
  readonly ecsEndpoint: string;
  /** The region for the signature. */
  readonly region: string;
  /** The cluster's name or ARN. */
  readonly cluster: string;
  /** The container instance's ARN. */
  readonly containerInstanceArn: string;
  /** The id of the Availability Zone, or an empty string. */
  readonly zoneId: string;
  /** Whether an `http:` endpoint is accepted from an ECS API that was called over `https:`. */
  readonly allowInsecureEndpoint: boolean;
  /** Provides the keys for the signature. */
  readonly credentials: CredentialSource;
  /** Maximum time to wait for the credentials function, in ms. */
  readonly credentialsTimeoutMs: number;
  /** Maximum time for the whole call, in ms. */
  readonly discoverTimeoutMs: number;
  /** Provides the time to sign with. */
  readonly clockSkew: ClockSkew;
  /** Sends the request. */
  readonly fetch: typeof fetch;
}

/** What a {@linkcode DiscoverPollEndpointError} says of the answer. */
export interface DiscoverPollEndpointAnswer {
  /** The host that answered. */
  readonly host: string;
  /** The HTTP status. */
  readonly status: number;
  /** How far the peer's clock is ahead of the local one, in ms; `undefined` if not known. */
  readonly clockSkewMs?: number | undefined;
  /** The answer's content type; `undefined` if it has none. */
  readonly contentType?: string | undefined;
}

/** What is wrong with an answer: its status, its body, or that it lacks an endpoint. */
export type DiscoverPollEndpointErrorKind = "status" | "not-json" | "no-endpoint";

/**
 * The call was answered, but not by ECS: a proxy, a load balancer or another service answered, or
 * the answer has no endpoint.
 */
export class DiscoverPollEndpointError extends AcsError {
  /** Always `"DiscoverPollEndpointError"`. */
  override readonly name = "DiscoverPollEndpointError";
  /** What is wrong with the answer. */
  readonly kind: DiscoverPollEndpointErrorKind;
  /** The host that answered. */
  readonly host: string;
  /** The HTTP status. */
  readonly status: number;
  /** How far the peer's clock is ahead of the local one, in ms; `undefined` if not known. */
  readonly clockSkewMs: number | undefined;
  /** The answer's content type; `undefined` if it has none. */
  readonly contentType: string | undefined;

  /**
   * Creates the error.
   *
   * @param kind What is wrong with the answer.
   * @param message The same as text, and who answered; must contain no secret.
   * @param answer Who answered, and how.
   */
  constructor(
    kind: DiscoverPollEndpointErrorKind,
    message: string,
    answer: DiscoverPollEndpointAnswer,
  ) {
    super(message);
    this.kind = kind;
    this.host = answer.host;
    this.status = answer.status;
    this.clockSkewMs = answer.clockSkewMs;
    this.contentType = answer.contentType;
  }
}

const TARGET = "AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint";

/** An answer is a few hundred bytes; a larger one is not from ECS. */
const MAX_ANSWER_BYTES = 65_536;

/**
 * Maximum lengths, in characters, of the parts of an error that are quoted: its name, its text, an
 * unknown body.
 */
const MAX_NAME_LENGTH = 100;
const MAX_TEXT_LENGTH = 1000;
const MAX_BODY_START_LENGTH = 200;

/**
 * Calls DiscoverPollEndpoint once.
 *
 * @param input Input of the call.
 * @param options `signal` cancels it.
 * @returns The answer, with an `endpoint`.
 * @throws {ServiceException} If ECS answered with an error.
 * @throws {ConnectError} If ECS could not be reached, or not in time.
 * @throws {CredentialsError} If there are no credentials to sign with.
 * @throws {DiscoverPollEndpointError} If the answer has no endpoint or is not from ECS.
 * @throws {InvalidEndpointError} If the endpoint is not an `http:` or `https:` URL, or must not be
 * used since it is not encrypted.
 * @throws The signal's reason, if it aborts first.
 */
export async function discoverPollEndpoint(
  input: DiscoverPollEndpointInput,
  options: { signal?: AbortSignal } = {},
): Promise<DiscoverPollEndpointOutput> {
  options.signal?.throwIfAborted();
  const { host } = new URL(input.ecsEndpoint);
  const limit = timeLimit(
    input.discoverTimeoutMs,
    () =>
      new ConnectError(
        `${host} did not answer DiscoverPollEndpoint in ${input.discoverTimeoutMs} ms`,
        { host, systemCode: "ETIMEDOUT", proxy: proxyUse(input.ecsEndpoint) },
      ),
    options.signal,
  );
  try {
    return await abortable(call(input, host, limit.signal), limit.signal);
  } catch (error) {
    if (limit.signal.aborted) throw limit.signal.reason;
    throw error;
  } finally {
    limit.clear();
  }
}

async function call(
  input: DiscoverPollEndpointInput,
  host: string,
  signal: AbortSignal,
): Promise<DiscoverPollEndpointOutput> {
  const { ecsEndpoint, region, clockSkew } = input;
  const credentials = await input.credentials.get({
    signal,
    timeoutMs: input.credentialsTimeoutMs,
  });
  const body = JSON.stringify({
    containerInstance: input.containerInstanceArn,
    cluster: input.cluster,
    zoneId: input.zoneId,
  });
  const headers = await signRequest({
    method: "POST",
    url: ecsEndpoint,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": TARGET },
    body,
    region,
    credentials,
    timeMs: clockSkew.now(),
  });
  signal.throwIfAborted();
  const request: RequestInit = { method: "POST", headers, body, redirect: "manual", signal };
  const secrets = [
    credentials.secretAccessKey,
    credentials.sessionToken,
    headers["authorization"],
    signatureOf(headers),
  ].filter((secret) => secret !== undefined);
  const { response, text } = await send(input, request, secrets);
  const from: DiscoverPollEndpointAnswer = {
    host,
    status: response.status,
    clockSkewMs: clockSkewOf(parseDateHeader(response.headers.get("date"))),
    contentType: contentTypeOf(response),
  };
  if (response.status === 200) {
    const output = parseAnswer(text, from);
    refuseInsecure(output.endpoint, input);
    return output;
  }
  const errorType = response.headers.get("x-amzn-errortype") ?? "";
  throw explainError({ text, errorType, from, secrets, cluster: input.cluster }, clockSkew);
}

/**
 * An answer that arrived encrypted must not make the session send its token and signature in
 * plaintext.
 */
function refuseInsecure(endpoint: string, input: DiscoverPollEndpointInput): void {
  if (input.allowInsecureEndpoint || !input.ecsEndpoint.startsWith("https:")) return;
  const url = new URL(endpoint);
  if (url.protocol === "https:" || isLoopback(url)) return;
  throw new InvalidEndpointError(
    "insecure",
    `DiscoverPollEndpoint gave an endpoint that is not encrypted, http://${url.host}, though it was` +
      " called over https: credentials are not sent there; if that is intended, set the option" +
      " allowInsecureEndpoint",
  );
}

async function send(
  input: DiscoverPollEndpointInput,
  init: RequestInit,
  secrets: readonly string[],
): Promise<{ response: Response; text: string }> {
  try {
    const response = await input.fetch(input.ecsEndpoint, init);
    return { response, text: await boundedText(response) };
  } catch (error) {
    const { host } = new URL(input.ecsEndpoint);
    const what = `Cannot reach ${host} for DiscoverPollEndpoint`;
    const cause = redactError(error, secrets);
    const denied = permissionError(what, host, error, cause);
    if (denied !== undefined) throw denied;
    const systemCode = errorCode(cause);
    throw new ConnectError(systemCode === undefined ? what : `${what} (${systemCode})`, {
      cause,
      host,
      systemCode,
      proxy: proxyUse(input.ecsEndpoint, cause),
    });
  }
}

/** Such as `text/html`, without parameters. */
function contentTypeOf({ headers }: Response): string | undefined {
  const [type = ""] = (headers.get("content-type") ?? "").split(";");
  return oneLine(type, MAX_NAME_LENGTH) || undefined;
}

/**
 * The system's name for the failure, which runtimes put on the error, its cause or into its text.
 */
function errorCode(error: unknown, depth = 0): string | undefined {
  if (!isError(error) || depth > 3) return undefined;
  const code = systemCodeOf(error);
  if (code !== undefined) return oneLine(code, MAX_NAME_LENGTH);
  return denoErrorCode(safeText(error, "message") ?? "") ??
    errorCode(safeGet(error, "cause"), depth + 1);
}

async function boundedText(response: Response): Promise<string> {
  // On Deno, reading by chunks leaves 15 KB in the allocator for each answer.
  if (isShort(response.headers)) return await response.text();
  const body = new BoundedBody(MAX_ANSWER_BYTES);
  // Leaving the loop early cancels the body.
  for await (const chunk of response.body ?? []) {
    if (!body.add(chunk)) break;
  }
  return body.text();
}

/** Whether the headers promise a short body; the runtime enforces that. */
function isShort(headers: Headers): boolean {
  const length = headers.get("content-length");
  // The length of a compressed body promises nothing.
  return length !== null && !headers.has("content-encoding") && Number(length) <= MAX_ANSWER_BYTES;
}

function parseAnswer(text: string, from: DiscoverPollEndpointAnswer): DiscoverPollEndpointOutput {
  const { host } = from;
  const answer = parseObject(text);
  if (answer === undefined) {
    const type = from.contentType === "text/html" ? " but an HTML page" : "";
    throw new DiscoverPollEndpointError(
      "not-json",
      `${host} answered DiscoverPollEndpoint with no JSON object${type}`,
      from,
    );
  }
  const { endpoint, telemetryEndpoint, serviceConnectEndpoint, systemLogsEndpoint } = answer;
  if (typeof endpoint !== "string" || endpoint === "") {
    throw new DiscoverPollEndpointError(
      "no-endpoint",
      `${host} answered DiscoverPollEndpoint without an endpoint`,
      from,
    );
  }
  return {
    endpoint: plainUrl(parseEndpoint(endpoint)),
    ...plainUrls({ telemetryEndpoint, serviceConnectEndpoint, systemLogsEndpoint }),
  };
}

/**
 * A URL as the parser writes it, which has no character that a terminal interprets, and without
 * user name, password, query and fragment: it goes into logs and events, and the query is the
 * session's own.
 */
function plainUrl(url: URL): string {
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  return url.href;
}

/** Keeps the fields that are valid URLs. */
function plainUrls<F extends string>(fields: Readonly<Record<F, unknown>>): { [N in F]?: string } {
  const urls: { [N in F]?: string } = {};
  for (const name in fields) {
    const given = fields[name];
    if (typeof given === "string" && URL.canParse(given)) {
      urls[name] = plainUrl(new URL(given));
    }
  }
  return urls;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Not JSON: the caller reports it.
    return undefined;
  }
}

/** An answer without an endpoint. ECS itself quotes the session token if a signature is wrong. */
interface ErrorAnswer {
  readonly text: string;
  readonly errorType: string;
  readonly from: DiscoverPollEndpointAnswer;
  /** Secrets that must not be reported. */
  readonly secrets: readonly string[];
  /** The cluster that was sent. */
  readonly cluster: string;
}

function explainError(
  { text, errorType, from, secrets, cluster }: ErrorAnswer,
  clockSkew: ClockSkew,
): Error {
  const { host, status, clockSkewMs } = from;
  const redact = createRedactor(secrets);
  const answer = isProxyLogin(status) ? undefined : parseObject(text);
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
