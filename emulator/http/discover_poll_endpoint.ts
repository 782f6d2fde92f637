/**
 * The only operation of the ECS API that the emulator has: `DiscoverPollEndpoint`.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { DiscoveredDetail } from "../events.ts";
import type { DiscoverFault } from "../faults/fault.ts";
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

const TARGET = "AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint";
const CONTENT_TYPE = "application/x-amz-json-1.1";

/** Maximum size of a request's body, in bytes. A real one has two ARNs. */
const MAX_BODY_BYTES = 65_536;

/** The emulator, as a call uses it. */
export interface DiscoverContext {
  /** Takes the fault for a call of this instance; the ARN is empty if the call has none. */
  readonly takeFault: (containerInstanceArn: string) => DiscoverFault | undefined;
  /** The values that signatures are checked against. */
  readonly expectations: () => SignatureExpectations;
  /** The endpoint to return to an agent that used this `Host`. */
  readonly endpoint: (host: string | undefined) => string;
  /** The path at which the API is served in addition to `/`: that of the public URL. */
  readonly apiPath: string;
  /** Called for every call, before it is read. */
  readonly called: () => void;
  /** Called when a call is answered with the endpoint. */
  readonly discovered: (detail: DiscoveredDetail) => void;
  /** Called when a call is refused or not answered. */
  readonly refused: (refusal: Refusal) => void;
  /** Resets the TCP stream beneath the socket. */
  readonly reset: (socket: Duplex) => void;
}

/** Answers one request to the ECS API. */
export async function answerApiRequest(
  request: IncomingMessage,
  response: ServerResponse,
  context: DiscoverContext,
): Promise<void> {
  if (isDiscover(request)) context.called();
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === "endless") return;
  const given = isDiscover(request) ? readArguments(body) : undefined;
  if (given !== undefined) {
    const detail = "exception" in given ? { containerInstance: "", cluster: "" } : given;
    const fault = context.takeFault(detail.containerInstance);
    if (fault !== undefined) return applyFault(fault, detail, request.socket, response, context);
  }

  const outcome = await validate(request, body, context);
  if ("exception" in outcome) return refuse(response, outcome, undefined, context);
  context.discovered(outcome);
  answer(response, context.endpoint(request.headers.host), context);
}

function applyFault(
  fault: DiscoverFault,
  detail: DiscoveredDetail,
  socket: Duplex,
  response: ServerResponse,
  context: DiscoverContext,
): void {
  switch (fault.action) {
    case "refuse": {
      const injected = injectedError(fault, { status: 500, exception: "ServerException" });
      return refuse(response, injected, fault.body, context);
    }
    case "endpoint":
      context.discovered(detail);
      return answer(response, fault.endpoint, context);
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
  context: DiscoverContext,
): void {
  context.refused(refusal(fault));
  const body = forcedBody ?? apiErrorBody(fault);
  const contentType = forcedBody === undefined ? CONTENT_TYPE : "text/html";
  respond(response, { status: fault.status, body, contentType }, context);
}

function answer(
  response: ServerResponse,
  endpoint: string | undefined,
  context: DiscoverContext,
): void {
  const body = JSON.stringify({ endpoint });
  respond(response, { status: 200, body, contentType: CONTENT_TYPE }, context);
}

function isDiscover(request: IncomingMessage): boolean {
  return request.headers["x-amz-target"] === TARGET;
}

function isApiPath(path: string, apiPath: string): boolean {
  return path === "/" || path.replace(/\/$/, "") === apiPath.replace(/\/$/, "");
}

async function validate(
  request: IncomingMessage,
  body: Body,
  context: DiscoverContext,
): Promise<DiscoveredDetail | ServiceError> {
  if (request.method !== "POST" || !isApiPath(splitTarget(request).path, context.apiPath)) {
    return fault("UnknownOperationException", "Only POST / is served here", 404);
  }
  if (body === "too long") {
    return fault("RequestEntityTooLargeException", `More than ${MAX_BODY_BYTES} bytes`, 413);
  }
  const unsigned = await checkSignature(signedRequest(request, body), context.expectations());
  if (unsigned !== undefined) return { status: 400, ...unsigned };
  if (!isDiscover(request)) {
    return fault(
      "UnknownOperationException",
      `${requestedOperation(request)} is not an operation that the emulator serves: ` +
        `X-Amz-Target must be ${TARGET}`,
    );
  }
  if (!request.headers["content-type"]?.startsWith(CONTENT_TYPE)) {
    return fault("SerializationException", `The content type has to be ${CONTENT_TYPE}`);
  }
  return readArguments(body);
}

function readArguments(body: Body): DiscoveredDetail | ServiceError {
  const unreadable = fault("SerializationException", "The body is not the expected JSON object");
  if (body === "too long") return unreadable;
  let input: unknown;
  try {
    input = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return unreadable;
  }
  if (typeof input !== "object" || input === null || Array.isArray(input)) return unreadable;
  const containerInstance: unknown = Reflect.get(input, "containerInstance") ?? "";
  const cluster: unknown = Reflect.get(input, "cluster") ?? "";
  if (typeof containerInstance !== "string" || typeof cluster !== "string") return unreadable;
  return { containerInstance, cluster };
}

function fault(exception: string, message: string, status = 400): ServiceError {
  return { status, exception, message };
}

function respond(response: ServerResponse, answer: ErrorResponse, context: DiscoverContext): void {
  response.sendDate = false;
  response.writeHead(answer.status, {
    "Content-Type": answer.contentType,
    "Content-Length": new TextEncoder().encode(answer.body).byteLength,
    "Date": new Date(context.expectations().now).toUTCString(),
    "x-amzn-RequestId": crypto.randomUUID(),
  });
  response.end(answer.body);
}
