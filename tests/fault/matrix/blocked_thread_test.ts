/** The agent's own code blocks the only thread there is. */

import assert from "node:assert/strict";
import {
  AcsEmulator,
  EXAMPLE_CREDENTIALS,
  SAMPLE_CONTAINER_INSTANCE_ARN,
  sampleCredentials,
  samplePayload,
} from "../../../emulator/mod.ts";
import { Session } from "../../../session/session.ts";
import { test } from "../../testing/test.ts";
import { withEmulator } from "./emulator_scene.ts";

const SECOND = 1000;

test("A payload handler that blocks the thread for 2 s: the connection stays open, and messages that arrived meanwhile are answered afterwards", async () => {
  const emulator = await AcsEmulator.listen();
  const order: string[] = [];
  const session = new Session({
    region: "us-west-2",
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
    credentials: EXAMPLE_CREDENTIALS,
    agentVersion: "1.0.0",
    endpoint: emulator.url,
    payloadMessageHandler: {
      processMessage(_message, ack) {
        const freeAt = performance.now() + 2 * SECOND;
        while (performance.now() < freeAt);
        order.push("handled");
        return ack();
      },
    },
  });
  for (const type of ["disconnected", "suspended", "stuck"] as const) {
    session.addEventListener(type, () => order.push(type));
  }
  session.addEventListener("sent", ({ detail }) => order.push(detail.type));
  const connected = new Promise<void>((resolve) =>
    session.addEventListener("connected", () => resolve(), { once: true })
  );
  const running = session.start();
  try {
    await connected;
    await emulator.sendHeartbeat().acked;
    order.length = 0;
    // All three are on their way before the first is read.
    const posted = [
      emulator.sendPayload(samplePayload(1)),
      emulator.sendHeartbeat(),
      emulator.sendCredentials(sampleCredentials(1)),
    ];
    await Promise.all(posted.map(({ acked }) => acked));
    assert.equal(order[0], "handled");
    // The payload's credentials are acknowledged, too.
    assert.deepEqual([...new Set(order.slice(1))].sort(), [
      "AckRequest",
      "HeartbeatAckRequest",
      "IAMRoleCredentialsAckRequest",
    ]);
    assert.equal(session.health().ready, true);
  } finally {
    await session.stop();
    await running;
    await emulator.close();
  }
});

test("A payload handler that blocks the thread for 10 min: messages that arrived meanwhile are answered afterwards, on the same connection", () => {
  let block = () => {};
  return withEmulator({
    payloadMessageHandler: {
      processMessage(_message, ack) {
        block();
        return ack();
      },
    },
  }, async ({ emulator, stage, acked }) => {
    block = () => stage.time.block(600 * SECOND);
    const posted = [emulator.sendPayload(samplePayload(1)), emulator.sendHeartbeat()];
    for (const { acked: arrived } of posted) await arrived;
    await stage.time.advance(30 * SECOND);
    assert.deepEqual(stage.eventsOf("suspended"), []);
    assert.deepEqual(stage.eventsOf("disconnected"), []);
    await acked(emulator.sendHeartbeat());
  });
});
