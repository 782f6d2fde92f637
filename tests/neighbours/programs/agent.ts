/**
 * An agent that uses every export of the package, to be bundled: it runs a session over each
 * transport. Importing `acs` must not run it: a program without arguments would print its help and
 * exit with 2.
 *
 * @module
 */

import assert from "node:assert/strict";
import { main } from "@acs/session/cli";
import { createWsTransport } from "@acs/session/ws";
import { playSession } from "./play_session.ts";

async function run(): Promise<void> {
  assert.equal(typeof main, "function");
  await playSession();
  await playSession({ options: { transport: createWsTransport() } });
  assert.equal(await main(["--version"]), 0);
}

// No top-level await, which a CommonJS bundle cannot have.
void run();
