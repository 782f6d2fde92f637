/** `acs run` without credentials: each reason has its code. The AWS SDK itself looks for them. */

import assert from "node:assert/strict";
import { credentialsFailure } from "../../cli/credentials_failure.ts";
import {
  closedPort,
  failureWith,
  SSO_CONFIG,
  withFile,
} from "../testing/failures/missing_credentials.ts";
import { test } from "../testing/test.ts";

test("Without any credentials, the error says where to configure them", async () => {
  const error = await failureWith({});
  assert.equal(error.code, "ACS-C01");
  assert.match(error.message, /set AWS_ACCESS_KEY_ID/);
});

const TWO_PROFILES = "[profile production]\nregion = us-west-2\n[profile test]\n";

for (
  const { profile, config, fix } of [
    { profile: "prodution", config: TWO_PROFILES, fix: /^Set AWS_PROFILE to production if/ },
    { profile: "other", config: TWO_PROFILES, fix: /an existing profile: production, test\.$/ },
    { profile: "other", config: "", fix: /aws configure --profile other/ },
  ]
) {
  const files = config === "" ? "no profiles" : "the profiles production and test";
  test(`AWS_PROFILE=${profile}, with ${files}, is reported with a matching remedy`, () =>
    withFile(config, async (path) => {
      const error = await failureWith({ AWS_CONFIG_FILE: path, AWS_PROFILE: profile });
      assert.equal(error.code, "ACS-C02");
      assert.equal(error.profile, profile);
      assert.ok(error.help?.cause.startsWith(`AWS_PROFILE is "${profile}"`));
      assert.match(error.help?.fix ?? "", fix);
    }));
}

test("A credential_process that fails is reported as such, with its profile", () =>
  withFile("[profile vault]\ncredential_process = /nonexistent/vault\n", async (path) => {
    const error = await failureWith({ AWS_CONFIG_FILE: path, AWS_PROFILE: "vault" });
    assert.equal(error.code, "ACS-C08");
    assert.match(error.help?.cause ?? "", /credential_process of the AWS profile "vault"/);
  }));

test("A source_profile that does not exist is reported with the most similar existing one", () =>
  withFile(`${TWO_PROFILES}role_arn = x\nsource_profile = prodution\n`, async (path) => {
    const error = await failureWith({ AWS_CONFIG_FILE: path, AWS_PROFILE: "test" });
    assert.equal(error.code, "ACS-C02");
    assert.match(error.help?.fix ?? "", /^Set source_profile to production if/);
  }));

test("A temporary key without its session token is rejected before AWS reports it as unknown", async () => {
  const keys = { AWS_ACCESS_KEY_ID: "ASIAEXAMPLE", AWS_SECRET_ACCESS_KEY: "made-up" };
  const error = await failureWith(keys);
  assert.equal(error.code, "ACS-C06");
  assert.match(error.help?.fix ?? "", /^Set AWS_SESSION_TOKEN/);
});

test("If only one of the two keys is in the environment, the error names the missing one", async () => {
  const error = await failureWith({ AWS_ACCESS_KEY_ID: "AKIDEXAMPLE" });
  assert.equal(error.code, "ACS-C06");
  assert.equal(error.help?.fix, "Set AWS_SECRET_ACCESS_KEY, too.");
});

test("Keys above the first section of a file are reported", () =>
  withFile("aws_access_key_id = AKIDEXAMPLE\n", async (path) => {
    const error = await failureWith({ AWS_SHARED_CREDENTIALS_FILE: path });
    assert.equal(error.code, "ACS-C06");
    assert.match(error.help?.cause ?? "", /has keys above its first section/);
    assert.ok(!JSON.stringify(error.help).includes("AKIDEXAMPLE"));
  }));

test("A profile that exists, but has no credentials, is not reported as missing", () =>
  withFile("[profile production]\nregion = us-west-2\n", async (config) => {
    const error = await failureWith({ AWS_CONFIG_FILE: config, AWS_PROFILE: "production" });
    assert.equal(error.code, "ACS-C01");
    assert.equal(error.help?.cause, 'The AWS profile "production" has no credentials.');
  }));

test("An SSO session that has expired is reported with the command to sign in again", () =>
  withFile(
    SSO_CONFIG,
    async (config) => {
      const error = await failureWith({ AWS_CONFIG_FILE: config, AWS_PROFILE: "sso" });
      assert.equal(error.code, "ACS-C03");
      assert.equal(error.help?.fix, "Sign in again: aws sso login --profile sso.");
    },
  ));

test(
  "A credentials service that refuses the connection is reported as unreachable",
  async () => {
    const error = await failureWith({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${await closedPort()}/keys`,
    });
    assert.equal(error.code, "ACS-C05");
    assert.match(error.help?.fix ?? "", /Check that http:\/\/127\.0\.0\.1:\d+ responds/);
    // The SDK leaves a timer behind.
  },
  { leavesSocket: true },
);

test("A missing permission is reported with its flag", async () => {
  const denied = Object.assign(
    new Error('Requires env access to "HOME", run again with the --allow-env flag'),
    {
      name: "NotCapable",
    },
  );
  const error = await credentialsFailure(new Error("no home", { cause: denied }));
  assert.equal(error.code, "ACS-C04");
  assert.equal(error.retryable, false);
  assert.match(error.help?.fix ?? "", /Run it with --allow-env=HOME/);
});
