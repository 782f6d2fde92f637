/**
 * Connection attempts that fail, for the plan of a memory transport.
 *
 * @module
 */

import { ConnectError } from "../../../errors.ts";
import { UpgradeRefusedError } from "../../../wsclient/upgrade_refused_error.ts";

/** An attempt that fails. */
export interface FailedConnect {
  readonly kind: "fail";
  readonly error: Error;
}

/** The service refuses the upgrade with an exception. */
export function refusedWith(exception: string): FailedConnect {
  const body = JSON.stringify({ type: exception, message: { message: "no" } });
  const error = new UpgradeRefusedError({
    host: "acs.example",
    status: 400,
    body,
    serverDate: undefined,
  });
  return { kind: "fail", error };
}

/** Nobody listens at the service's address. */
export const UNREACHABLE: FailedConnect = {
  kind: "fail",
  error: new ConnectError("acs.example refused the connection", { systemCode: "ECONNREFUSED" }),
};
