/**
 * Answers an upgrade: accepts it, refuses it, or applies a fault to it.
 *
 * @module
 */

import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { oneLine } from "../../internal/one_line.ts";
import type { ContainerInstances } from "../ecs/container_instances.ts";
import type { UpgradeFault } from "../faults/fault.ts";
import { signedRequest, splitTarget } from "./requests.ts";
import {
  type ErrorResponse,
  injectedError,
  type Refusal,
  refusal,
  type ServiceError,
  unanswered,
  upgradeErrorBody,
} from "./service_error.ts";
import { checkSignature, type SignatureExpectations } from "./sigv4.ts";
import type { UpgradeQuery } from "./upgrade_query.ts";

/** The beginning of a response that never continues. */
const HALF_A_HEAD = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnect";

/**
 * An agent appends `ws` to the path of its endpoint, which is `/acs/1/` behind PrivateLink.
 */
const UPGRADE_PATH = /(?:^|\/)ws$/;

/** The emulator, as an upgrade uses it. */
export interface UpgradeContext {
  /** Takes the fault for an upgrade of this instance; the ARN is empty if the upgrade has none. */
  readonly takeFault: (containerInstanceArn: string) => UpgradeFault | undefined;
  /** The values that signatures are checked against. */
  readonly expectations: () => SignatureExpectations;
  /** The known container instances. */
  readonly instances: ContainerInstances;
  /** The parameter of the query that names the container instance. */
  readonly instanceParameter: string;
  /** Reads the query. */
  readonly parseQuery: (query: string) => UpgradeQuery | ServiceError;
  /** The form of refusals. */
  readonly exceptionForm: "framed" | "bare";
  /** Completes the upgrade. */
  readonly admitted: (query: UpgradeQuery) => void;
  /** Called when an upgrade is refused or not answered. */
  readonly refused: (refusal: Refusal) => void;
  /** Resets the TCP stream beneath the socket. */
  readonly reset: (socket: Duplex) => void;
}

/** Answers one upgrade. */
export async function answerUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  context: UpgradeContext,
): Promise<void> {
  // An agent may disconnect before it is accepted: then there is nothing to answer.
  const ignore = () => {};
  socket.on("error", ignore);
  const { query } = splitTarget(request);
  const fault = context.takeFault(new URLSearchParams(query).get(context.instanceParameter) ?? "");
  if (fault !== undefined) return applyFault(fault, socket, context);

  const verdict = await validateUpgrade(request, context);
  if (socket.destroyed) return;
  if ("exception" in verdict) return refuse(socket, verdict, {}, context);
  socket.off("error", ignore);
  context.admitted(verdict);
}

function applyFault(fault: UpgradeFault, socket: Duplex, context: UpgradeContext): void {
  if (fault.action === "refuse") {
    const injected = injectedError(fault, { status: 403, exception: "AccessDeniedException" });
    return refuse(socket, injected, fault, context);
  }
  context.refused(unanswered(fault.action));
  switch (fault.action) {
    case "hang":
      if (fault.after === "head") socket.write(HALF_A_HEAD);
      return;
    case "end":
      socket.end(() => socket.destroy());
      return;
    case "reset":
      return context.reset(socket);
  }
}

async function validateUpgrade(
  request: IncomingMessage,
  context: UpgradeContext,
): Promise<UpgradeQuery | ServiceError> {
  const { path, query } = splitTarget(request);
  if (!UPGRADE_PATH.test(path)) {
    return {
      status: 404,
      exception: "BadRequestException",
      message: `No WebSocket is served at ${oneLine(path, 64)}: the path must end in /ws`,
    };
  }
  const unsigned = await checkSignature(
    signedRequest(request, new Uint8Array()),
    context.expectations(),
  );
  if (unsigned !== undefined) {
    const { message, expected } = unsigned;
    return { status: 403, exception: "AccessDeniedException", message, expected };
  }
  const parsed = context.parseQuery(query);
  if ("exception" in parsed) return parsed;
  return context.instances.check(parsed) ?? parsed;
}

/** Refuses an upgrade in the service's form, or with the body of a fault. */
function refuse(
  socket: Duplex,
  fault: ServiceError,
  forced: { readonly body?: string; readonly framed?: boolean },
  context: UpgradeContext,
): void {
  context.refused(refusal(fault));
  const framed = forced.framed ?? context.exceptionForm === "framed";
  const response: ErrorResponse = {
    status: fault.status,
    body: forced.body ?? upgradeErrorBody(fault, framed),
    contentType: forced.body === undefined ? "application/json" : "text/html",
  };
  respond(socket, response, new Date(context.expectations().now));
}

/** Answers an upgrade with an ordinary HTTP response and ends the socket. */
function respond(socket: Duplex, response: ErrorResponse, date: Date): void {
  const body = new TextEncoder().encode(response.body);
  const head = [
    `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? "Refused"}`,
    `Date: ${date.toUTCString()}`,
    `Content-Type: ${response.contentType}`,
    `Content-Length: ${body.byteLength}`,
    "Connection: close",
  ].join("\r\n");
  socket.write(`${head}\r\n\r\n`);
  socket.end(body);
}
