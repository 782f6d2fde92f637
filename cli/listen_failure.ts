/**
 * Why the emulator cannot listen, in words that name what to change.
 *
 * @module
 */

import { oneLine } from "../internal/one_line.ts";

/** Where it was to listen. */
export interface ListenAddress {
  /** The port; 0 for any free one. */
  readonly port: number;
  /** The address or host name. */
  readonly hostname: string;
}

/** What the system's codes mean, and what to do. */
const REASONS: ReadonlyMap<string, (hostname: string) => string> = new Map(Object.entries({
  EADDRINUSE: () => "another program is using it; choose another --port, or 0 for a free one",
  EACCES: () => "permission denied; ports below 1024 may be privileged: choose another --port",
  EADDRNOTAVAIL: noSuchAddress,
  EAFNOSUPPORT: noSuchAddress,
  EINVAL: noSuchAddress,
  EAI_AGAIN: (hostname: string) => `${hostname} cannot be resolved; check --hostname`,
  ENOTFOUND: (hostname: string) =>
    `there is no host ${hostname}; check --hostname, which takes no scheme and no port`,
  NotCapable: (hostname: string) =>
    `Deno may not listen there; run it with --allow-net=${hostname}`,
}));

function noSuchAddress(hostname: string): string {
  return `this machine has no address ${hostname}; check --hostname`;
}

/**
 * Describes why the emulator cannot listen.
 *
 * @param error What the system said.
 * @param address Where it was to listen.
 * @returns One line.
 */
export function listenFailure(error: unknown, { hostname, port }: ListenAddress): string {
  const words = error instanceof Error ? error.message : String(error);
  const why = REASONS.get(codeOf(error))?.(oneLine(hostname, 100)) ?? words;
  return `cannot listen on port ${port}: ${why}`;
}

/** The system's code, or the error's name where it has none. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
