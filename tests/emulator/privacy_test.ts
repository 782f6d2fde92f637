import assert from "node:assert/strict";
import { request } from "node:http";
import { inspect } from "node:util";
import {
  AcsEmulator,
  type EmulatorEventType,
  sampleCredentials,
  samplePayload,
} from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { TestAgent } from "./test_agent.ts";

const EVENTS: readonly EmulatorEventType[] = [
  "connected",
  "disconnected",
  "discovered",
  "problem",
  "received",
  "refused",
  "sent",
];

function print(value: unknown): string {
  return `${inspect(value, { depth: 10, showHidden: false })} ${JSON.stringify(value)}`;
}

test("Events, records and the emulator itself print without credentials or message contents", async () => {
  const credentials = {
    accessKeyId: "AKIAI44QH8DHBEXAMPLE",
    secretAccessKey: "the-signing-secret",
    sessionToken: "the-signing-token",
  };
  await using emulator = await AcsEmulator.listen({ credentials });
  const printed: string[] = [];
  for (const type of EVENTS) {
    emulator.addEventListener(type, ({ detail }) => printed.push(print(detail)));
  }
  const agent = await TestAgent.connect(emulator, { credentials });
  const { acked } = emulator.sendPayload(samplePayload());
  emulator.sendCredentials(sampleCredentials());
  const [payload] = await agent.waitForFrames(2);
  assert.ok(payload);
  agent.sendRaw('{"type":"AckRequest","message":"the-broken-secret"}');
  agent.send("NackRequest", { messageId: "unheard-of", reason: "the-contents" });
  agent.ack(payload);
  const record = await acked;
  await agent.leave();

  const all = [...printed, print(emulator), print(emulator.connections), print(record)].join("\n");

  assert.ok(printed.length >= 8);
  assert.match(all, /PayloadMessage/);
  const secrets = /the-signing|the-broken|the-contents|wJalr|NOT-A-SECRET|hello from the emulator/;
  assert.doesNotMatch(all, secrets);
  assert.deepEqual(record.message.messageId, payload.message.messageId);
});

test("A request that an agent sends as if to a proxy is recorded without the login in its URL", async () => {
  await using emulator = await AcsEmulator.listen();
  const { hostname, port } = new URL(emulator.url);

  await new Promise<void>((resolve, reject) => {
    const options = { hostname, port, method: "POST", path: "http://me:planted@proxy.test/path" };
    request(options, (response) => response.resume().once("end", resolve))
      .once("error", reject).end();
  });

  const [refused] = emulator.transcript.filter(({ event }) => event === "refused");
  assert.equal(refused?.request, "POST http://xxxxxxxxxx@proxy.test/path");
  assert.equal(refused?.sent?.target, "http://xxxxxxxxxx@proxy.test/path");
});
