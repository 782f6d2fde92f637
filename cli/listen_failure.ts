/**
 * Explains why the emulator cannot listen, and what to change.
 *
 * @module
 */

import { oneLine } from "../internal/one_line.ts";

/** The address on which it should have listened. */
export interface ListenAddress {
  /** The port; 0 for any free one. */
  readonly port: number;
  /** The address or host name. */
  readonly hostname: string;
  /** A description of the program that uses the port. Default `another program`. */
  readonly owner?: string;
  /** The flag that sets the port. Default `--port`. */
  readonly portFlag?: string;
  /** The flag that sets the address. Default `--hostname`. */
  readonly hostnameFlag?: string;
}

/** The address on which it should have listened, with the names of both flags. */
type Address = Required<ListenAddress>;

/** The meaning of the system's codes, and what to do. */
const REASONS: ReadonlyMap<string, (address: Address) => string> = new Map(Object.entries({
  EADDRINUSE: ({ portFlag, owner }: Address) =>
    `${owner} is using it; choose another ${portFlag}, or 0 for a free one`,
  EACCES: ({ portFlag }: Address) =>
    `permission denied; ports below 1024 may be privileged: choose another ${portFlag}`,
  EADDRNOTAVAIL: noSuchAddress,
  EAFNOSUPPORT: noSuchAddress,
  EINVAL: noSuchAddress,
  EAI_AGAIN: ({ hostname, hostnameFlag }: Address) =>
    `${hostname} cannot be resolved; check ${hostnameFlag}`,
  ENOTFOUND: ({ hostname, hostnameFlag }: Address) =>
    `there is no host ${hostname}; check ${hostnameFlag}: a name or an address, without scheme and port`,
  NotCapable: ({ hostname }: Address) =>
    `Deno is not permitted to listen there; run it with --allow-net=${hostname}`,
}));

function noSuchAddress({ hostname, hostnameFlag }: Address): string {
  return `this machine has no address ${hostname}; check ${hostnameFlag}`;
}

/**
 * Describes why the emulator cannot listen.
 *
 * @param error The system's error.
 * @param address The address on which it should have listened.
 * @returns One line.
 */
export function listenFailure(error: unknown, address: ListenAddress): string {
  const words = error instanceof Error ? error.message : String(error);
  const named = {
    owner: "another program",
    portFlag: "--port",
    hostnameFlag: "--hostname",
    ...address,
  };
  const reason = REASONS.get(codeOf(error));
  const why = reason?.({ ...named, hostname: oneLine(address.hostname, 100) }) ?? words;
  return `cannot listen on port ${address.port}: ${why}`;
}

/** The system's error code, or the error's name if it has no code. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
