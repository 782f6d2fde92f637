/**
 * A session and the emulator, over real sockets.
 */

import assert from "node:assert/strict";
import { AcsEmulator } from "../../emulator/acs_emulator.ts";
import type { EmulatorOptions } from "../../emulator/emulator_options.ts";
import {
  SAMPLE_CONTAINER_INSTANCE_ARN,
  sampleAttachInstanceNetworkInterfaces,
  sampleAttachTaskNetworkInterfaces,
  sampleConfirmAttachment,
  sampleCredentials,
  samplePayload,
  sampleTaskArn,
  sampleTaskManifest,
  sampleUpdate,
} from "../../emulator/samples/samples.ts";
import { EXAMPLE_CREDENTIALS } from "../../emulator/emulator_credentials.ts";
import type { EniAttachment } from "../../responders/eni_attachment.ts";
import type { ResourceAttachment } from "../../responders/attach_resource_responder.ts";
import { MemoryCredentialsManager } from "../../responders/credentials_manager.ts";
import type { SessionEventMap } from "../../session/reporting/events.ts";
import type { SessionOptions } from "../../session/options.ts";
import { Session } from "../../session/session.ts";
import { ServiceException } from "../../wsclient/service_exception.ts";
import { wsTransport } from "../../wsclient/transports/ws.ts";
import { test } from "../testing/test.ts";

interface Stage {
  readonly emulator: AcsEmulator;
  readonly session: Session;
  /** The next event of one kind. */
  next<K extends keyof SessionEventMap>(type: K): Promise<SessionEventMap[K]>;
}

async function withEmulator(
  options: Partial<SessionOptions>,
  fn: (stage: Stage) => Promise<void>,
  emulatorOptions: EmulatorOptions = {},
): Promise<void> {
  const emulator = await AcsEmulator.listen(emulatorOptions);
  const session = new Session({
    region: "us-west-2",
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
    credentials: EXAMPLE_CREDENTIALS,
    agentVersion: "1.0.0",
    agentHash: "deadbeef",
    endpoint: emulator.url,
    ...options,
  });
  const next: Stage["next"] = (type) =>
    new Promise((resolve) =>
      session.addEventListener(type, ({ detail }) => resolve(detail), { once: true })
    );
  const running = session.start();
  try {
    await fn({ emulator, session, next });
  } finally {
    await session.stop();
    await running;
    await emulator.close();
  }
}

test("The emulator's signature check accepts the session, for the API and for the upgrade", () =>
  withEmulator({}, async ({ emulator }) => {
    await emulator.waitForMessage("HeartbeatAckRequest");
    assert.equal(emulator.discoverCount, 1);
    assert.equal(emulator.connections[0]?.query.sendCredentials, true);
  }));

