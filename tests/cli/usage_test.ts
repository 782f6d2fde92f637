import assert from "node:assert/strict";
import { runAcs } from "../testing/programs/acs_command.ts";
import { CONTAINER_INSTANCE_ARN } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

const REGION = ["--region", "us-west-2"];
const ARN = ["--container-instance-arn", CONTAINER_INSTANCE_ARN];

for (
  const [args, complaint] of [
    [["no-such-command"], /unknown command/],
    [["run"], /--region/],
    [["run", ...REGION], /--container-instance-arn/],
    [["run", ...REGION, "--container-instance-arn", "0123"], /must be an ARN/],
    [["run", ...REGION, ...ARN, "--endpoint-url", "ftp://example"], /http: or https: URL/],
    [["run", ...REGION, ...ARN, "--format", "xml"], /Allowed choices are text, json/],
    [["run", ...REGION, ...ARN, "--log-level", "loud"], /Allowed choices/],
    [["run", ...REGION, ...ARN, "--no-such-flag"], /unknown option/],
    [["run", "--region", "bad_region", ...ARN], /region/],
    [["run", ...REGION, ...ARN, "--agent-version", ""], /agentVersion/],
    [["run", ...REGION, ...ARN, "extra"], /too many arguments/],
    [["emulate", "--port", "65536"], /from 0 to 65535/],
    [["emulate", "--heartbeat", "soon"], /whole number/],
    [["emulate", "--heartbeat", "2-1"], /shorter time comes first/],
    [["emulate", "--heartbeat", "1-2-3"], /like 5000 or 20000-40000/],
    [["emulate", "--container-instance", "i-0123"], /ARN of a container instance/],
    [["emulate", "--exception-form", "odd"], /Allowed choices are framed, bare/],
    [["emulate", "--credentials", "env"], /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/],
    [["emulate", "--timeout", "1"], /--timeout is for a scenario/],
    [["emulate", "--verbose"], /--verbose is for a scenario/],
    [["emulate", "--", "my-agent"], /an agent to start is for a scenario/],
    [["emulate", "--traffic", "--scenario", "s.json"], /cannot be used with/],
    [["emulate", "--hostname", ""], /'--hostname <address>' argument '' is invalid.*be empty/],
    [["emulate", "--region", " "], /'--region <region>'.*must not be empty/],
    [["emulate", "--state", ""], /'--state <file>'.*must not be empty/],
    [["emulate", "--scenario", ""], /'--scenario <file>'.*must not be empty/],
    [["emulate", "--control-token", ""], /'--control-token <token>'.*must not be empty/],
    [["emulate", "--public-url", ""], /'--public-url <url>'.*must not be empty/],
    [["emulate", "--cluster", ""], /'--cluster <name or ARN>'.*name or the ARN of a cluster/],
    [["emulate", "--cluster", CONTAINER_INSTANCE_ARN], /name or the ARN of a cluster/],
    [["emulate", "--port", ""], /from 0 to 65535/],
    [["emulate", "--public-url", "acs.example"], /^error: --public-url must be an http: or https:/],
    [["emulate", "--heartbeet", "1000"], /unknown option '--heartbeet'.*--heartbeat/s],
    [["demo", "extra"], /too many arguments/],
  ] as const
) {
  test(`acs ${args.join(" ")} explains itself on stderr and exits with 2`, async () => {
    const { code, stdout, stderr } = await runAcs(args);
    assert.match(stderr, complaint);
    assert.match(stderr, /Usage: acs/);
    // In a terminal of 24 lines, the error stays on the screen.
    assert.ok(stderr.split("\n").length <= 10, stderr);
    assert.equal(stdout, "");
    assert.equal(code, 2);
  });
}

test("An endpoint in the environment that cannot work is a usage error, too", async () => {
  const { code, stdout, stderr } = await runAcs(["run", ...REGION, ...ARN], {
    AWS_ENDPOINT_URL: "gopher://example",
  });
  assert.match(stderr, /endpoint must be an http: or https: URL/);
  assert.match(stderr, /Usage: acs run/);
  assert.equal(stdout, "");
  assert.equal(code, 2);
});

test("Help that was asked for, and the version, go to stdout with exit code 0", async () => {
  for (const args of [["--help"], ["run", "--help"], ["--version"]]) {
    const { code, stdout, stderr } = await runAcs(args);
    assert.match(stdout, /Usage: acs|^\d+\.\d+\.\d+\n$/);
    assert.equal(stderr, "");
    assert.equal(code, 0);
  }
});

test("An empty variable counts as unset, and the next one is asked", async () => {
  const { code, stderr } = await runAcs(["run", ...ARN], {
    AWS_REGION: "",
    AWS_DEFAULT_REGION: "us-west-2",
    AWS_ENDPOINT_URL_ECS: "",
    AWS_ENDPOINT_URL: "gopher://example",
  });
  assert.match(stderr, /endpoint must be an http: or https: URL/);
  assert.equal(code, 2);
});
