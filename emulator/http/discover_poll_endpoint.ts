/**
 * The ECS API, as far as an agent needs it here: `DiscoverPollEndpoint`.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { DiscoveredDetail } from "../events.ts";
import type { FaultQueue } from "../faults/fault_queue.ts";
import { signedRequest, splitTarget } from "./requests.ts";
import { apiFaultBody, type FaultResponse, type ServiceFault } from "./service_fault.ts";
import { checkSignature, type SignatureExpectations } from "./sigv4.ts";

const TARGET = "AmazonEC2ContainerServiceV20141113.DiscoverPollEndpoint";
const CONTENT_TYPE = "application/x-amz-json-1.1";

/** How much of a request's body is read, in bytes. Ours: a real one has two ARNs. */
const MAX_BODY_BYTES = 65_536;

/** What is to go wrong with one call. */
export type DiscoverFault =
  | { readonly kind: "answer"; readonly fault: ServiceFault; readonly response: FaultResponse }
  | { readonly kind: "hang" };

/** What the call needs of the emulator. */
export interface DiscoverContext {
  /** What is to go wrong. */
  readonly faults: FaultQueue<DiscoverFault>;
  /** What signatures are checked against. */
  readonly expectations: () => SignatureExpectations;
  /** The endpoint to answer with. */
  readonly endpoint: () => string;
  /** Told of every call, before anything is known of it. */
  readonly called: () => void;
  /** Told when a call is answered with the endpoint. */
  readonly discovered: (detail: DiscoveredDetail) => void;
  /** Told when a call is refused; without a fault when it is left hanging. */
  readonly refused: (fault: ServiceFault | undefined) => void;
}

/** Answers one request to the ECS API. */
export async function answerApiRequest(
  request: IncomingMessage,
  response: ServerResponse,
  context: DiscoverContext,
): Promise<void> {
  if (isDiscover(request)) context.called();
  const forced = isDiscover(request) ? context.faults.take() : undefined;
  if (forced?.kind === "hang") {
    context.refused(undefined);
    return;
  }
  const body = await readBody(request);
  if (forced !== undefined) {
    context.refused(forced.fault);
    respond(response, forced.response, context);
    return;
  }
  const outcome = await judge(request, body, context);
  if ("exception" in outcome) {
    context.refused(outcome);
    respond(
      response,
      { status: outcome.status, body: apiFaultBody(outcome), contentType: CONTENT_TYPE },
      context,
    );
    return;
  }
  context.discovered(outcome);
  const answer = JSON.stringify({ endpoint: context.endpoint() });
  respond(response, { status: 200, body: answer, contentType: CONTENT_TYPE }, context);
}

function isDiscover(request: IncomingMessage): boolean {
  return request.headers["x-amz-target"] === TARGET;
}

async function judge(
  request: IncomingMessage,
  body: Uint8Array | undefined,
  context: DiscoverContext,
): Promise<DiscoveredDetail | ServiceFault> {
  if (request.method !== "POST" || splitTarget(request).path !== "/") {
    return fault("UnknownOperationException", "Only POST / is served here", 404);
  }
  if (body === undefined) {
    return fault("RequestEntityTooLargeException", `More than ${MAX_BODY_BYTES} bytes`, 413);
  }
  const unsigned = await checkSignature(signedRequest(request, body), context.expectations());
  if (unsigned !== undefined) return { status: 400, ...unsigned };
  if (!isDiscover(request)) {
    return fault("UnknownOperationException", "Only DiscoverPollEndpoint is served here");
  }
  if (!request.headers["content-type"]?.startsWith(CONTENT_TYPE)) {
    return fault("SerializationException", `The content type has to be ${CONTENT_TYPE}`);
  }
  return readArguments(body);
}

function readArguments(body: Uint8Array): DiscoveredDetail | ServiceFault {
  const unreadable = fault("SerializationException", "The body is not the expected JSON object");
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

function fault(exception: string, message: string, status = 400): ServiceFault {
  return { status, exception, message };
}

/** Reads a whole body; `undefined` when it is too long, of which the rest is then discarded. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Uint8Array)) continue;
    length += chunk.byteLength;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (length > MAX_BODY_BYTES) return undefined;
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return body;
}

function respond(response: ServerResponse, answer: FaultResponse, context: DiscoverContext): void {
  response.sendDate = false;
  response.writeHead(answer.status, {
    "Content-Type": answer.contentType,
    "Content-Length": new TextEncoder().encode(answer.body).byteLength,
    "Date": new Date(context.expectations().now).toUTCString(),
    "x-amzn-RequestId": crypto.randomUUID(),
  });
  response.end(answer.body);
}
