/**
 * Forwards calls to the ECS API with a new signature.
 *
 * @module
 */

import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { readBody } from "../../emulator/http/body.ts";
import { requestedOperation } from "../../emulator/http/requests.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";
import { parseJsonObject } from "../../internal/json.ts";
import { describeAnsweredCall } from "./api_call_record.ts";
import type { AddEntry } from "./connection_record.ts";
import type { RecordedEndpoints } from "./endpoints.ts";
import { keptHeaders } from "./headers.ts";
import { isProxied, openUpstream } from "./open_upstream.ts";
import type { RequestSigner } from "./request_signer.ts";

/** Maximum size of the body of a request or a response, in bytes. ECS's own limit is far lower. */
const MAX_BODY_BYTES = 16 * 2 ** 20;

/** Everything that is needed to forward a call. */
export interface ApiCallContext {
  /** The URL of the service's ECS API. */
  readonly upstream: URL;
  /** Signs the call. */
  readonly signer: RequestSigner;
  /** The endpoints that the service returned to agents. */
  readonly endpoints: RecordedEndpoints;
  /** Returns the recorder's own URL, without a path, under the host name in a `Host` header. */
  readonly ownUrl: (host: string | undefined) => string;
  /** Adds an entry to the trace. */
  readonly add: AddEntry;
  /** Reports a problem of the recorder itself. */
  readonly warn: (text: string) => void;
  /** Resets the agent's connection. */
  readonly reset: (request: IncomingMessage) => void;
}

/** Forwards a call, and sends the response back to the agent. */
export async function passApiCall(
  request: IncomingMessage,
  response: ServerResponse,
  context: ApiCallContext,
): Promise<void> {
  const operation = requestedOperation(request);
  const { signer, upstream, add } = context;
  const input = await readBody(request, MAX_BODY_BYTES);
  if (typeof input === "string") {
    context.warn(`could not forward ${operation}: its body exceeds ${MAX_BODY_BYTES} bytes`);
    return context.reset(request);
  }
  try {
    const body = new Uint8Array(input);
    // A compressed response could neither be changed nor recorded.
    const kept = keptHeaders(request.rawHeaders, ["accept-encoding"]);
    const url = upstream.href;
    const { headers, secrets } = await signer.sign({
      method: "POST",
      url,
      headers: amazonHeaders(kept),
      body,
    });
    const answer = await send(request, upstream, { ...kept, ...headers }, body);
    signer.refused(answer.status, answer.date);
    const call = { operation, input, output: answer.body, secrets, ...answer };
    const { event, fields } = describeAnsweredCall(call);
    add(event, fields);
    answerAgent(request, response, replaceEndpoints(operation, request, answer, context));
  } catch (error) {
    if (request.socket.destroyed) return;
    const reason = describeError(error);
    context.warn(`could not forward ${operation} to ${upstream.host}: ${reason}`);
    add("refused", { request: operation, serviceEnd: "reset", exception: "", reason });
    context.reset(request);
  }
}

/** The agent's headers that the new signature must cover. */
function amazonHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith("x-amz-")),
  );
}

/** A response of the service. */
interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly string[];
  readonly errorType: string;
  readonly date: string | undefined;
  readonly body: Uint8Array;
}

async function send(
  agentRequest: IncomingMessage,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Promise<Answer> {
  // Without a pool: a pooled connection may already have been reset, which would fail the call.
  if (!isProxied(url)) return await exchange(agentRequest, url, { agent: false, headers }, body);
  const tunnel = await openUpstream(url);
  try {
    // The tunnel already goes through the proxy, so the runtime must not use the proxy itself.
    const options = { proxyEnv: {} };
    const agent = url.protocol === "https:" ? new HttpsAgent(options) : new HttpAgent(options);
    agent.createConnection = () => tunnel;
    return await exchange(agentRequest, url, { agent, headers }, body);
  } finally {
    tunnel.destroy();
  }
}

/** Sends a request and reads the response. */
function exchange(
  agentRequest: IncomingMessage,
  url: URL,
  options: {
    readonly agent: HttpAgent | false;
    readonly headers: Readonly<Record<string, string>>;
  },
  body: Uint8Array,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const gone = "the agent has disconnected";
    // A tunnel may take long to open.
    if (agentRequest.socket.destroyed) return reject(new Error(gone));
    const open = url.protocol === "https:" ? httpsRequest : httpRequest;
    const passed: ClientRequest = open(url, {
      method: "POST",
      agent: options.agent,
      headers: { ...options.headers, "content-length": String(body.byteLength) },
    });
    const cancel = () => passed.destroy(new Error(gone));
    agentRequest.socket.once("close", cancel);
    passed.once("close", () => agentRequest.socket.off("close", cancel));
    passed.once("error", reject);
    passed.once("response", (response) => {
      readBody(response, MAX_BODY_BYTES).then((content) => {
        if (typeof content === "string") throw new Error("the response is too large");
        resolve({
          status: response.statusCode ?? 502,
          statusText: response.statusMessage ?? "",
          headers: response.rawHeaders,
          errorType: String(response.headers["x-amzn-errortype"] ?? ""),
          date: response.headers.date,
          body: content,
        });
      }).catch(reject);
    });
    passed.end(body);
  });
}

/** Replaces the endpoints in a DiscoverPollEndpoint response; other responses are unchanged. */
function replaceEndpoints(
  operation: string,
  request: IncomingMessage,
  answer: Answer,
  { endpoints, ownUrl }: ApiCallContext,
): Answer {
  if (operation !== "DiscoverPollEndpoint" || answer.status !== 200) return answer;
  const parsed = parseJsonObject(new TextDecoder().decode(answer.body));
  if (parsed === undefined) return answer;
  const replaced = endpoints.replaceIn(parsed, ownUrl(request.headers.host));
  return { ...answer, body: new TextEncoder().encode(JSON.stringify(replaced)) };
}

/** Headers that belong to one connection or to the body's length. */
const NOT_PASSED = /^(?:connection|keep-alive|transfer-encoding|content-length)$/i;

function answerAgent(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (request.socket.destroyed) return;
  const headers: string[] = [];
  for (let index = 0; index + 1 < answer.headers.length; index += 2) {
    const [name = "", value = ""] = answer.headers.slice(index, index + 2);
    if (!NOT_PASSED.test(name)) headers.push(name, value);
  }
  response.sendDate = false;
  response.writeHead(answer.status, answer.statusText, [
    ...headers,
    "Content-Length",
    String(answer.body.byteLength),
  ]);
  response.end(answer.body);
}
