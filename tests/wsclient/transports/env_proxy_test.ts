import assert from "node:assert/strict";
import type { Environment } from "../../../internal/environment.ts";
import { envProxyFor } from "../../../wsclient/transports/env_proxy.ts";
import { test } from "../../testing/test.ts";

const HTTP = "http://plain.example:3128";
const HTTPS = "http://secure.example:3128";

test("A proxy is chosen by scheme, and a lower-case variable takes precedence", () => {
  const cases: readonly (readonly [string, Environment, string | undefined])[] = [
    ["wss://acs.example", {}, undefined],
    ["wss://acs.example", { HTTPS_PROXY: HTTPS }, HTTPS],
    ["wss://acs.example", { HTTPS_PROXY: HTTPS, HTTP_PROXY: HTTP }, HTTPS],
    ["wss://acs.example", { HTTP_PROXY: HTTP }, HTTP],
    ["wss://acs.example", { HTTPS_PROXY: "", HTTP_PROXY: HTTP }, HTTP],
    ["wss://acs.example", { HTTPS_PROXY: "http://upper.example", https_proxy: HTTPS }, HTTPS],
    ["ws://acs.example", { HTTPS_PROXY: HTTPS }, undefined],
    ["ws://acs.example", { HTTPS_PROXY: HTTPS, HTTP_PROXY: HTTP }, HTTP],
    ["ws://acs.example", { http_proxy: HTTP, HTTP_PROXY: "http://upper.example" }, HTTP],
  ];
  for (const [url, env, proxy] of cases) {
    assert.equal(envProxyFor(url, env), proxy, `${url} ${JSON.stringify(env)}`);
  }
});

test("NO_PROXY names hosts, domains, addresses and ports that are connected to directly", () => {
  const direct: readonly (readonly [string, string])[] = [
    ["*", "wss://acs.example"],
    ["other, *", "wss://acs.example"],
    ["acs.example", "wss://acs.example"],
    ["ACS.example.", "wss://acs.EXAMPLE"],
    ["acs.example", "wss://acs.example."],
    ["example", "wss://acs.example"],
    [".example", "wss://acs.example"],
    ["*.example", "wss://acs.example"],
    ["a b,example\tc", "wss://acs.example"],
    ["acs.example:443", "wss://acs.example"],
    ["acs.example:8443", "wss://acs.example:8443"],
    ["127.0.0.1", "wss://127.0.0.1:8443"],
    ["::1", "wss://[::1]:8443"],
    ["[::1]", "wss://[::1]:8443"],
    ["[::1]:8443", "wss://[::1]:8443"],
    ["*:443", "wss://acs.example"],
  ];
  for (const [NO_PROXY, url] of direct) {
    assert.equal(envProxyFor(url, { HTTPS_PROXY: HTTPS, NO_PROXY }), undefined, NO_PROXY);
  }
  const proxied: readonly (readonly [string, string])[] = [
    ["", "wss://acs.example"],
    ["acs.example:80", "wss://acs.example"],
    ["*:80", "wss://acs.example"],
    ["*.acs.example", "wss://acs.example"],
    ["cs.example", "wss://acs.example"],
    ["acs.example.org", "wss://acs.example"],
    ["[::1]:443", "wss://[::1]:8443"],
  ];
  for (const [NO_PROXY, url] of proxied) {
    assert.equal(envProxyFor(url, { HTTPS_PROXY: HTTPS, NO_PROXY }), HTTPS, NO_PROXY);
  }
  const lowerCaseFirst = { HTTPS_PROXY: HTTPS, NO_PROXY: "*", no_proxy: "" };
  assert.equal(envProxyFor("wss://acs.example", lowerCaseFirst), HTTPS);
});
