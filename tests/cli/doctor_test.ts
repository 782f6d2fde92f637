/** `acs doctor` against the emulator, and against hosts that fail in each way. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CheckResult } from "../../cli/doctor/check.ts";
import { checkRuntime } from "../../cli/doctor/checks/check_runtime.ts";
import { checkSession } from "../../cli/doctor/checks/check_session.ts";
import { EXAMPLE_CREDENTIALS } from "../../emulator/emulator_credentials.ts";
import { SAMPLE_CONTAINER_INSTANCE_ARN } from "../../emulator/samples/samples.ts";
import {
  CLOSED_PORT,
  configurationFor,
  DIFFERENCES,
  examine,
  FAULTS,
  withEmulator,
  withFault,
} from "../testing/doctor/doctor_scenes.ts";
import { runAcs } from "../testing/programs/acs_command.ts";
import { startRawPeer } from "../testing/sockets/raw_peer.ts";
import { createTestCa } from "../testing/sockets/test_ca.ts";
import { test } from "../testing/test.ts";

/** The ids of the checks with a status. */
function withStatus(results: readonly CheckResult[], status: CheckResult["status"]): string[] {
  return results.filter((each) => each.status === status).map(({ id }) => id);
}

test("With a healthy service, all applicable checks pass, and no agent is displaced", () =>
  withEmulator({}, async (emulator) => {
    const results = await examine(emulator.url);
    assert.deepEqual(withStatus(results, "failed"), []);
    assert.deepEqual(withStatus(results, "warning"), []);
    assert.deepEqual(withStatus(results, "skipped"), ["ecs.tls", "acs.tls", "acs.session"]);
    assert.deepEqual(emulator.connections, []);
  }));

test("With --connect, a session is held until the first message", () =>
  withEmulator({}, async (emulator) => {
    const results = await examine(emulator.url, { connect: true });
    const session = results.find(({ id }) => id === "acs.session");
    assert.equal(session?.status, "passed");
    assert.match(session.detail, /^connected, \w+Message after \d+ m?s$/);
  }));

test("A service that accepts the connection and sends nothing fails the session check", () =>
  withEmulator({ heartbeatIntervalMs: 0 }, async (emulator) => {
    const outcome = await checkSession(
      {
        configuration: configurationFor(emulator.url),
        facts: { credentials: EXAMPLE_CREDENTIALS },
        timeoutMs: 1_000,
      },
      "1.0.0",
      300,
    );
    assert.equal(outcome.code, "ACS-S02");
    assert.equal(outcome.detail, "connected, but no message within 300 ms");
  }));

for (const { what, emulator = {}, inject, doctor, id, code } of DIFFERENCES) {
  test(`With ${what}, acs doctor finds ${code} with the check ${id}`, () =>
    withEmulator(emulator, async (running) => {
      inject?.(running);
      const results = await examine(running.url, doctor);
      const first = results.find(({ status }) => status === "failed");
      assert.equal(first?.id, id, JSON.stringify(results));
      assert.equal(first.code, code);
      assert.ok(first.fix && first.cause && first.docs);
    }));
}

test("With a wrong clock, the later checks are run with a corrected signature", () =>
  withEmulator({ clockSkewMs: -3_600_000 }, async (emulator) => {
    const results = await examine(emulator.url);
    assert.deepEqual(withStatus(results, "failed"), ["clock"]);
    assert.equal(results.find(({ id }) => id === "clock")?.detail, "1 h ahead of AWS");
    assert.ok(withStatus(results, "passed").includes("acs.websocket"));
  }));

for (const { what, id, code, ...fault } of FAULTS) {
  test(`When ECS ${what}, acs doctor finds ${code} with the check ${id} and skips the checks that depend on it`, () =>
    withFault(fault, async (url) => {
      const results = await examine(url, { timeoutMs: 500 });
      const [first, ...others] = results.filter(({ status }) => status === "failed");
      assert.equal(first?.id, id, JSON.stringify(results));
      assert.equal(first.code, code);
      assert.deepEqual(others, []);
      const later = results.slice(results.indexOf(first) + 1);
      assert.ok(later.filter(({ blockedBy }) => blockedBy === id).length > 0);
    }));
}

