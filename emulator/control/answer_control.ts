/**
 * The control plane over HTTP: JSON in, JSON out.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { printableJson } from "../../internal/printable_json.ts";
import { toError } from "../../internal/redaction/describe_error.ts";
import { redact } from "../../internal/redaction/redact.ts";
import { secretsIn } from "../../protocol/secrets.ts";
import { consoleFile } from "../console/console_page.ts";
import type { EmulatorService } from "../emulator_service.ts";
import { readBody } from "../http/body.ts";
import { faultFields } from "../faults/check_fault.ts";
import { splitTarget } from "../http/requests.ts";
import { checkScenario } from "../scenario/check_scenario.ts";
import { playScenario } from "../scenario/play_scenario.ts";
import type { ScenarioReport } from "../scenario/scenario.ts";
import { checkAccess, checkPageAccess, type ControlAccess } from "./control_access.ts";
import { ControlError, statusOf } from "./control_error.ts";
import { CONSOLE_PATH, CONTROL_PATH } from "./control_paths.ts";
import { parseEventsInput, streamEvents } from "./event_stream.ts";
import type { Operation } from "./operation.ts";
import { isOperationName, OPERATIONS } from "./operations.ts";

/** Maximum size of a call's body, in bytes. */
const MAX_BODY_BYTES = 1_048_576;

/**
 * Health checks of containers and CI use any host name and have no token; the response contains no
 * data.
 */
const HEALTH_PATH = `${CONTROL_PATH}health`;

/** Streams the transcript. */
const EVENTS_PATH = `${CONTROL_PATH}events`;

/** Plays scenarios. Not an operation: an operation can be a step of a scenario. */
const PLAY_PATH = `${CONTROL_PATH}play-scenario`;

/** The service that control calls work on, and who may make them. */
export interface ControlContext extends ControlAccess {
  /** The service that carries the calls out. */
  readonly service: EmulatorService;
}

/** Answers one control call. Never rejects: an error becomes the response. */
export async function answerControlRequest(
  request: IncomingMessage,
  response: ServerResponse,
  context: ControlContext,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  let input: unknown;
  try {
    const { path } = splitTarget(request);
    if (path.startsWith(CONSOLE_PATH)) return await answerPage(request, response, context);
    if (path !== HEALTH_PATH) checkAccess(request.headers, context);
    if (`${path}/` === CONSOLE_PATH) {
      return respond(response, 308, {}, { Location: CONSOLE_PATH });
    }
    if (path === EVENTS_PATH) {
      checkMethod(request, "GET");
      return streamEvents(context.service, response, lastKnownEntry(request));
    }
    if (path === PLAY_PATH) {
      checkMethod(request, "POST");
      input = await readInput(request);
      return respond(response, 200, await play(context.service, input, gone.signal));
    }
    const operation = findOperation(request);
    if (operation === undefined) return respond(response, 200, index());
    input = operation.readOnly ? readQuery(request) : await readInput(request);
    const result = await operation.run(context.service, input, gone.signal);
    respond(response, 200, result ?? {});
  } catch (error) {
    if (gone.signal.aborted) return;
    const status = statusOf(error);
    const { name, message } = toError(error);
    // Errors with another status quote nothing from the input.
    const shown = status === 500 ? redact(message, secretsIn(input)) : message;
    const headers = error instanceof ControlError ? error.headers : {};
    respond(response, status, { error: { name, message: shown } }, headers);
  }
}

async function play(
  service: EmulatorService,
  input: unknown,
  signal: AbortSignal,
): Promise<ScenarioReport> {
  return await playScenario(service, checkScenario(input), { signal });
}

async function answerPage(
  request: IncomingMessage,
  response: ServerResponse,
  context: ControlContext,
): Promise<void> {
  checkPageAccess(request.headers, context);
  checkMethod(request, "GET");
  const file = await consoleFile(splitTarget(request).path);
  if (file === undefined) {
    throw new ControlError(404, "UnknownFile", "The console has no such file");
  }
  response.writeHead(200, { ...file.headers });
  response.end(file.body);
}

/**
 * The entry after which a stream begins: the last one that a reconnecting EventSource received, or
 * the query's `after`. An EventSource reconnects with the same query, so its header is newer.
 */
function lastKnownEntry(request: IncomingMessage): number {
  const lastEventId = request.headers["last-event-id"];
  const input = lastEventId === undefined ? {} : { after: lastEventId };
  return parseEventsInput({ ...readQuery(request), ...input }).after;
}

/** The requested operation; `undefined` for the list of all operations. */
function findOperation(request: IncomingMessage): Operation | undefined {
  const name = splitTarget(request).path.slice(CONTROL_PATH.length);
  if (name !== "" && !isOperationName(name)) {
    throw new ControlError(
      404,
      "UnknownOperation",
      `Unknown operation: GET ${CONTROL_PATH} lists the operations`,
    );
  }
  const operation = name === "" ? undefined : OPERATIONS[name];
  checkMethod(request, operation === undefined || operation.readOnly ? "GET" : "POST");
  return operation;
}

function checkMethod(request: IncomingMessage, method: "GET" | "POST"): void {
  if (request.method === method) return;
  throw new ControlError(405, "WrongMethod", `This is a ${method}`, { Allow: method });
}

function index(): unknown {
  const operations = Object.entries(OPERATIONS)
    .map(([name, { readOnly, summary, fields, choices }]) => ({
      method: readOnly ? "GET" : "POST",
      path: `${CONTROL_PATH}${name}`,
      summary,
      fields,
      ...(Object.keys(choices).length > 0 && { choices }),
    }));
  return { operations, others: OTHERS, faults: faultFields() };
}

/** Endpoints that are not operations. */
const OTHERS = [
  {
    method: "GET",
    path: EVENTS_PATH,
    summary: "Streams the events, without secrets, as server-sent events; after=NUMBER resumes",
  },
  {
    method: "POST",
    path: PLAY_PATH,
    summary: "Plays a scenario against the agents that connect, and returns the report",
  },
  { method: "GET", path: CONSOLE_PATH, summary: "The console, a page for browsers" },
];

function readQuery(request: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(splitTarget(request).query));
}

/** The content type is ignored: `curl -d` sends that of a form. */
async function readInput(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (typeof body === "string") {
    throw new ControlError(413, "BodyTooLong", `A call has at most ${MAX_BODY_BYTES} bytes`);
  }
  if (body.byteLength === 0) return {};
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    // The parser's message would quote the body.
    throw new ControlError(400, "InvalidJson", "The body is not JSON");
  }
}

function respond(
  response: ServerResponse,
  status: number,
  content: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = new TextEncoder().encode(`${printableJson(content, 2)}\n`);
  response.writeHead(status, {
    ...headers,
    "Content-Type": "application/json",
    "Content-Length": body.byteLength,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  });
  response.end(body);
}
