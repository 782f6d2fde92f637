/**
 * Requests to the ECS API: which operation, whether it is signed and well-formed, and its answer.
 *
 * @module
 */

import { ECS_TARGET_PREFIX } from "../../protocol/discover_poll_endpoint.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { toError } from "../../internal/redaction/describe_error.ts";
import { isJsonObject } from "../../internal/json.ts";
import { EcsApiError } from "../api/api_error.ts";
import type { AgentEndpoints } from "../api/api_operation.ts";
import type { ApiFault, DiscoverFault } from "../faults/fault.ts";
import { type Body, readBody } from "./body.ts";
import { requestedOperation, signedRequest, splitTarget } from "./requests.ts";
import {
  apiErrorBody,
  type ErrorResponse,
  injectedError,
  type Refusal,
  refusal,
  type ServiceError,
  unanswered,
} from "./service_error.ts";
import { checkSignature, type SignatureExpectations } from "./sigv4.ts";

const CONTENT_TYPE = "application/x-amz-json-1.1";

/** Maximum size of a body, in bytes. A task definition may have 64 KiB. */
const MAX_BODY_BYTES = 1_048_576;

/** The same for a DiscoverPollEndpoint. A real one has two ARNs. */
const MAX_DISCOVER_BYTES = 65_536;

/** The emulator, as a request uses it. */
export interface ApiRequestContext {
  /** Takes the fault for a call; the input is `undefined` if the body is not JSON. */
  readonly takeFault: (operation: string, input: unknown) => ApiFault | DiscoverFault | undefined;
  /** The values that signatures are checked against. */
  readonly expectations: () => SignatureExpectations;
  /** The endpoints for an agent that used this `Host`. */
  readonly endpoints: (host: string | undefined) => AgentEndpoints;
  /** The path at which the API is served in addition to `/`: that of the public URL. */
  readonly apiPath: string;
  /** Called for every call, before it is read. */
  readonly called: (operation: string) => void;
  /** Carries a call out, or throws an `EcsApiError`. */
  readonly answer: (operation: string, input: unknown, endpoints: AgentEndpoints) => object;
  /** Called when a call is refused or not answered. */
  readonly refused: (refusal: Refusal) => void;
  /** Resets the TCP stream beneath the socket. */
  readonly reset: (socket: Duplex) => void;
}

/** Answers one request to the ECS API. */
export async function answerApiRequest(
  request: IncomingMessage,
  response: ServerResponse,
  context: ApiRequestContext,
): Promise<void> {
  const operation = operationOf(request);
  context.called(operation);
  const body = await readBody(request, maxBytes(operation));
  if (body === "endless") return;
  const input = operation === "" ? undefined : parse(body);
  const fault = operation === "" ? undefined : context.takeFault(operation, input);
  const endpoints = endpointsFor(request, fault, context);
  const isCarriedOut = fault === undefined || fault.action === "endpoint" ||
    ("after" in fault && fault.after === "call");
  if (!isCarriedOut) return applyFault(fault, request.socket, response, context);

  const outcome = await outcomeOf({ request, operation, body, input, endpoints }, context);
  if (fault !== undefined && fault.action !== "endpoint") {
    return applyFault(fault, request.socket, response, context);
  }
  if (outcome instanceof EcsApiError) return refuse(response, outcome, undefined, context);
  respond(
    response,
    { status: 200, body: JSON.stringify(outcome), contentType: CONTENT_TYPE },
    context,
  );
}

/** The operation of the ECS API; empty if the request names none. */
function operationOf(request: IncomingMessage): string {
  const isNamed = String(request.headers["x-amz-target"] ?? "").startsWith(ECS_TARGET_PREFIX);
  return isNamed ? requestedOperation(request) : "";
}

function maxBytes(operation: string): number {
  return operation === "DiscoverPollEndpoint" ? MAX_DISCOVER_BYTES : MAX_BODY_BYTES;
}

/** The input of a call; `undefined` if the body is not JSON. An empty body is an empty input. */
function parse(body: Body): unknown {
  if (body === "too long") return undefined;
  if (body.byteLength === 0) return {};
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    // Refused later, unless a fault answers the call first.
    return undefined;
  }
}

