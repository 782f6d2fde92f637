/** The output of the command, and of an agent that crashes, contains no secret at any log level. */

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { AcsEmulator, sampleCredentials, samplePayload } from "../../emulator/mod.ts";
import { RECEIVED_MESSAGE_TYPES } from "../../protocol/message_types.ts";
import { TestAgent } from "../emulator/test_agent.ts";
import { ON_DENO } from "../fault/transports_under_test.ts";
import { type Exit, runAcs, startAcs, startProgram } from "../testing/programs/acs_command.ts";
import {
  assertNoSecretIn,
  credentialsWithSecrets,
  INSTANCE_KEYS,
  payloadWithSecrets,
} from "../testing/hostile/planted_secrets.ts";
import { CONTAINER_INSTANCE_ARN } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";

const CRASHING_AGENT = fileURLToPath(
  new URL("../testing/programs/crashing_agent.ts", import.meta.url),
);

/** Deno sends a second request to learn the reason. */
const REQUESTS_FOR_A_REFUSAL = ON_DENO ? 2 : 1;

const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: INSTANCE_KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: INSTANCE_KEYS.secretAccessKey,
  AWS_SESSION_TOKEN: INSTANCE_KEYS.sessionToken,
  AWS_REGION: "us-west-2",
};

const RUN = ["run", "--container-instance-arn", CONTAINER_INSTANCE_ARN, "--log-level", "trace"];

function assertDiscreet({ stdout, stderr }: Exit, more: Record<string, string> = {}): void {
  assertNoSecretIn(`${stdout}\n${stderr}`, more);
}

for (const format of ["text", "json"] as const) {
  test(`acs run --format ${format} reveals no secret of messages, refusals and keys`, async () => {
    await using emulator = await AcsEmulator.listen({
      credentials: INSTANCE_KEYS,
      heartbeatIntervalMs: 0,
    });
    const body = `you are ${JSON.stringify(INSTANCE_KEYS)}`;
    emulator.refuseNextUpgrade({ status: 403, body, next: REQUESTS_FOR_A_REFUSAL });
    const connected = emulator.waitForConnection();
    const run = startAcs([...RUN, "--format", format], {
      ...ENVIRONMENT,
      AWS_ENDPOINT_URL_ECS: emulator.url,
    });
    const connection = await connected;
    for (const type of [...RECEIVED_MESSAGE_TYPES, "MessageOfTheFuture"]) {
      if (/^(Close|Error)|Exception$/.test(type)) continue;
      const text = JSON.stringify({ type, message: payloadWithSecrets() });
      connection.send(text);
      connection.send(text.slice(0, -2));
      connection.send(JSON.stringify({ type, message: payloadWithSecrets({ messageId: 1 }) }));
    }
    const credentials = credentialsWithSecrets();
    connection.send(JSON.stringify({ type: "IAMRoleCredentialsMessage", message: credentials }));
    const message = { message: `you are ${JSON.stringify(INSTANCE_KEYS)}` };
    connection.send(JSON.stringify({ type: "ErrorMessage", message }));
    connection.send(JSON.stringify({ type: "HeartbeatMessage", message: { messageId: "last" } }));
    await emulator.expectAck("last");
    await emulator.expectAck(credentials.messageId);
    run.signal("SIGTERM");
    const exit = await run.ended;
    assert.match(exit.stdout, /PayloadMessage/);
    assert.match(exit.stderr, /Received|Not answered/);
    assertDiscreet(exit);
  });
}

test("acs run reveals no secret of its environment in its help and in errors about flags", async () => {
  const secret = "planted+endpoint+password";
  const url = `http://user:${secret}@127.0.0.1:1/?token=${secret}`;
  for (
    const [args, env] of [
      [["run", "--help"], { ...ENVIRONMENT, AWS_ENDPOINT_URL: url }],
      [RUN, { ...ENVIRONMENT, AWS_ENDPOINT_URL_ECS: url }],
      [[...RUN, "--endpoint-url", url], ENVIRONMENT],
      [[...RUN, "--endpoint-url", `htp${url}`], ENVIRONMENT],
    ] as const
  ) {
    const exit = await runAcs(args, env);
    assert.match(exit.stdout + exit.stderr, /Usage|endpoint/i);
    assertDiscreet(exit, { secret });
  }
});

