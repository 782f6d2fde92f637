/**
 * What a session reports about a proxy named in the environment. Proxies are configured per
 * process, so each test starts its own process.
 */

import assert from "node:assert/strict";
import { firstFailure, USES_PROXY, withProxy } from "../testing/failures/proxied_session.ts";
import { startRawPeer } from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import { ON_DENO } from "./transports_under_test.ts";

const ECS = "https://ecs.us-west-2.invalid/";

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

test("If a proxy variable is not a URL, the error says that it is ignored", async () => {
  // With NODE_USE_ENV_PROXY=1, Node.js does not start.
  const { help } = await firstFailure([ECS], { HTTPS_PROXY: "http://[proxy" });
  assert.equal(help?.code, "ACS-P01");
  assert.match(help.cause, /^HTTPS_PROXY is not a valid URL, so it is ignored, and ecs\.us-west-2/);
  assert.match(help.fix, /^Set HTTPS_PROXY to the URL of the proxy/);
});

test("A misspelled region is accepted, and the error for its unknown host name suggests the correct region", async () => {
  const { help } = await firstFailure(["region", "us-wset-2"], {});
  assert.equal(help?.code, "ACS-N01");
  assert.equal(help.fix, "Check the region: did you mean us-west-2 instead of us-wset-2?");
});
