import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AcsEmulator } from "../../emulator/acs_emulator.ts";
import {
  sampleCredentials,
  samplePayload,
  sampleTaskManifest,
} from "../../emulator/samples/samples.ts";
import { EXAMPLE_CREDENTIALS } from "../../emulator/emulator_credentials.ts";
import { type AcsProcess, startAcs } from "../testing/programs/acs_command.ts";
import { CONTAINER_INSTANCE_ARN } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

function withAgent(
  args: readonly string[],
  fn: (stage: { emulator: AcsEmulator; agent: AcsProcess }) => Promise<void>,
  credentials: { accessKeyId: string; secretAccessKey: string } = EXAMPLE_CREDENTIALS,
): Promise<void> {
  return withAgentIn(
    {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    args,
    fn,
  );
}

/** Runs an agent with these variables, which say where its keys are. */
async function withAgentIn(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  fn: (stage: { emulator: AcsEmulator; agent: AcsProcess }) => Promise<void>,
): Promise<void> {
  const emulator = await AcsEmulator.listen();
  const agent = startAcs(
    ["run", "--region", "us-west-2", "--container-instance-arn", CONTAINER_INSTANCE_ARN, ...args],
    { AWS_ENDPOINT_URL_ECS: emulator.url, AWS_EC2_METADATA_DISABLED: "true", ...env },
  );
  try {
    await fn({ emulator, agent });
  } finally {
    agent.signal("SIGKILL");
    await agent.ended;
    await emulator.close();
  }
}

function parseLines(stdout: string): Record<string, unknown>[] {
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

test("A dry-run agent acknowledges payloads with their credentials, and stops what a manifest does not list", () =>
  withAgent(["--format", "json", "--log-level", "trace"], async ({ emulator, agent }) => {
    const posted = emulator.sendPayload(samplePayload(1, 2));
    await posted.acked;
    await emulator.sendCredentials(sampleCredentials(1)).acked;
    await emulator.sendTaskManifest(sampleTaskManifest(1)).acked;
    const verification = await emulator.waitForMessage("TaskStopVerificationMessage");
    assert.equal(verification.message.stopCandidates?.length, 1);
    await agent.output(/"event":"received".*"TaskStopVerificationAck"/);
    // The stopped task is not a candidate any more.
    await emulator.sendTaskManifest(sampleTaskManifest(1)).acked;
    await emulator.sendHeartbeat().acked;
    const sent = emulator.received.map(({ type }) => type);
    assert.equal(sent.filter((type) => type === "TaskStopVerificationMessage").length, 1);
    const forPayload = emulator.received.filter(({ messageId }) => messageId === posted.messageId);
    assert.deepEqual(forPayload.map(({ type }) => type), [
      "AckRequest",
      "IAMRoleCredentialsAckRequest",
      "IAMRoleCredentialsAckRequest",
      "IAMRoleCredentialsAckRequest",
      "IAMRoleCredentialsAckRequest",
    ]);

    const disconnected = emulator.waitFor("disconnected");
    agent.signal("SIGTERM");
    const { code, stdout, stderr } = await agent.ended;
    assert.equal(code, 0, stderr);
    assert.equal((await disconnected).closeCode, 1000);

    const lines = parseLines(stdout);
    assert.ok(lines.every(({ time }) => !Number.isNaN(Date.parse(String(time)))));
    assert.deepEqual(lines.slice(0, 7).map(({ event }) => event), [
      "started",
      "discovering",
      "credentials",
      "discovered",
      "connecting",
      "connected",
      "received",
    ]);
    assert.deepEqual(lines.slice(-3).map(({ event }) => event), [
      "disconnected",
      "stopped",
      "summary",
    ]);
    const took = lines.find(({ event, family }) => event === "agent" && family !== undefined);
    assert.match(String(took?.["taskArn"]), /^arn:aws:ecs:.*:task\//);
    assert.match(stderr, /Received PayloadMessage/);
    const secrets = JSON.stringify([samplePayload(1, 2), sampleCredentials(1)])
      .match(/(?<="(secretAccessKey|sessionToken)":")[^"]+/g) ?? [];
    assert.ok(secrets.length >= 8);
    for (const secret of [...secrets, EXAMPLE_CREDENTIALS.secretAccessKey]) {
      assert.ok(!(stdout + stderr).includes(secret), "a secret was printed");
    }
  }));

test("A refused agent says why and when it tries again, and exits with 1 since it was never connected", () =>
  withAgent(
    ["--format", "json"],
    async ({ agent }) => {
      await agent.output(/"event":"waiting"/);
      agent.signal("SIGINT");
      const { code, stdout } = await agent.ended;
      assert.equal(code, 1);
      const lines = parseLines(stdout);
      const waiting = lines.find(({ event }) => event === "waiting");
      assert.equal(typeof waiting?.["delayMs"], "number");
      assert.match(String(waiting?.["error"]), /Exception/);
      for (const event of ["connectfailed", "waiting"]) {
        const line = lines.find((each) => each["event"] === event);
        assert.equal(typeof line?.["code"], "string");
        assert.equal(typeof line?.["retryable"], "boolean");
        assert.equal(line?.["attempt"], 1);
      }
      assert.equal(lines.at(-1)?.["event"], "summary");
      assert.equal(lines.at(-1)?.["exitCode"], 1);
    },
    { ...EXAMPLE_CREDENTIALS, secretAccessKey: "wrong" },
  ));

test("A first signal while nothing answers ends the agent cleanly", () =>
  withAgent(["--format", "json"], async ({ emulator, agent }) => {
    await emulator.waitForMessage("HeartbeatAckRequest");
    emulator.hangNextUpgrade();
    emulator.closeConnections();
    await agent.output(/"disconnected"[^]*"connecting"/);
    agent.signal("SIGTERM");
    const { code, stdout } = await agent.ended;
    assert.equal(code, 0);
    assert.equal(parseLines(stdout).at(-2)?.["event"], "stopped");
  }));

test("A peer that stops answering cannot keep the agent from exiting", () =>
  withAgent(["--format", "json"], async ({ emulator, agent }) => {
    await emulator.waitForMessage("HeartbeatAckRequest");
    emulator.stallConnections();
    agent.signal("SIGTERM");
    const { code } = await agent.ended;
    assert.equal(code, 0);
  }));

test("The text timeline names what is received, sent and done", () =>
  withAgent([], async ({ emulator, agent }) => {
    await emulator.sendPayload(samplePayload(1)).acked;
    await agent.output(/< PayloadMessage .*\n.*agent .*accepted task/);
    await agent.output(/> AckRequest/);
  }));

test("The header shows the agent's identity and where it connects, and the last line the outcome", () =>
  withAgent([], async ({ emulator, agent }) => {
    await emulator.waitForMessage("HeartbeatAckRequest");
    agent.signal("SIGINT");
    const { code, stdout } = await agent.ended;
    assert.equal(code, 0);
    const [title = "", ...lines] = stdout.trimEnd().split("\n");
    assert.match(title, /^acs run \d+\.\d+\.\d+: a dry-run agent/);
    assert.match(
      lines.slice(0, 3).join("\n"),
      /0123456789abcdef[^]*default[^]*us-west-2[^]*127\.0\.0\.1/,
    );
    assert.match(
      lines.at(-1) ?? "",
      /^Stopped\. Connected for .*, \d+ messages? received, \d+ sent\.$/,
    );
  }));

test("With --until connected the agent exits with 0 as soon as it is connected", () =>
  withAgent(["--until", "connected", "--within", "1min"], async ({ agent }) => {
    const { code, stdout } = await agent.ended;
    assert.equal(code, 0, stdout);
    assert.match(stdout, /\nConnected after .* and 1 attempt\.\n$/);
  }));

test("With --within the agent exits with 1 if it is not connected by then, and says why", () =>
  withAgent(
    ["--until", "connected", "--within", "1500ms"],
    async ({ agent }) => {
      const { code, stdout } = await agent.ended;
      assert.equal(code, 1);
      assert.match(
        stdout,
        /\nNot connected within 1\.5 s: \w+.* \(\d+ attempts? in .*\)\. Try: npx @acs\/session doctor\n$/,
      );
      // A repeated failure is printed once.
      assert.equal(stdout.match(/refused by ECS/g)?.length, 1, stdout);
    },
    { ...EXAMPLE_CREDENTIALS, secretAccessKey: "wrong" },
  ));

test("Errors that events report are not logged a second time, except for their causes at level debug", async () => {
  for (const [level, isLogged] of [["error", false], ["debug", true]] as const) {
    const agent = startAcs(
      ["run", "--container-instance-arn", CONTAINER_INSTANCE_ARN, "--log-level", level],
      {
        AWS_ENDPOINT_URL_ECS: "http://127.0.0.1:1",
        AWS_ACCESS_KEY_ID: EXAMPLE_CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: EXAMPLE_CREDENTIALS.secretAccessKey,
      },
    );
    await agent.output(/Trying again in/);
    agent.signal("SIGTERM");
    const { code, stderr } = await agent.ended;
    assert.equal(code, 1);
    assert.equal(/Cannot .* <- /.test(stderr), isLogged, stderr);
  }
});

test("With --metrics-port the agent serves its health, its readiness and its metrics", () =>
  withAgent(["--format", "json", "--metrics-port", "0"], async ({ emulator, agent }) => {
    const [, url = ""] = await agent.output(/"metrics":"([^"]+)"/);
    await emulator.waitForMessage("HeartbeatAckRequest");
    await agent.output(/"event":"sent","version":"[^"]*","attempt":1/);
    const ready = await fetch(`${url}/readyz`);
    assert.equal(ready.status, 200);
    assert.equal((await ready.json()).ready, true);
    const health = await fetch(`${url}/healthz`);
    assert.deepEqual([health.status, await health.json()], [200, { status: "ok" }]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    assert.match(metrics, /^acs_connect_duration_count\{.*acs_outcome="success".*\} 1/m);
    assert.match(metrics, /^acs_message_duration_bucket\{.*HeartbeatMessage/m);
    const other = await fetch(`${url}/other`);
    assert.equal(other.status, 404);
    await other.body?.cancel();
    agent.signal("SIGTERM");
    assert.equal((await agent.ended).code, 0);
  }));

test("A --metrics-port that is in use is reported in one sentence, exit code 2", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    const { code, stderr } = await startAcs(
      ["run", "--container-instance-arn", CONTAINER_INSTANCE_ARN, "--metrics-port", `${port}`],
      { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" },
    ).ended;
    assert.match(
      stderr,
      /^error: cannot listen on port \d+: another program is using it; choose another --metrics-port/,
    );
    assert.equal(code, 2);
  } finally {
    taken.close();
    await once(taken, "close");
  }
});

test("Keys that are rotated in the shared credentials file while the agent runs are used at the next attempt", async () => {
  const folder = await mkdtemp(join(tmpdir(), "acs-keys-"));
  const file = join(folder, "credentials");
  const write = (keys: { accessKeyId: string; secretAccessKey: string }) =>
    writeFile(
      file,
      `[default]\naws_access_key_id=${keys.accessKeyId}\naws_secret_access_key=${keys.secretAccessKey}\n`,
    );
  await write(EXAMPLE_CREDENTIALS);
  const env = {
    AWS_SHARED_CREDENTIALS_FILE: file,
    AWS_CONFIG_FILE: join(folder, "config"),
    AWS_ACCESS_KEY_ID: "",
    AWS_SECRET_ACCESS_KEY: "",
  };
  try {
    await withAgentIn(env, ["--format", "json"], async ({ emulator, agent }) => {
      await emulator.waitForMessage("HeartbeatAckRequest");
      const fresh = { accessKeyId: "AKIDFRESH", secretAccessKey: "fresh/secret/access/key" };
      emulator.acceptCredentials(fresh);
      await write(fresh);
      emulator.closeConnections();
      const [, next] = await agent.output(
        /"event":"disconnected"[^]*?"event":"(connected|connectfailed)"/,
      );
      assert.equal(next, "connected");
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("Keys are requested from the metadata service without any proxy", async () => {
  const requested: (string | undefined)[] = [];
  const proxy = createServer((request, response) => {
    requested.push(request.url);
    response.end("no keys");
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  assert.ok(typeof address === "object" && address !== null);
  const env = {
    AWS_EC2_METADATA_DISABLED: "",
    AWS_SHARED_CREDENTIALS_FILE: "/nonexistent/credentials",
    AWS_CONFIG_FILE: "/nonexistent/config",
    AWS_METADATA_SERVICE_TIMEOUT: "1",
    HTTP_PROXY: `http://127.0.0.1:${address.port}`,
    http_proxy: "",
    no_proxy: "",
    NO_PROXY: "",
    // Node's http; Deno's node:http uses a proxy only with it, too.
    ...("Deno" in globalThis ? {} : { NODE_USE_ENV_PROXY: "1" }),
  };
  try {
    await withAgentIn(env, ["--format", "json"], async ({ agent }) => {
      await agent.output(/"event":"waiting"/);
    });
  } finally {
    proxy.close();
    await once(proxy, "close");
  }
  assert.deepEqual(requested.filter((url) => /169\.254|fd00/.test(url ?? "")), []);
});
