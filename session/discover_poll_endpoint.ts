/**
 * The ECS API's DiscoverPollEndpoint: where this container instance finds ACS.
 *
 * @module
 */

import { type ClockSkew, describeClockSkew, parseDateHeader } from "../wsclient/clock_skew.ts";
import { type AwsCredentialIdentityProvider, resolveCredentials } from "../wsclient/credentials.ts";
import { AcsError, ConnectError } from "../wsclient/errors.ts";
import { redactEcho } from "../wsclient/secrets.ts";
import { ServiceException } from "../wsclient/service_exception.ts";
import { signatureOf, signRequest } from "../wsclient/sign.ts";
import { abortable, timeLimit } from "../wsclient/time_limit.ts";

/** What ECS answers. */
export interface DiscoverPollEndpointOutput {
  /** Where to open the session, an `http:` or `https:` URL. */
  readonly endpoint: string;
  /** Where to send metrics. */
  readonly telemetryEndpoint?: string;
  /** Where Service Connect finds its configuration. */
  readonly serviceConnectEndpoint?: string;
  /** Where to send system logs. */
  readonly systemLogsEndpoint?: string;
}

/** What the call needs. */
export interface DiscoverPollEndpointInput {
  /** The URL of the ECS API. */
  readonly ecsEndpoint: string;
  /** The region of the signature. */
  readonly region: string;
  /** The cluster's name or ARN. */
  readonly cluster: string;
  /** The container instance's ARN. */
  readonly containerInstanceArn: string;
  /** The keys of the signature. */
  readonly credentials: AwsCredentialIdentityProvider;
  /** Longest wait for the credentials function, in ms. */
  readonly credentialsTimeoutMs: number;
  /** Longest time for the whole call, in ms. */
  readonly discoverTimeoutMs: number;
  /** Tells the time to sign with. */
  readonly clockSkew: ClockSkew;
  /** Sends the request. */
  readonly fetch: typeof fetch;
}

/** The call failed, or its answer makes no sense. */
export class DiscoverPollEndpointError extends AcsError {
  /** Always `"DiscoverPollEndpointError"`. */
  override readonly name = "DiscoverPollEndpointError";
}

const TARGET = "AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint";

/** An answer is a few hundred bytes; more than this is not from ECS. */
const MAX_ANSWER_LENGTH = 65_536;

/**
 * Calls DiscoverPollEndpoint once.
 *
 * @param input What the call needs.
 * @param options `signal` cancels it.
 * @returns The answer, with an `endpoint`.
 * @throws {ServiceException} If ECS answered with an error.
 * @throws {ConnectError} If ECS could not be reached, or not in time.
 * @throws {CredentialsError} If there are no credentials to sign with.
 * @throws {DiscoverPollEndpointError} If the answer has no endpoint or is not from ECS.
 * @throws The signal's reason, if it aborts first.
 */
export async function discoverPollEndpoint(
  input: DiscoverPollEndpointInput,
  options: { signal?: AbortSignal } = {},
): Promise<DiscoverPollEndpointOutput> {
  const { host } = new URL(input.ecsEndpoint);
  const limit = timeLimit(
    input.discoverTimeoutMs,
    () =>
      new ConnectError(
        `${host} did not answer DiscoverPollEndpoint in ${input.discoverTimeoutMs} ms`,
        {
          code: "ETIMEDOUT",
        },
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
  const credentials = await resolveCredentials(input.credentials, {
    signal,
    timeoutMs: input.credentialsTimeoutMs,
  });
  const body = JSON.stringify({
    containerInstance: input.containerInstanceArn,
    cluster: input.cluster,
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
  const response = await send(input, { method: "POST", headers, body, redirect: "manual", signal });
  const text = await boundedText(response);
  if (response.status === 200) return parseAnswer(text, host);
  const secrets = [
    credentials.secretAccessKey,
    credentials.sessionToken ?? "",
    headers["authorization"] ?? "",
    signatureOf(headers) ?? "",
  ];
  throw explainError(response, redactEcho(text, secrets), host);
}

async function send(input: DiscoverPollEndpointInput, init: RequestInit): Promise<Response> {
  try {
    return await input.fetch(input.ecsEndpoint, init);
  } catch (error) {
    const { host } = new URL(input.ecsEndpoint);
    const code = errorCode(error);
    throw new ConnectError(
      `Cannot reach ${host} for DiscoverPollEndpoint${code === undefined ? "" : ` (${code})`}`,
      { cause: error, ...(code === undefined ? {} : { code }) },
    );
  }
}

/** The system's name for what failed, which runtimes put on the error or on its cause. */
function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return errorCode(error.cause);
}

async function boundedText(response: Response): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  // Leaving the loop early cancels the body.
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER_LENGTH) break;
  }
  return text;
}

function parseAnswer(text: string, host: string): DiscoverPollEndpointOutput {
  const answer = parseObject(text);
  if (answer === undefined) {
    throw new DiscoverPollEndpointError(
      `${host} answered DiscoverPollEndpoint with no JSON object`,
    );
  }
  const { endpoint, telemetryEndpoint, serviceConnectEndpoint, systemLogsEndpoint } = answer;
  if (typeof endpoint !== "string" || endpoint === "") {
    throw new DiscoverPollEndpointError(
      `${host} answered DiscoverPollEndpoint without an endpoint`,
    );
  }
  return {
    endpoint,
    ...(typeof telemetryEndpoint === "string" ? { telemetryEndpoint } : {}),
    ...(typeof serviceConnectEndpoint === "string" ? { serviceConnectEndpoint } : {}),
    ...(typeof systemLogsEndpoint === "string" ? { systemLogsEndpoint } : {}),
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    // Said by the caller, who knows what the text was to be.
    return undefined;
  }
}

function explainError(response: Response, text: string, host: string): Error {
  const serverDate = parseDateHeader(response.headers.get("date"));
  const clockSkewMs = serverDate === undefined ? undefined : serverDate - Date.now();
  const answer = parseObject(text);
  const type = answer?.["__type"] ?? response.headers.get("x-amzn-errortype");
  if (typeof type !== "string" || type === "") {
    const start = text.slice(0, 200).replace(/[\p{Cc}\s]+/gu, " ");
    const what = `${host} answered DiscoverPollEndpoint with status ${response.status}: ${start}`;
    const skew = describeClockSkew(clockSkewMs);
    return new DiscoverPollEndpointError(skew === "" ? what : `${what}; ${skew}`);
  }
  const name = type.replace(/^.*#/, "").replace(/:.*$/, "").slice(0, 100);
  const message = answer?.["message"] ?? answer?.["Message"];
  const serviceMessage = typeof message === "string" ? message : "";
  return new ServiceException(name, serviceMessage, { host, status: response.status, clockSkewMs });
}
