/**
 * The process may not use the network: Deno without `--allow-net`, Node with `--permission`.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { test } from "../testing/test.ts";
import { DEV_CONFIG } from "../testing/programs/acs_command.ts";
import { ON_DENO } from "./transports_under_test.ts";

const PROGRAM = fileURLToPath(new URL("../testing/programs/denied_session.ts", import.meta.url));

/** Before version 25, `--permission` does not restrict Node's network. */
const RESTRICTS_NETWORK = ON_DENO || Number(process.versions.node.split(".")[0]) >= 25;

/** The flags of a process without network permission. */
const FLAGS = ON_DENO
  // Deno's node:child_process adds --allow-all if no flag is about permissions.
  ? [
    "run",
    "--quiet",
    "--config",
    DEV_CONFIG,
    "--no-prompt",
    "--deny-ffi",
    "--allow-env=WS_NO_BUFFER_UTIL",
  ]
  : ["--permission", "--allow-fs-read=*", "--no-warnings"];

async function errorWithout(args: readonly string[]): Promise<Record<string, unknown>> {
  const child = spawn(process.execPath, [...FLAGS, PROGRAM, ...args], {
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  await new Promise((resolve) => child.once("close", resolve));
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
}

const CASES = [
  { what: "ECS by address", args: ["http://127.0.0.1:49151/", "ecs"], host: "127.0.0.1:49151" },
  { what: "ECS by name", args: ["http://localhost:49151/", "ecs"], host: "localhost:49151" },
  { what: "ACS by address", args: ["http://127.0.0.1:49151/", "acs"], host: "127.0.0.1:49151" },
  { what: "ACS by name", args: ["http://localhost:49151/", "acs"], host: "localhost:49151" },
  {
    what: "ACS by address (ws)",
    args: ["http://127.0.0.1:49151/", "acs", "ws"],
    host: "127.0.0.1:49151",
  },
  // node:dns requests permission for the name without a port.
  { what: "ACS by name (ws)", args: ["http://localhost:49151/", "acs", "ws"], host: "localhost" },
];

for (const { what, args, host } of CASES) {
  test(`A process without network permission for ${what} reports an error that names the flag and is not retryable`, async () => {
    const error = await errorWithout(args);
    if (!RESTRICTS_NETWORK) return assert.notEqual(error["systemCode"], "ERR_ACCESS_DENIED");
    assert.equal(error["name"], "ConnectError");
    assert.equal(error["systemCode"], "ERR_ACCESS_DENIED");
    assert.equal(error["retryable"], false);
    const flag = ON_DENO ? `--allow-net=${host}` : "--allow-net";
    const message = String(error["message"]);
    assert.ok(message.endsWith(`the process is not permitted to; run it with ${flag}`), message);
  });
}
