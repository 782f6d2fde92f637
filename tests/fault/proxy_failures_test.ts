/**
 * What a session reports about a proxy named in the environment. Proxies are configured per
 * process, so each test starts its own process.
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { FailureHelp } from "../../failures/failure_help.ts";
import { startProgram } from "../testing/programs/acs_command.ts";
import { startRawPeer } from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import { ON_DENO } from "./transports_under_test.ts";

const PROGRAM = fileURLToPath(
  new URL("../testing/programs/failing_session.ts", import.meta.url),
);

/** What the program prints. */
interface Outcome {
  readonly stage: string;
  readonly message: string;
  readonly help?: FailureHelp;
}

async function firstFailure(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const { stdout, stderr } = await startProgram(PROGRAM, args, {
    // Otherwise Deno would look for an update through the proxy.
    DENO_NO_UPDATE_CHECK: "1",
    NO_PROXY: "",
    ...env,
  }).ended;
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
}

/** A proxy that answers CONNECT with a status. */
async function withProxy(
  status: number,
  fn: (url: string, host: string) => Promise<void>,
): Promise<void> {
  const proxy = await startRawPeer(async (connection) => {
    await connection.readRequest();
    connection.write(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
    connection.end();
    await connection.ended;
  });
  try {
    await fn(`http://127.0.0.1:${proxy.port}`, `127.0.0.1:${proxy.port}`);
  } finally {
    await proxy.close();
  }
}

const USES_PROXY = { NODE_USE_ENV_PROXY: "1" };
const ECS = "https://ecs.us-west-2.invalid/";

test("A proxy that refuses the tunnel is named, with the variable that names it", () =>
  withProxy(403, async (url, host) => {
    const { help } = await firstFailure([ECS], { ...USES_PROXY, HTTPS_PROXY: url });
    assert.equal(help?.code, "ACS-P03");
    assert.ok(help.cause.includes(`The proxy ${host} refused to open a tunnel`), help.cause);
    assert.match(help.fix, /Allow CONNECT to ecs\.us-west-2\.invalid:443/);
  }));

test("A proxy that requires a login is reported as such", () =>
  withProxy(407, async (url) => {
    const { help } = await firstFailure([ECS], { ...USES_PROXY, HTTPS_PROXY: url });
    assert.equal(help?.code, "ACS-P04");
    assert.match(help.fix, /^Put them into HTTPS_PROXY/);
  }));

test("If the proxy is down, the proxy is reported, not ECS", () =>
  withProxy(200, async () => {
    const unused = await startRawPeer(() => {});
    await unused.close();
    const proxy = `http://user:pass-word@127.0.0.1:${unused.port}`;
    const { help } = await firstFailure([ECS], { ...USES_PROXY, https_proxy: proxy });
    assert.equal(help?.code, "ACS-P02");
    assert.ok(help.cause.startsWith(`The proxy 127.0.0.1:${unused.port}, which https_proxy`));
    assert.ok(!JSON.stringify(help).includes("pass-word"));
  }));

test("A host in NO_PROXY is reported without the proxy", () =>
  withProxy(403, async (url) => {
    const env = { ...USES_PROXY, HTTPS_PROXY: url, NO_PROXY: ".invalid" };
    const { help } = await firstFailure([ECS], env);
    assert.equal(help?.code, "ACS-N01");
  }));

test("If Node.js ignores the environment's proxy, the error says so; Deno uses it", () =>
  withProxy(403, async (url) => {
    const { help } = await firstFailure([ECS], { HTTPS_PROXY: url });
    assert.equal(help?.code, ON_DENO ? "ACS-P03" : "ACS-P01");
    if (!ON_DENO) assert.equal(help.fix, "Set NODE_USE_ENV_PROXY=1.");
  }));

test("A misspelt region is accepted, and the failure to find its endpoint suggests the right one", async () => {
  const { help } = await firstFailure(["region", "us-wset-2"], {});
  assert.equal(help?.code, "ACS-N01");
  assert.equal(help.fix, "Check the region: did you mean us-west-2 instead of us-wset-2?");
});
