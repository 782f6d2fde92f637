/**
 * A session in memory that receives whatever a fuzz test generates.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { SessionOptions } from "../../../session/options.ts";
import { Session } from "../../../session/session.ts";
import { turns, until } from "../fakes/fake_time.ts";
import { assertNoPollution } from "./fuzz_settings.ts";
import { MemoryTransport } from "../fakes/memory_transport.ts";
import { CONTAINER_INSTANCE_ARN, CREDENTIALS, FakeEcs } from "../fakes/session_stage.ts";

/**
 * How much the memory may differ before and after, in bytes; three leaked frames of 4 MB would be
 * more.
 */
export const MEMORY_TOLERANCE = 8_000_000;

/** Handler input with which no handler can work. */
const unusable: string[] = [];

function checkAttachment(attachment: { readonly expiresAt: Date }): void {
  if (Number.isNaN(attachment.expiresAt.getTime())) unusable.push("expiresAt is not a valid date");
}

/** Handlers that succeed, and keep nothing. */
const HANDLERS: Partial<SessionOptions> = {
  payloadMessageHandler: { processMessage: (_message, ack) => ack() },
  credentialsManager: {
    setTaskCredentials: () => {},
    getTaskCredentials: () => undefined,
    removeCredentials: () => {},
    addKnownCredentialsId: () => {},
    isCredentialsPending: () => false,
  },
  eniHandler: { handleEniAttachment: checkAttachment },
  resourceHandler: { handleResourceAttachment: checkAttachment },
  taskComparer: { compareRunningTasksOnInstanceWithManifest: () => [] },
  taskStopper: { stopTask: () => {} },
  updateHandler: {
    stageUpdate: (_message, answer) => answer.ack(),
    performUpdate: (_message, answer) => answer.ack(),
  },
  // Nothing is ever out of date, so that each frame is judged on its own.
  sequenceNumberAccessor: {
    getLatestSequenceNumber: () => 0,
    setLatestSequenceNumber: () => {},
  },
};

/** A session that is connected to the test. */
export interface Fuzzed {
  /** Sends frames, waits until they are handled, and returns their answers. */
  send(frames: readonly (string | Uint8Array)[]): Promise<Set<string>>;
  /** Asserts that the first connection is still open and answers. */
  assertAlive(): Promise<void>;
  /** The number of dropped messages, by reason. */
  readonly dropped: Map<string, number>;
}

/** Runs a test with a session whose handlers succeed unless the options say otherwise. */
export async function withFuzzedSession(
  options: Partial<SessionOptions>,
  fn: (fuzzed: Fuzzed) => Promise<void>,
): Promise<void> {
  const transport = new MemoryTransport();
  const session = new Session({
    region: "us-west-2",
    containerInstanceArn: CONTAINER_INSTANCE_ARN,
    credentials: CREDENTIALS,
    agentVersion: "1.0.0",
    transport,
    fetch: new FakeEcs().fetch,
    ...HANDLERS,
    ...options,
  });
  const dropped = new Map<string, number>();
  session.addEventListener("dropped", ({ detail: { reason, description, type } }) => {
    dropped.set(reason, (dropped.get(reason) ?? 0) + 1);
    assert.ok(description.length < 1000 && (type ?? "").length < 100, "reports are bounded");
  });
  const running = session.start();
  await until(() => transport.connections.at(-1)?.isServed === true, "the session is connected");
  const { connection } = transport;

  const send = async (frames: readonly (string | Uint8Array)[]) => {
    for (const frame of frames) connection.frame(frame);
    // After frames of megabytes, the next ones wait until the event loop has turned.
    await turns(1);
    const isDone = () =>
      session.health().lanes.every(({ depth }) => depth === 0) &&
      session.health().background.count === 0;
    await until(isDone, "everything is handled");
    return new Set(
      connection.sent.splice(0).map((text) => {
        const { type, message } = JSON.parse(text);
        return `${type} ${message.messageId}`;
      }),
    );
  };
  let heartbeats = 0;
  const assertAlive = async () => {
    const messageId = `are-you-there-${++heartbeats}`;
    const answers = await send([
      JSON.stringify({ type: "HeartbeatMessage", message: { messageId } }),
    ]);
    assert.deepEqual([...answers], [`HeartbeatAckRequest ${messageId}`]);
    assert.equal(transport.connections.length, 1);
    assert.equal(connection.left, undefined);
    assert.deepEqual(session.health().problems, []);
    assert.deepEqual(unusable, []);
    assertNoPollution();
  };
  try {
    await fn({ send, assertAlive, dropped });
  } finally {
    await session.stop();
    await running;
  }
}
