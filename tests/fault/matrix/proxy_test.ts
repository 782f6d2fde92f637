/**
 * A proxy between the session and ECS or ACS refuses CONNECT.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startRawPeer } from "../../testing/raw_peer.ts";
import { test } from "../../testing/test.ts";
import { ON_DENO } from "../kit.ts";
import { BACKOFF } from "./kit.ts";
import { DEV_CONFIG } from "../../testing/acs_command.ts";
import { Service } from "./service.ts";

const CHILD = fileURLToPath(new URL("./proxy_session.ts", import.meta.url));
const FLAGS = ON_DENO
  ? ["run", "--config", DEV_CONFIG, "-A"]
  : ["--experimental-strip-types", "--no-warnings"];

/** A child that hangs is ended after this long, in ms. */
const HANGING_MS = 20_000;

for (const stage of ["discover", "connect"] as const) {
  const who = stage === "discover" ? "ECS" : "ACS";
  for (const status of [403, 407, 502]) {
    test(`A proxy that refuses CONNECT to ${who} with ${status}: the session tries again after 250 ms`, async () => {
      const asked: string[] = [];
      const proxy = await startRawPeer(async (connection) => {
        asked.push((await connection.readRequest()).line);
        connection.write(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
        connection.end();
        await connection.ended;
      });
      const service = await Service.start({ deadEnd: { url: () => "https://acs.invalid/" } });
      try {
        const told = await run(
          stage === "discover" ? "https://ecs.invalid/" : service.url,
          `http://127.0.0.1:${proxy.port}`,
        );
        const host = stage === "discover" ? "ecs.invalid" : "acs.invalid";
        assert.equal(told.stage, stage);
        assert.equal(told.name, "ConnectError");
        assert.match(told.message, new RegExp(host));
        // Deno does not tell the proxy's status, nor does Node's fetch.
        if (!ON_DENO && stage === "connect") assert.match(told.message, new RegExp(String(status)));
        assert.deepEqual(told.next, BACKOFF);
        assert.deepEqual(new Set(asked), new Set([`CONNECT ${host}:443 HTTP/1.1`]));
        assert.equal(service.reached.acs, 0);
      } finally {
        await service.close();
        await proxy.close();
      }
    });
  }
}

/** What the child tells. */
interface Told {
  readonly stage: string;
  readonly name: string;
  readonly message: string;
  readonly next: unknown;
}

async function run(ecsUrl: string, proxyUrl: string): Promise<Told> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)),
  );
  const settings = {
    // Deno itself would ask through the proxy for a newer version.
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