/** The endpoints that the request's agent discovers; a fault may change that of ACS. */
function endpointsFor(
  request: IncomingMessage,
  fault: ApiFault | DiscoverFault | undefined,
  context: ApiRequestContext,
): AgentEndpoints {
  const endpoints = context.endpoints(request.headers.host);
  if (fault?.action !== "endpoint") return endpoints;
  return { ...endpoints, endpoint: fault.endpoint };
}

interface Call {
  readonly request: IncomingMessage;
  readonly operation: string;
  readonly body: Body;
  readonly input: unknown;
  readonly endpoints: AgentEndpoints;
}

/** The answer to a call, or the reason why the call is refused. */
async function outcomeOf(
  { request, operation, body, input, endpoints }: Call,
  context: ApiRequestContext,
): Promise<object | EcsApiError> {
  if (request.method !== "POST" || !isApiPath(splitTarget(request).path, context.apiPath)) {
    return new EcsApiError("UnknownOperationException", "Only POST / is served here", 404);
  }
  if (isFromPage(request)) {
    return new EcsApiError("AccessDeniedException", "Web pages must not call the ECS API", 403);
  }
  if (body === "too long") {
    const limit = maxBytes(operation);
    return new EcsApiError("RequestEntityTooLargeException", `More than ${limit} bytes`, 413);
  }
  const unsigned = await checkSignature(signedRequest(request, body), context.expectations());
  if (unsigned !== undefined) {
    const { exception, message, expected } = unsigned;
    return new EcsApiError(exception, message, 400, expected);
  }
  if (operation === "") {
    return new EcsApiError(
      "UnknownOperationException",
      `${
        requestedOperation(request)
      } is not an operation of the ECS API: X-Amz-Target must begin ` +
        `with ${ECS_TARGET_PREFIX}`,
    );
  }
  if (!request.headers["content-type"]?.startsWith(CONTENT_TYPE)) {
    return new EcsApiError("SerializationException", `The content type has to be ${CONTENT_TYPE}`);
  }
  if (!isJsonObject(input)) {
    return new EcsApiError("SerializationException", "The body is not a JSON object");
  }
  try {
    return context.answer(operation, input, endpoints);
  } catch (error) {
    if (error instanceof EcsApiError) return error;
    // The agent tries again after a ServerException.
    return new EcsApiError("ServerException", toError(error).message, 500);
  }
}

/**
 * Whether a browser sends a request on behalf of a page. Such a request could be signed with the
 * example key, and reach the emulator through DNS rebinding. Agents, tools and SDKs send neither
 * header.
 */
function isFromPage({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined || headers["sec-fetch-site"] !== undefined;
}

function isApiPath(path: string, apiPath: string): boolean {
  return path === "/" || path.replace(/\/$/, "") === apiPath.replace(/\/$/, "");
}

function applyFault(
  fault: Exclude<ApiFault | DiscoverFault, { readonly action: "endpoint" }>,
  socket: Duplex,
  response: ServerResponse,
  context: ApiRequestContext,
): void {
  switch (fault.action) {
    case "refuse": {
      const injected = injectedError(fault, { status: 500, exception: "ServerException" });
      return refuse(response, injected, fault.body, context);
    }
    case "hang":
      return context.refused(unanswered("hang"));
    case "end":
      context.refused(unanswered("end"));
      socket.end(() => socket.destroy());
      return;
    case "reset":
      context.refused(unanswered("reset"));
      return context.reset(socket);
  }
}

/** Refuses a call in the service's form, or with the body of a fault. */
function refuse(
  response: ServerResponse,
  fault: ServiceError,
  forcedBody: string | undefined,
  context: ApiRequestContext,
): void {
  context.refused(refusal(fault));
  const body = forcedBody ?? apiErrorBody(fault);
  const contentType = forcedBody === undefined ? CONTENT_TYPE : "text/html";
  respond(response, { status: fault.status, body, contentType }, context);
}

function respond(
  response: ServerResponse,
  answer: ErrorResponse,
  context: ApiRequestContext,
): void {
  response.sendDate = false;
  response.writeHead(answer.status, {
    "Content-Type": answer.contentType,
    "Content-Length": new TextEncoder().encode(answer.body).byteLength,
    "Date": new Date(context.expectations().now).toUTCString(),
    "x-amzn-RequestId": crypto.randomUUID(),
  });
  response.end(answer.body);
}
