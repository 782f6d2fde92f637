/**
 * Answers an upgrade: admits it, refuses it, or leaves it hanging.
 *
 * @module
 */

import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { ContainerInstances } from "../ecs/container_instances.ts";
import type { FaultQueue } from "../faults/fault_queue.ts";
import { signedRequest, splitTarget } from "./requests.ts";
import { type FaultResponse, type ServiceFault, upgradeFaultBody } from "./service_fault.ts";
import { checkSignature, type SignatureExpectations } from "./sigv4.ts";
import { parseUpgradeQuery, type UpgradeQuery } from "./upgrade_query.ts";

/** What becomes of an upgrade. */
export type UpgradeVerdict =
  | { readonly kind: "admit"; readonly query: UpgradeQuery }
  | { readonly kind: "answer"; readonly fault: ServiceFault; readonly response: FaultResponse }
  | { readonly kind: "hang" };

/** What is to go wrong with one upgrade. */
export type UpgradeFault = Exclude<UpgradeVerdict, { readonly kind: "admit" }>;

/** What an upgrade needs of the emulator. */
export interface UpgradeContext {
  /** What is to go wrong. */
  readonly faults: FaultQueue<UpgradeFault>;
  /** What signatures are checked against. */
  readonly expectations: () => SignatureExpectations;
  /** The known container instances. */
  readonly instances: ContainerInstances;
  /** Completes the upgrade. */
  readonly admitted: (query: UpgradeQuery) => void;
  /** Told when an upgrade is refused; without a fault when it is left hanging. */
  readonly refused: (fault: ServiceFault | undefined) => void;
}

/** Answers one upgrade. */
export async function answerUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  context: UpgradeContext,
): Promise<void> {
  // An agent may go away at any time before it is admitted: then nobody is left to answer.
  const ignore = () => {};
  socket.on("error", ignore);
  const verdict = await judgeUpgrade(request, context);
  if (socket.destroyed) return;
  switch (verdict.kind) {
    case "hang":
      return context.refused(undefined);
    case "answer":
      context.refused(verdict.fault);
      return refuseUpgrade(socket, verdict.response, new Date(context.expectations().now));
    case "admit":
      socket.off("error", ignore);
      return context.admitted(verdict.query);
  }
}

async function judgeUpgrade(
  request: IncomingMessage,
  context: UpgradeContext,
): Promise<UpgradeVerdict> {
  const forced = context.faults.take();
  if (forced !== undefined) return forced;

  const { path, query } = splitTarget(request);
  if (path !== "/ws") {
    return refusal({
      status: 404,
      exception: "BadRequestException",
      message: "Only /ws is served",
    });
  }
  const unsigned = await checkSignature(
    signedRequest(request, new Uint8Array()),
    context.expectations(),
  );
  if (unsigned !== undefined) {
    return refusal({ status: 403, exception: "AccessDeniedException", message: unsigned.message });
  }
  const parsed = parseUpgradeQuery(query);
  if ("exception" in parsed) return refusal(parsed);
  const denied = context.instances.check(parsed);
  return denied === undefined ? { kind: "admit", query: parsed } : refusal(denied);
}

function refusal(fault: ServiceFault): UpgradeFault {
  const body = upgradeFaultBody(fault, true);
  return {
    kind: "answer",
    fault,
    response: { status: fault.status, body, contentType: "application/json" },
  };
}

/**
 * Answers an upgrade with an ordinary HTTP response and ends the socket.
 *
 * @param socket The upgrade's socket.
 * @param response The answer.
 * @param date The `Date` header.
 */
function refuseUpgrade(socket: Duplex, response: FaultResponse, date: Date): void {
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
