import assert from "node:assert/strict";
import { metadataProxyHint } from "../../../wsclient/transports/metadata_proxy.ts";
import { test } from "../../testing/test.ts";

const PROXY = { HTTP_PROXY: "http://proxy.example:3128" };
const NONE: readonly string[] = [];

for (
  const { what, env, execArgv } of [
    { what: "NODE_USE_ENV_PROXY", env: { ...PROXY, NODE_USE_ENV_PROXY: "1" }, execArgv: NONE },
    { what: "--use-env-proxy", env: PROXY, execArgv: ["--use-env-proxy"] },
    { what: "NODE_OPTIONS", env: { ...PROXY, NODE_OPTIONS: "--use-env-proxy" }, execArgv: NONE },
    {
      what: "a NO_PROXY that names only one address",
      env: { ...PROXY, NODE_USE_ENV_PROXY: "1", NO_PROXY: "localhost, 169.254.169.254" },
      execArgv: NONE,
    },
  ]
) {
  test(`An error about credentials says that Node sends metadata requests through a proxy because of ${what}`, () => {
    assert.match(
      metadataProxyHint({ env, execArgv }),
      /^; .*HTTP_PROXY.*NO_PROXY.*169\.254\.170\.2$/,
    );
  });
}

test("If no proxy is used for metadata services, none is mentioned", () => {
  const uses = { ...PROXY, NODE_USE_ENV_PROXY: "1" };
  for (
    const env of [
      {},
      PROXY,
      { NODE_USE_ENV_PROXY: "1" },
      { ...uses, NO_PROXY: "*" },
      { ...uses, no_proxy: "169.254.170.2,169.254.169.254" },
    ]
  ) {
    assert.equal(metadataProxyHint({ env, execArgv: [] }), "");
  }
});