test("Every kind of message is received, passed to its handler and acknowledged", async () => {
  const enis: EniAttachment[] = [];
  const resources: ResourceAttachment[] = [];
  const updates: unknown[] = [];
  const stopped: string[] = [];
  const credentialsManager = new MemoryCredentialsManager();
  await withEmulator({
    credentialsManager,
    payloadMessageHandler: { processMessage: (_message, ack) => ack() },
    eniHandler: { handleEniAttachment: (attachment) => void enis.push(attachment) },
    resourceHandler: { handleResourceAttachment: (attachment) => void resources.push(attachment) },
    taskComparer: {
      compareRunningTasksOnInstanceWithManifest: () => [{
        taskArn: sampleTaskArn(9),
        desiredStatus: "STOPPED",
      }],
    },
    taskStopper: { stopTask: (taskArn) => void stopped.push(taskArn) },
    updateHandler: {
      stageUpdate: (message, answer) => {
        updates.push(message.updateInfo);
        answer.ack();
      },
      performUpdate: (_message, answer) => answer.ack(),
    },
  }, async ({ emulator }) => {
    await emulator.sendPayload(samplePayload(1)).acked;
    await emulator.sendCredentials(sampleCredentials(1)).acked;
    await emulator.attachTaskNetworkInterfaces(sampleAttachTaskNetworkInterfaces(1)).acked;
    await emulator.attachInstanceNetworkInterfaces(sampleAttachInstanceNetworkInterfaces(2)).acked;
    await emulator.confirmAttachment(sampleConfirmAttachment(1)).acked;
    await emulator.sendTaskManifest(sampleTaskManifest(1)).acked;
    await emulator.waitForMessage("TaskStopVerificationMessage");
    await emulator.sendStageUpdate(sampleUpdate()).acked;
    await emulator.sendPerformUpdate(sampleUpdate()).acked;
    await emulator.sendHeartbeat().acked;
  });
  const credentialsId = sampleCredentials(1).roleCredentials?.credentialsId ?? "";
  assert.equal(credentialsManager.getTaskCredentials(credentialsId)?.arn, sampleTaskArn(1));
  assert.deepEqual(enis.map(({ attachmentType }) => attachmentType), ["task-eni", "instance-eni"]);
  assert.equal(resources[0]?.attachmentProperties.get("fileSystem"), "xfs");
  assert.deepEqual(stopped, [sampleTaskArn(9)]);
  assert.deepEqual(updates, [sampleUpdate().updateInfo]);
});

test("Messages that were not answered are redelivered after a reconnect and then answered", async () => {
  let taken = 0;
  await withEmulator({
    payloadMessageHandler: {
      processMessage(_message, ack) {
        taken += 1;
        if (taken === 1) throw new Error("not now");
        return ack();
      },
    },
  }, async ({ emulator, next }) => {
    const posted = emulator.sendPayload(samplePayload(1));
    const dropped = await next("dropped");
    assert.equal(dropped.messageId, posted.messageId);
    emulator.closeConnections();
    await posted.acked;
    assert.equal(taken, 2);
  });
});

for (
  const [how, end] of [
    ["a close frame", (emulator: AcsEmulator) => emulator.closeConnections()],
    ["the end of the stream", (emulator: AcsEmulator) => emulator.endConnections()],
  ] as const
) {
  test(`After ${how} the session reconnects immediately, without waiting`, () =>
    withEmulator({}, async ({ emulator, session, next }) => {
      await emulator.waitForMessage("HeartbeatAckRequest");
      let waits = 0;
      session.addEventListener("waiting", () => waits += 1);
      const disconnected = next("disconnected");
      const connected = next("connected");
      end(emulator);
      assert.equal((await disconnected).clean, true);
      await connected;
      assert.equal(waits, 0);
      assert.equal(emulator.discoverCount, 1);
    }));
}

test("After a reset the session backs off", () =>
  withEmulator({}, async ({ emulator, next }) => {
    await emulator.waitForMessage("HeartbeatAckRequest");
    const disconnected = next("disconnected");
    const waiting = next("waiting");
    emulator.resetConnections();
    assert.equal((await disconnected).clean, false);
    const { delayMs, reason } = await waiting;
    assert.ok(delayMs >= 250 && delayMs <= 300, String(delayMs));
    assert.equal(reason, "backoff");
    await next("connected");
  }));

test("A refused upgrade is reported with status, exception, text and whether to retry", () =>
  withEmulator({}, async ({ emulator, next }) => {
    await emulator.waitForMessage("HeartbeatAckRequest");
    for (const framed of [true, false]) {
      const failed = next("connectfailed");
      const connected = next("connected");
      emulator.refuseNextUpgrade({
        status: 400,
        exception: "InvalidClusterException",
        message: "Cluster not found.",
        framed,
        next: 2,
      });
      emulator.closeConnections();
      const { error, stage } = await failed;
      assert.equal(stage, "connect");
      assert.ok(error instanceof ServiceException);
      assert.equal(error.name, "InvalidClusterException");
      assert.equal(error.status, 400);
      assert.equal(error.serviceMessage, "Cluster not found.");
      assert.equal(error.retryable, false);
      await connected;
    }
  }));

