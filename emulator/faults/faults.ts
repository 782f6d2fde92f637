/**
 * The refusals that a test asks for, in the form they take on the wire.
 *
 * @module
 */

import type { DiscoverFault } from "../http/discover_poll_endpoint.ts";
import type { RefuseOptions, RefuseUpgradeOptions } from "./fault_options.ts";
import { apiFaultBody, type ServiceFault, upgradeFaultBody } from "../http/service_fault.ts";
import type { UpgradeFault } from "../http/upgrade.ts";

/** The refusal of an upgrade that the options describe. */
export function upgradeFault(options: RefuseUpgradeOptions): UpgradeFault {
  const fault = serviceFault(options, 403, "AccessDeniedException");
  const body = options.body ?? upgradeFaultBody(fault, options.framed ?? true);
  const contentType = options.body === undefined ? "application/json" : "text/html";
  return { kind: "answer", fault, response: { status: fault.status, body, contentType } };
}

/** The refusal of a DiscoverPollEndpoint that the options describe. */
export function discoverFault(options: RefuseOptions): DiscoverFault {
  const fault = serviceFault(options, 500, "ServerException");
  const body = options.body ?? apiFaultBody(fault);
  const contentType = options.body === undefined ? "application/x-amz-json-1.1" : "text/html";
  return { kind: "answer", fault, response: { status: fault.status, body, contentType } };
}

function serviceFault(options: RefuseOptions, status: number, exception: string): ServiceFault {
  return {
    status: refusalStatus(options.status ?? status),
    exception: options.exception ?? exception,
    message: options.message ?? "Refused by the emulator, as it was told to",
  };
}

/** A status that is an answer and not an upgrade; others would only fail when they are sent. */
function refusalStatus(status: number): number {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw new RangeError(`status must be a whole number from 200 to 599: current value is ${status}`);
}
