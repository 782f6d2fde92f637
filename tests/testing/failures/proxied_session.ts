/**
 * Runs a session behind a proxy from the environment, in its own process, since proxies are
 * configured per process.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { FailureHelp } from "../../../failures/failure_help.ts";
import { startProgram } from "../programs/acs_command.ts";
import { startRawPeer } from "../sockets/raw_peer.ts";

const PROGRAM = fileURLToPath(
  new URL("../programs/failing_session.ts", import.meta.url),
);

/** The program's output. */
export interface Outcome {
  readonly stage: string;
  readonly message: string;
  readonly help?: FailureHelp;
}

/** Runs a session until its first attempt fails. */
export async function firstFailure(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const { stdout, stderr } = await startProgram(PROGRAM, args, {
    // Otherwise Deno would check for updates through the proxy.
    DENO_NO_UPDATE_CHECK: "1",
    NO_PROXY: "",
    ...env,
  }).ended;
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
}

/** Starts a proxy that responds to CONNECT with a status. */
export async function withProxy<T>(
  status: number,
  fn: (url: string, host: string) => Promise<T>,
): Promise<T> {
  const proxy = await startRawPeer(async (connection) => {
    await connection.readRequest();
    connection.write(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
    connection.end();
    await connection.ended;
  });
  try {
    return await fn(`http://127.0.0.1:${proxy.port}`, `127.0.0.1:${proxy.port}`);
  } finally {
    await proxy.close();
  }
}

/** Makes Node use the proxy from the environment, which Deno always does. */
export const USES_PROXY = { NODE_USE_ENV_PROXY: "1" };
