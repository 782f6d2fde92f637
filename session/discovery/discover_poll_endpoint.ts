/**
 * ECS API's DiscoverPollEndpoint: where this container instance finds ACS.
 *
 * @module
 */

import { ConnectError, type ConnectPhase } from "../../errors.ts";
import { BoundedBody } from "../../internal/bounded_body.ts";
import { oneLine } from "../../internal/one_line.ts";
import { redirectOrigin } from "../../internal/redirect_origin.ts";
import { isError, safeGet, safeText } from "../../internal/safe_get.ts";
import { systemCodeOf } from "../../internal/system_code.ts";
import { abortable, timeLimit } from "../../internal/time_limit.ts";
import {
  type DiscoverPollEndpointOutput,
  type DiscoverPollEndpointRequest,
  ECS_TARGET_PREFIX,
} from "../../protocol/discover_poll_endpoint.ts";
import { InvalidEndpointError } from "../../wsclient/acs_url.ts";
import { isLoopback } from "../../wsclient/loopback.ts";
import { permissionError } from "../../wsclient/permission_error.ts";
import { redactError } from "../../wsclient/redact_error.ts";
import { type ClockSkew, clockSkewOf, parseDateHeader } from "../../wsclient/signing/clock_skew.ts";
import type { CredentialSource } from "../../wsclient/signing/credential_source.ts";
import { signatureOf, signRequest } from "../../wsclient/signing/sign.ts";
import { denoErrorCode } from "../../wsclient/transports/deno_error.ts";
import { proxyUse } from "../../wsclient/transports/proxy_use.ts";
import type { DiscoverPollEndpointAnswer } from "./discover_poll_endpoint_error.ts";
import { explainErrorAnswer } from "./explain_error_answer.ts";
import { parseAnswer } from "./parse_answer.ts";

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

const TARGET = `${ECS_TARGET_PREFIX}DiscoverPollEndpoint`;

/** An answer is a few hundred bytes; a larger one is not from ECS. */
const MAX_ANSWER_BYTES = 65_536;

/** Maximum length of a quoted name, such as a content type, in characters. */
const MAX_NAME_LENGTH = 100;

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
  // Undefined until the headers arrive, since `fetch` does not report earlier phases.
  let phase: ConnectPhase | undefined;
  const onHeaders = () => {
    phase = "upgrade";
  };
  const limit = timeLimit(
    input.discoverTimeoutMs,
    () =>
      new ConnectError(
        `${host} did not respond to DiscoverPollEndpoint within ${input.discoverTimeoutMs} ms`,
        { host, systemCode: "ETIMEDOUT", phase, proxy: proxyUse(input.ecsEndpoint) },
      ),
    options.signal,
  );
  try {
    return await abortable(call(input, host, { signal: limit.signal, onHeaders }), limit.signal);
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
  { signal, onHeaders }: { readonly signal: AbortSignal; readonly onHeaders: () => void },
): Promise<DiscoverPollEndpointOutput> {
  const { ecsEndpoint, region, clockSkew } = input;
  const credentials = await input.credentials.get({
    signal,
    timeoutMs: input.credentialsTimeoutMs,
  });
  const { containerInstanceArn: containerInstance, cluster, zoneId } = input;
  const content: DiscoverPollEndpointRequest = { containerInstance, cluster, zoneId };
  const body = JSON.stringify(content);
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
  const { response, text } = await send(input, request, { secrets, onHeaders });
  const from: DiscoverPollEndpointAnswer = {
    host,
    status: response.status,
    clockSkewMs: clockSkewOf(parseDateHeader(response.headers.get("date"))),
    contentType: contentTypeOf(response),
    redirectsTo: redirectOrigin(ecsEndpoint, response.headers.get("location")),
  };
  if (response.status === 200) {
    const output = parseAnswer(text, from);
    refuseInsecure(output.endpoint, input);
    return output;
  }
  const errorType = response.headers.get("x-amzn-errortype") ?? "";
  throw explainErrorAnswer({ text, errorType, from, secrets, cluster: input.cluster }, clockSkew);
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
    `DiscoverPollEndpoint returned an endpoint that is not encrypted, http://${url.host}, though it was` +
      " called over https: credentials are not sent there; if that is intended, set the option" +
      " allowInsecureEndpoint",
  );
}

async function send(
  input: DiscoverPollEndpointInput,
  init: RequestInit,
  { secrets, onHeaders }: { readonly secrets: readonly string[]; readonly onHeaders: () => void },
): Promise<{ response: Response; text: string }> {
  try {
    const response = await input.fetch(input.ecsEndpoint, init);
    onHeaders();
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
