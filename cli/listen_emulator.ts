/**
 * Starts the emulator of `acs emulate` on the port that was given, or on the first free one.
 *
 * @module
 */

import { AcsEmulator } from "../emulator/acs_emulator.ts";
import { CONTROL_PATH } from "../emulator/control/control_paths.ts";
import type { EmulatorOptions } from "../emulator/emulator_options.ts";
import { StateFileError } from "../emulator/errors.ts";
import { TraceFileError } from "../emulator/trace/trace_file_error.ts";
import { safeGet, safeText } from "../internal/safe_get.ts";
import { DEFAULT_PORT } from "./emulate_flags.ts";
import { CommandFailure, EXIT_USAGE } from "./exit.ts";
import { type ListenAddress, listenFailure } from "./listen_failure.ts";

/** The number of ports to try, starting with the default one. */
const TRIED_PORTS = 10;

/** Time limit for an emulator on the default port to identify itself, in ms. */
const HEALTH_TIMEOUT_MS = 1_000;

/**
 * Starts the emulator.
 *
 * @param options Its options, without the port.
 * @param port The given port; without one, the default one or the next free one.
 * @param warn Called if the default port is in use.
 * @returns The emulator, listening.
 * @throws {CommandFailure} If it cannot listen, or its state file cannot be used.
 */
export async function listenEmulator(
  options: Omit<EmulatorOptions, "port"> & { readonly hostname: string },
  port: number | undefined,
  warn: (text: string) => void,
): Promise<AcsEmulator> {
  if (port !== undefined) {
    const address = { port, hostname: options.hostname };
    return await AcsEmulator.listen({ ...options, port }).catch(async (error: unknown) => {
      const isTaken = safeGet(error, "code") === "EADDRINUSE";
      const owner = isTaken ? await ownerOf(options.hostname, port) : undefined;
      throw failure(error, { ...address, ...(owner !== undefined && { owner }) });
    });
  }
  for (let tried = DEFAULT_PORT;; tried++) {
    // After this many the system chooses.
    const next = tried < DEFAULT_PORT + TRIED_PORTS ? tried : 0;
    try {
      const emulator = await AcsEmulator.listen({ ...options, port: next });
      if (tried > DEFAULT_PORT) {
        const owner = await ownerOf(options.hostname, DEFAULT_PORT);
        warn(`port ${DEFAULT_PORT} is in use by ${owner}; this one listens on ${portOf(emulator)}`);
      }
      return emulator;
    } catch (error) {
      if (next === 0 || safeGet(error, "code") !== "EADDRINUSE") {
        throw failure(error, { port: next, hostname: options.hostname });
      }
    }
  }
}

function portOf(emulator: AcsEmulator): string {
  return new URL(emulator.url).port;
}

/** Identifies the program on a port: another emulator says what it is. */
async function ownerOf(hostname: string, port: number): Promise<string> {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), HEALTH_TIMEOUT_MS);
  try {
    const response = await fetch(`http://${host}:${port}${CONTROL_PATH}health`, {
      signal: controller.signal,
    });
    const health: unknown = await response.json();
    const version = safeText(health, "version");
    if (safeText(health, "emulator") === undefined || version === undefined) {
      return "another program";
    }
    return `another emulator (version ${version})`;
  } catch {
    // It does not speak HTTP or JSON, so it is not an emulator.
    return "another program";
  } finally {
    clearTimeout(timer);
  }
}

function failure(
  error: unknown,
  address: ListenAddress,
): CommandFailure {
  const isKnown = error instanceof RangeError || error instanceof StateFileError ||
    error instanceof TraceFileError;
  return new CommandFailure(
    isKnown ? error.message : listenFailure(error, address),
    EXIT_USAGE,
    { cause: error },
  );
}
