/** A proxy between the session and ECS or ACS refuses CONNECT. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startRawPeer } from "../../testing/sockets/raw_peer.ts";
import { test } from "../../testing/test.ts";
import { ON_DENO } from "../transports_under_test.ts";
import { BACKOFF } from "./fault_row.ts";
import { DEV_CONFIG } from "../../testing/programs/acs_command.ts";
import { BrokenService } from "./broken_service.ts";

const CHILD = fileURLToPath(new URL("./proxy_session.ts", import.meta.url));
const FLAGS = ON_DENO
  ? ["run", "--config", DEV_CONFIG, "-A"]
  : ["--experimental-strip-types", "--no-warnings"];

/** A child that hangs is killed after this long, in ms. */
const HANGING_MS = 20_000;

for (const stage of ["discover", "connect"] as const) {
  const who = stage === "discover" ? "ECS" : "ACS";
  for (const status of [403, 407, 502]) {
    test(`A proxy that refuses CONNECT to ${who} with ${status}: the session tries again after 250 ms`, async () => {
      const requestLines: string[] = [];
      const proxy = await startRawPeer(async (connection) => {
        requestLines.push((await connection.readRequest()).line);
        connection.write(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
        connection.end();
        await connection.ended;
      });
      const service = await BrokenService.start({ deadEnd: { url: () => "https://acs.invalid/" } });
      try {
        const outcome = await run(
          stage === "discover" ? "https://ecs.invalid/" : service.url,
          `http://127.0.0.1:${proxy.port}`,
        );
        const host = stage === "discover" ? "ecs.invalid" : "acs.invalid";
        assert.equal(outcome.stage, stage);
        assert.equal(outcome.name, "ConnectError");
        assert.match(outcome.message, new RegExp(host));
        // Neither Deno nor Node's fetch exposes the proxy's status.
        if (!ON_DENO && stage === "connect") {
          assert.match(outcome.message, new RegExp(String(status)));
        }
        assert.deepEqual(outcome.next, BACKOFF);
        assert.deepEqual(new Set(requestLines), new Set([`CONNECT ${host}:443 HTTP/1.1`]));
        assert.equal(service.reached.acs, 0);
      } finally {
        await service.close();
        await proxy.close();
      }
    });
  }
}

/** What the child prints. */
interface Outcome {
  readonly stage: string;
  readonly name: string;
  readonly message: string;
  readonly next: unknown;
}

async function run(ecsUrl: string, proxyUrl: string): Promise<Outcome> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)),
  );
  const settings = {
    // Deno itself would check for a newer version through the proxy.
    DENO_NO_UPDATE_CHECK: "1",
    NODE_USE_ENV_PROXY: "1",
    HTTPS_PROXY: proxyUrl,
    NO_PROXY: "127.0.0.1",
  };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...FLAGS, CHILD, ecsUrl],
    { env: { ...env, ...settings }, timeout: HANGING_MS },
  );
  return JSON.parse(stdout);
}