test("An unsupported version of Node.js is reported with the supported ones", () => {
  assert.equal(checkRuntime("Node.js 24.1.0").status, "passed");
  assert.equal(checkRuntime("Node.js 22.13.0").status, "passed");
  assert.equal(checkRuntime("Node.js 22.12.0").status, "warning");
  assert.equal(checkRuntime("Node.js 20.19.0").status, "failed");
  assert.match(checkRuntime("Node.js 20.19.0").fix ?? "", /Node\.js 22\.13/);
});

const ENV = {
  AWS_ACCESS_KEY_ID: EXAMPLE_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: EXAMPLE_CREDENTIALS.secretAccessKey,
  AWS_EC2_METADATA_DISABLED: "true",
  ACS_CONTAINER_INSTANCE_ARN: SAMPLE_CONTAINER_INSTANCE_ARN,
  DENO_NO_UPDATE_CHECK: "1",
  NO_PROXY: "",
};

test("acs doctor exits with 0 if an agent should connect, and names the source of each value", () =>
  withEmulator({}, async (emulator) => {
    const env = { ...ENV, AWS_ENDPOINT_URL_ECS: emulator.url, AWS_REGION: "us-west-2" };
    const { code, stdout } = await runAcs(["doctor"], env);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /region +us-west-2 \(AWS_REGION\)/);
    // Older versions of the AWS SDK do not say where keys come from.
    assert.match(stdout, /cluster +default \(the ARN\)/);
    assert.match(stdout, /credentials +…MPLE/);
    assert.match(stdout, /An agent with these settings should connect\.\n$/);
    assert.ok(!stdout.includes(ENV.AWS_SECRET_ACCESS_KEY));
    assert.ok(!stdout.includes(ENV.AWS_ACCESS_KEY_ID));
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
  }));

test("acs doctor exits with 1 if a check fails, and says what to do in 24 lines of 80 columns", async () => {
  const env = { ...ENV, AWS_ENDPOINT_URL_ECS: "https://ecs.us-west-2.invalid" };
  const { code, stdout } = await runAcs(["doctor"], env);
  assert.equal(code, 1);
  assert.match(stdout, /FAIL ACS-N01 Name not found\n/);
  assert.match(stdout, /What to do: Check the spelling of the region/);
  const lines = stdout.trimEnd().split("\n");
  for (const line of lines) assert.ok(line.length <= 80, line);
  assert.ok(lines.length <= 24, stdout);
});

test("acs doctor --format json prints one object with all checks", async () => {
  const env = { ...ENV, AWS_ENDPOINT_URL_ECS: `http://127.0.0.1:${CLOSED_PORT}` };
  const { code, stdout } = await runAcs(["doctor", "--format", "json"], env);
  assert.equal(code, 1);
  const report = JSON.parse(stdout);
  const check = report.checks.find(({ id }: { id: string }) => id === "ecs.tcp");
  assert.equal(check.status, "failed");
  assert.equal(check.code, "ACS-N02");
  assert.match(check.fix, /npx @acs\/session emulate --port/);
  assert.equal(report.failed, 1);
  assert.deepEqual(report.configuration.ecsUrl.source, "AWS_ENDPOINT_URL_ECS");
  assert.ok(!stdout.includes(ENV.AWS_SECRET_ACCESS_KEY));
});

for (
  const { what, args, env, message } of [
    {
      what: "no container instance",
      args: [],
      env: { ACS_CONTAINER_INSTANCE_ARN: "" },
      message: /the container instance is missing/,
    },
    {
      what: "a URL with a password",
      args: ["--endpoint-url", "https://user:made-up@ecs.example/"],
      env: {},
      message: /--endpoint-url must be an http: or https: URL without user name/,
    },
    {
      what: "an impossible region",
      args: ["--region", "US West"],
      env: {},
      message: /--region must be the name of a region/,
    },
    { what: "a wrong time limit", args: ["--timeout", "soon"], env: {}, message: /duration/ },
  ]
) {
  test(`acs doctor with ${what} is a usage error`, async () => {
    const { code, stderr } = await runAcs(["doctor", ...args], { ...ENV, ...env });
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
    assert.ok(!stderr.includes("made-up"));
  });
}

