import assert from "node:assert/strict";
import { agentEnvironment } from "../../cli/agent_environment.ts";
import type { EmulatorTarget } from "../../emulator/agent_variables.ts";
import { EXAMPLE_CREDENTIALS } from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";

const TARGET: EmulatorTarget = {
  url: "http://127.0.0.1:4510",
  region: "us-west-2",
  clusterArn: undefined,
  containerInstances: undefined,
  credentials: EXAMPLE_CREDENTIALS,
};

test("The agent in a scenario inherits nothing that would misdirect it, and no emulator token", () => {
  const inherited = [
    "ACS_CONTROL_TOKEN",
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_STS",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "ECS_BACKEND_HOST",
    "ECS_CLUSTER",
    "ECS_CONTAINER_METADATA_URI_V4",
  ];

  const env = agentEnvironment(
    TARGET,
    Object.fromEntries(inherited.map((name) => [name, "planted"])),
  );

  assert.deepEqual(inherited.filter((name) => name in env), []);
});

test("The agent in a scenario inherits its own variables, and gets those that point it at the emulator", () => {
  const own = {
    PATH: "/bin",
    ECS_DATADIR: "/data",
    ECS_EXTERNAL: "false",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_MAX_ATTEMPTS: "2",
  };

  const env = agentEnvironment(TARGET, { ...own, AWS_REGION: "eu-west-1" });

  for (const [name, value] of Object.entries(own)) assert.equal(env[name], value, name);
  assert.equal(env.AWS_REGION, "us-west-2");
  assert.equal(env.AWS_DEFAULT_REGION, "us-west-2");
  assert.equal(env.AWS_ENDPOINT_URL_ECS, TARGET.url);
  assert.equal(agentEnvironment(TARGET, {}).ECS_EXTERNAL, "true");
});

for (
  const [url, inherited, expected] of [
    ["http://127.0.0.1:4510", {}, "127.0.0.1,localhost,::1"],
    ["http://[::1]:4510", { no_proxy: "a" }, "a,[::1],::1,localhost,127.0.0.1"],
    [
      "https://acs.example",
      { NO_PROXY: "", no_proxy: "b" },
      "b,acs.example,localhost,127.0.0.1,::1",
    ],
  ] as const
) {
  test(`No proxy intercepts what an agent sends to ${url}`, () => {
    const env = agentEnvironment({ ...TARGET, url }, { HTTPS_PROXY: "http://proxy", ...inherited });
    assert.deepEqual([env.NO_PROXY, env.no_proxy], [expected, expected]);
    assert.equal(env.HTTPS_PROXY, "http://proxy");
  });
}
