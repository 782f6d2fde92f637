/**
 * How the emulator handles input beyond its limits.
 */

import assert from "node:assert/strict";
import { AcsEmulator } from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";
import { RawAgent } from "./raw_agent.ts";
import { TestAgent } from "./test_agent.ts";

test("A message longer than maxFrameBytes is a problem and closes the connection with 1009", async () => {
  await using emulator = await AcsEmulator.listen({ maxFrameBytes: 1_000 });
  const agent = await TestAgent.connect(emulator);
  const problems: string[] = [];
  emulator.addEventListener("problem", ({ detail }) => problems.push(detail.problem));

  agent.sendRaw("x".repeat(1_000));
  agent.sendRaw("x".repeat(1_001));

  assert.equal((await agent.ended).code, 1009);
  assert.deepEqual(problems, [
    "A frame of 1000 bytes is not a JSON object",
    "Broken frame: Max payload size exceeded",
  ]);
});

test("Messages of up to 1 MiB are accepted by default", async () => {
  await using emulator = await AcsEmulator.listen();
  const agent = await TestAgent.connect(emulator);
  const problem = emulator.waitFor("problem");

  agent.sendRaw("x".repeat(1_048_576));
  assert.equal((await problem).problem, "A frame of 1048576 bytes is not a JSON object");
  agent.sendRaw("x".repeat(1_048_577));

  assert.equal((await agent.ended).code, 1009);
});

for (
  const [title, request] of [
    ["sends nothing", ""],
    ["sends half a head", "POST / HTTP/1.1\r\nHost: localhost\r\n"],
    ["sends half a body", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf"],
  ] as const
) {
  test(`A client that connects and ${title} gets status 408 and is disconnected`, async () => {
    await using emulator = await AcsEmulator.listen({ requestTimeoutMs: 20 });
    const agent = await RawAgent.connect(emulator);

    agent.socket.write(request);

    assert.equal(await agent.ended, "FIN");
    assert.match(String(agent.received), /^HTTP\/1\.1 408 /);
    await agent.leave();
  });
}

test("A head of more than 16 KiB gets status 431 and is disconnected", async () => {
  await using emulator = await AcsEmulator.listen();
  const agent = await RawAgent.connect(emulator);

  agent.send("GET", "/ws", { Host: "localhost", "X-Long": "x".repeat(17_000) });

  await agent.ended;
  assert.match(String(agent.received), /^HTTP\/1\.1 431 /);
  await agent.leave();
});