for (
  const { what, status, code } of [
    { what: "refuses the tunnel", status: 403, code: "ACS-P03" },
    { what: "requires a login", status: 407, code: "ACS-P04" },
  ]
) {
  test(`A proxy that ${what} is found by the proxy check as ${code}`, async () => {
    const proxy = await startRawPeer(async (connection) => {
      await connection.readRequest();
      connection.socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
    });
    try {
      const env = {
        ...ENV,
        NODE_USE_ENV_PROXY: "1",
        HTTPS_PROXY: `http://someone:made-up@127.0.0.1:${proxy.port}`,
        AWS_ENDPOINT_URL_ECS: "https://ecs.us-west-2.invalid",
      };
      const { stdout } = await runAcs(["doctor", "--format", "json"], env);
      const { checks, configuration } = JSON.parse(stdout);
      const check = checks.find(({ id }: { id: string }) => id === "ecs.proxy");
      assert.equal(check.code, code, stdout);
      assert.equal(configuration.proxy.source, "HTTPS_PROXY");
      assert.ok(!stdout.includes("made-up"));
    } finally {
      await proxy.close();
    }
  });
}

test("A certificate for another name, issued by a trusted authority, is reported as ACS-T03", async () => {
  const wrongName = await createTestCa([], { isForOther: true });
  const folder = await mkdtemp(join(tmpdir(), "doctor-"));
  const peer = await startRawPeer(async (connection) => await connection.ended, { tls: wrongName });
  try {
    const ca = join(folder, "ca.pem");
    await writeFile(ca, wrongName.ca);
    const env = {
      ...ENV,
      NODE_EXTRA_CA_CERTS: ca,
      DENO_CERT: ca,
      AWS_ENDPOINT_URL_ECS: `https://127.0.0.1:${peer.port}`,
    };
    const { stdout } = await runAcs(["doctor", "--format", "json"], env);
    const failed = JSON.parse(stdout).checks.find(({ status }: CheckResult) => status === "failed");
    assert.equal(failed.code, "ACS-T03", stdout);
  } finally {
    await peer.close();
    await rm(folder, { recursive: true });
  }
});

test("A proxy variable that is not a URL is a warning, and the reason why ECS has no address", async () => {
  const env = {
    ...ENV,
    HTTPS_PROXY: "http://[proxy",
    AWS_ENDPOINT_URL_ECS: "https://ecs.us-west-2.invalid",
  };
  const { stdout } = await runAcs(["doctor", "--format", "json"], env);
  const problems = JSON.parse(stdout).checks
    .filter(({ status }: CheckResult) => status === "failed" || status === "warning");
  assert.deepEqual(
    problems.map(({ id, status, code }: CheckResult) => ({ id, status, code })),
    [
      { id: "ecs.proxy", status: "warning", code: "ACS-P01" },
      { id: "ecs.dns", status: "failed", code: "ACS-P01" },
    ],
  );
  for (const { cause, fix } of problems) {
    assert.match(cause, /^HTTPS_PROXY is not a valid URL/);
    assert.match(fix, /^Set HTTPS_PROXY to the URL of the proxy/);
  }
});

test("A proxy that Node.js ignores is a warning, and the reason why ECS has no address", async () => {
  const env = {
    ...ENV,
    HTTPS_PROXY: `http://127.0.0.1:${CLOSED_PORT}`,
    AWS_ENDPOINT_URL_ECS: "https://ecs.us-west-2.invalid",
  };
  const { stdout } = await runAcs(["doctor", "--format", "json"], env);
  const problems = JSON.parse(stdout).checks
    .filter(({ status }: CheckResult) => status === "failed" || status === "warning")
    .map(({ id, status, code }: CheckResult) => ({ id, status, code }));
  const onNode = [
    { id: "ecs.proxy", status: "warning", code: "ACS-P01" },
    { id: "ecs.dns", status: "failed", code: "ACS-P01" },
  ];
  // Deno uses the proxy, which is down.
  const onDeno = [{ id: "ecs.proxy", status: "failed", code: "ACS-P02" }];
  assert.deepEqual(problems, "Deno" in globalThis ? onDeno : onNode);
});