test("acs run behind a proxy reveals no password of the proxy, whatever the proxy answers", async () => {
  const password = "planted+proxy+password";
  const login = encodeURIComponent(password);
  // It echoes what it was sent.
  const proxy = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (head: Uint8Array) => {
      const body = `${password} ${new TextDecoder().decode(head)}`;
      socket.end(
        `HTTP/1.1 407 No\r\nX-Echo: ${password}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  const port = typeof address === "object" ? address?.port : 0;
  try {
    for (const endpoint of ["https://ecs.invalid/", "http://ecs.invalid/"]) {
      const run = startAcs([...RUN, "--endpoint-url", endpoint, "--format", "json"], {
        ...ENVIRONMENT,
        NODE_USE_ENV_PROXY: "1",
        HTTPS_PROXY: `http://user:${login}@127.0.0.1:${port}`,
        HTTP_PROXY: `http://user:${login}@127.0.0.1:${port}`,
        NO_PROXY: "",
        DENO_NO_UPDATE_CHECK: "1",
      });
      await run.output(/"event":"waiting"/);
      run.signal("SIGTERM");
      const exit = await run.ended;
      assert.match(exit.stderr, /ecs\.invalid/);
      assertDiscreet(exit, {
        password,
        header: btoa(`user:${password}`).replace(/=+$/, ""),
      });
    }
  } finally {
    await new Promise((resolve) => proxy.close(resolve));
  }
});

test("acs emulate reveals no secret of agents and of what it sends", async () => {
  const emulate = startAcs(
    ["emulate", "--traffic", "1", "--credentials", "env", "--format", "json"],
    { ...ENVIRONMENT, ACS_CONTROL_TOKEN: "planted-control-token" },
  );
  const [, url = ""] = await emulate.output(/"url":"([^"]+)"/);
  const agent = await TestAgent.connect({ url }, { credentials: INSTANCE_KEYS });
  agent.sendRaw(JSON.stringify({ type: "AckRequest", message: payloadWithSecrets() }));
  agent.sendRaw(JSON.stringify(payloadWithSecrets()).slice(0, -4));
  agent.send("NackRequest", { messageId: "x", reason: JSON.stringify(payloadWithSecrets()) });
  await agent.waitForTexts(10);
  await agent.leave();
  await emulate.output(/"event":"problem"/);
  emulate.signal("SIGTERM");
  const exit = await emulate.ended;
  assertDiscreet(exit, { token: "planted-control-token", ...SAMPLE_SECRETS });
  for (const text of agent.texts) {
    for (const key of text.matchAll(/"(?:secretAccessKey|sessionToken)":"([^"]+)"/g)) {
      assertDiscreet(exit, { key: key[1] ?? "" });
    }
  }
});

/** The values in the samples' secret fields. */
const SAMPLE_SECRETS: Record<string, string> = {
  key: String(sampleCredentials().roleCredentials?.secretAccessKey),
  token: String(sampleCredentials().roleCredentials?.sessionToken).replace(/\d+$/, ""),
  greeting: String(samplePayload().tasks?.[0]?.containers?.[0]?.environment?.["GREETING"]),
};

test("acs demo reveals no secret of its samples", async () => {
  const exit = await runAcs(["demo"]);
  assert.equal(exit.code, 0);
  assertDiscreet(exit, SAMPLE_SECRETS);
});

for (const how of ["exception", "rejection"] as const) {
  test(`An agent that exits with an uncaught ${how} prints no secret that its session holds`, async () => {
    await using emulator = await AcsEmulator.listen({
      credentials: INSTANCE_KEYS,
      heartbeatIntervalMs: 0,
    });
    const connected = emulator.waitForConnection();
    const agent = startProgram(CRASHING_AGENT, [emulator.url, how]);
    const connection = await connected;
    const credentials = credentialsWithSecrets();
    connection.send(JSON.stringify({ type: "IAMRoleCredentialsMessage", message: credentials }));
    await emulator.expectAck(credentials.messageId);
    connection.send(JSON.stringify({ type: "PayloadMessage", message: payloadWithSecrets() }));
    const exit = await agent.ended;
    assert.notEqual(exit.code, 0);
    assert.match(exit.stderr, /the agent is broken/);
    assertDiscreet(exit);
  });

  test(`An agent that exits with the session's own error, as an uncaught ${how}, prints no secret`, async () => {
    await using emulator = await AcsEmulator.listen({
      credentials: INSTANCE_KEYS,
      heartbeatIntervalMs: 0,
    });
    const body = `you sent ${JSON.stringify(INSTANCE_KEYS)}`;
    emulator.refuseNextUpgrade({ status: 403, body, next: REQUESTS_FOR_A_REFUSAL });
    const exit = await startProgram(CRASHING_AGENT, [emulator.url, how]).ended;
    assert.notEqual(exit.code, 0);
    assert.match(exit.stderr, /UpgradeRefusedError/);
    assertDiscreet(exit);
  });
}