test("A wrong key is refused, and for a service whose clock is ahead the signature is corrected", async () => {
  await withEmulator(
    { credentials: { ...EXAMPLE_CREDENTIALS, secretAccessKey: "wrong" } },
    async ({ next }) => {
      const { error, stage } = await next("connectfailed");
      assert.equal(stage, "discover");
      assert.ok(error instanceof ServiceException, error.message);
    },
  );
  await withEmulator({}, async ({ next }) => {
    const { error } = await next("connectfailed");
    assert.ok(error instanceof ServiceException, error.message);
    const skewMs = error.clockSkewMs ?? 0;
    assert.ok(Math.abs(skewMs - 3_600_000) < 5_000, String(skewMs));
    await next("connected");
  }, { clockSkewMs: 3_600_000 });
});

test("A stop ends a connection attempt in progress immediately", () =>
  withEmulator({}, async ({ emulator, session, next }) => {
    await emulator.waitForMessage("HeartbeatAckRequest");
    const connecting = next("connecting");
    emulator.hangNextUpgrade();
    emulator.closeConnections();
    await connecting;
    await session.stop();
    assert.equal(session.state.status, "stopped");
  }));

test("A stop closes with code 1000 after running handlers have acknowledged", async () => {
  const finish = Promise.withResolvers<void>();
  await withEmulator({
    payloadMessageHandler: {
      async processMessage(_message, ack) {
        await finish.promise;
        await ack();
      },
    },
  }, async ({ emulator, session, next }) => {
    const received = next("received");
    await emulator.waitForConnection();
    const posted = emulator.sendPayload(samplePayload(1));
    await received;
    const disconnected = emulator.waitFor("disconnected");
    const stopping = session.stop();
    finish.resolve();
    await posted.acked;
    await stopping;
    assert.equal((await disconnected).closeCode, 1000);
  });
});

test("Broken frames are dropped and the connection stays open", () =>
  withEmulator({}, async ({ emulator, session }) => {
    await emulator.waitForMessage("HeartbeatAckRequest");
    const reasons: string[] = [];
    session.addEventListener("dropped", ({ detail }) => reasons.push(detail.reason));
    emulator.sendRaw("not JSON");
    emulator.sendRaw("[]");
    emulator.sendRaw('{"type":"PayloadMessage","message":{"messageId":1}}');
    emulator.sendRaw('{"type":"Unheard","message":{}}');
    emulator.sendRaw(new Uint8Array([0xff, 0xfe]));
    await emulator.sendHeartbeat().acked;
    assert.deepEqual(reasons, [
      "undecodable",
      "undecodable",
      "undecodable",
      "unknown",
      "undecodable",
    ]);
    assert.equal(emulator.connections.length, 1);
  }));

test("A payload of a megabyte, and one in a binary frame, are accepted", () =>
  withEmulator({
    payloadMessageHandler: { processMessage: (_message, ack) => ack() },
  }, async ({ emulator }) => {
    const [task] = samplePayload(1).tasks ?? [];
    const tasks = Array.from({ length: 400 }, () => task ?? null);
    await emulator.sendPayload({ tasks }).acked;
    const heartbeat = JSON.stringify({ type: "HeartbeatMessage", message: { messageId: "bin" } });
    emulator.sendRaw(new TextEncoder().encode(heartbeat));
    await emulator.expectAck("bin");
  }));

test("A session over npm's ws instead of the runtime's own WebSocket behaves the same", () =>
  withEmulator({
    transport: wsTransport,
    payloadMessageHandler: { processMessage: (_message, ack) => ack() },
  }, async ({ emulator, next }) => {
    await emulator.sendPayload(samplePayload(1)).acked;
    const failed = next("connectfailed");
    const connected = next("connected");
    emulator.refuseNextUpgrade({ exception: "InvalidInstanceException", message: "Who are you?" });
    emulator.closeConnections();
    const { error } = await failed;
    assert.equal(error.name, "InvalidInstanceException");
    await connected;
  }));
