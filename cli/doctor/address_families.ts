/**
 * Whether a host and this machine have a version of IP in common.
 *
 * @module
 */

import { networkInterfaces } from "node:os";
import { helpFor } from "../../failures/failure_help.ts";
import { type CheckOutcome, outcomeOf } from "./check.ts";

/** Versions of IP. */
export interface AddressFamilies {
  /** Whether there is an IPv4 address. */
  readonly ipv4: boolean;
  /** Whether there is an IPv6 address. */
  readonly ipv6: boolean;
}

/** Link-local addresses: no service has one. */
const LINK_LOCAL = /^(fe80:|169\.254\.)/i;

/** The versions of IP for which this machine has addresses; both if that is unknown. */
export function machineFamilies(): AddressFamilies {
  try {
    const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
      .filter(({ internal, address }) => !internal && !LINK_LOCAL.test(address));
    const families = {
      ipv4: addresses.some(({ family }) => family === "IPv4"),
      ipv6: addresses.some(({ family }) => family === "IPv6"),
    };
    if (families.ipv4 || families.ipv6) return families;
  } catch {
    // On Deno this needs a permission, which a session does not need.
  }
  return { ipv4: true, ipv6: true };
}

/**
 * Determines whether a host cannot be reached because it and this machine have no version of IP in
 * common.
 *
 * @param hostname The host.
 * @param host The versions of its addresses.
 * @param machine The versions of this machine's addresses.
 * @returns The failure; `undefined` if there is a version in common.
 */
export function withoutCommonFamily(
  hostname: string,
  host: AddressFamilies,
  machine: AddressFamilies,
): CheckOutcome | undefined {
  if ((host.ipv4 && machine.ipv4) || (host.ipv6 && machine.ipv6)) return undefined;
  const [hosts, machines] = host.ipv4 ? ["IPv4", "IPv6"] : ["IPv6", "IPv4"];
  return outcomeOf("failed", {
    ...helpFor("ACS-N05"),
    cause: `${hostname} has only ${hosts} addresses, and this machine has only ${machines}.`,
    fix: machines === "IPv6"
      ? "Use the dual-stack endpoint: --dualstack or AWS_USE_DUALSTACK_ENDPOINT=true."
      : "Give this machine an IPv6 address, or use an endpoint that has IPv4.",
  }, `${hostname} has only ${hosts}, this machine only ${machines}`);
}
