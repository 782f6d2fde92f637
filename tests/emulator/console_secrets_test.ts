/** Nothing secret reaches the console's page, whichever way it was sent. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AcsEmulator, EXAMPLE_CREDENTIALS } from "../../emulator/mod.ts";
import {
  assertNoSecretIn,
  credentialsWithSecrets,
  payloadWithSecrets,
} from "../testing/hostile/planted_secrets.ts";
import { test } from "../testing/test.ts";
import { call, operate } from "./control_client.ts";
import { EventClient } from "./event_client.ts";
import { TestAgent } from "./test_agent.ts";

/** Every query that the page makes. */
const QUERIES = [
  "",
  "state",
  "connections?limit=50",
  "container-instances",
  "faults",
  "tasks?limit=200",
  "pending",
  "transcript",
];

/** What the API's operations of the test contain. */
const API_SECRETS = {
  environment: "planted-api-environment",
  override: "planted-api-override",
  label: "planted-api-label",
};

/** Calls the page's operations with a secret in every place, in each way that there is. */
async function sendEverything(emulator: AcsEmulator): Promise<void> {
  const payload = payloadWithSecrets();
  const { messageId: _, ...message } = payload;
  const type = "PayloadMessage";
  for (const how of [{ plain: true }, { exact: true }]) {
    await operate(emulator, "send", { type, message, ...how });
  }
  const credentials = credentialsWithSecrets();
  await operate(emulator, "send", {
    type: "IAMRoleCredentialsMessage",
    message: credentials,
    plain: true,
  });
  for (const frameType of [type, "MessageOfTheFuture"]) {
    const text = JSON.stringify({ type: frameType, message: payload });
    await operate(emulator, "send-raw", { text });
    await operate(emulator, "send-raw", { base64: Buffer.from(text).toString("base64") });
  }
  // Without the field that the protocol does not have.
  const containers = payload.tasks[0]?.containers
    .map(({ registryAuthentication: _registry, ...container }) => container);
  await operate(emulator, "run-task", { task: { family: "web", containers } });
}

async function callApis(emulator: AcsEmulator): Promise<void> {
  const { environment, override, label } = API_SECRETS;
  await operate(emulator, "call-api", {
    operation: "RegisterTaskDefinition",
    input: {
      family: "web",
      containerDefinitions: [{
        name: "app",
        image: "busybox",
        memory: 64,
        environment: [{ name: "A", value: environment }],
        dockerLabels: { label },
      }],
    },
  });
  await operate(emulator, "call-api", {
    operation: "RunTask",
    input: {
      taskDefinition: "web",
      overrides: {
        containerOverrides: [{ name: "app", environment: [{ name: "B", value: override }] }],
      },
    },
  });
}

test("Nothing secret is in the stream, in the answers that the page reads, or in the trace", async () => {
  const folder = await mkdtemp(join(tmpdir(), "acs-console-"));
  const file = join(folder, "trace.jsonl");
  try {
    await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, trace: { file } });
    const agent = await TestAgent.connect(emulator);
    const client = await EventClient.connect(emulator);
    await sendEverything(emulator);
    await callApis(emulator);
    await operate(emulator, "rotate-credentials", { taskArn: emulator.tasks[0]?.taskArn });
    const frames = await agent.waitForTexts(8);
    const message = payloadWithSecrets();
    agent.send("AckRequest", message);
    agent.send("MessageOfTheFuture", message);
    agent.sendRaw(JSON.stringify({ ...message, type: 7 }));
    await agent.leave();
    const { lastEntry } = (await call(emulator, "/emulator/state")).body;
    await client.until(({ entries }) => Number(entries.at(-1)?.id) >= Number(lastEntry));

    const answers = await Promise.all(
      QUERIES.map(async (query) => (await call(emulator, `/emulator/${query}`)).text),
    );
    await client.leave();
    const issued = [...frames.join("\n").matchAll(/"(?:secretAccessKey|sessionToken)":"([^"]+)"/g)]
      .map(([, secret = ""]) => secret)
      .filter((secret) => !secret.startsWith("planted"));
    const all = [JSON.stringify(client.events), ...answers, await readFile(file, "utf8")];
    const secrets = {
      ...API_SECRETS,
      ...Object.fromEntries(issued.entries()),
      key: EXAMPLE_CREDENTIALS.secretAccessKey,
    };
    for (const text of all) assertNoSecretIn(text, secrets);
    assert.ok(frames.join().includes("planted"), "the agent gets the secrets");
    assert.ok(issued.length > 0 && all.every((text) => text.length > 2));
  } finally {
    await rm(folder, { recursive: true });
  }
});
