/**
 * A session in memory that is sent whatever a fuzz test comes up with.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { SessionOptions } from "../../session/options.ts";
import { Session } from "../../session/session.ts";
import { turns, until } from "./fake_time.ts";
import { assertNoPollution } from "./fuzz_settings.ts";
import { MemoryTransport } from "./memory_transport.ts";
import { CONTAINER_INSTANCE_ARN, CREDENTIALS, FakeEcs } from "./session_stage.ts";

/** Memory may differ by so much before and after, in bytes; three frames of 4 MB kept would be more. */
export const MEMORY_TOLERANCE = 8_000_000;

/** What an attachment's handler was given that no handler can work with. */
const unusable: string[] = [];

function checkAttachment(attachment: { readonly expiresAt: Date }): void {
  if (Number.isNaN(attachment.expiresAt.getTime())) unusable.push("expiresAt is no date");
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
  // Nothing is ever out of date, so that each frame is judged by itself.
  sequenceNumberAccessor: {
    getLatestSequenceNumber: () => 0,
    setLatestSequenceNumber: () => {},
  },
};

/** A session that is connected to whoever plays the peer. */
export interface Fuzzed {
  /** Sends frames, lets them be handled, and gives what they were answered with. */
  send(frames: readonly (string | Uint8Array)[]): Promise<Set<string>>;
  /** Sees that the first connection is still there and answers. */
  assertAlive(): Promise<void>;
  /** How many messages were dropped, by the reason. */
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
    assert.ok(description.length < 1000 && (type ?? "").length < 100, "what is told is bounded");
  });
  const running = session.start();
  await until(() => transport.connections.at(-1)?.isServed === true, "the session is connected");
  const { connection } = transport;

  const send = async (frames: readonly (string | Uint8Array)[]) => {
    for (const frame of frames) connection.frame(frame);
    // Behind frames of megabytes the next ones wait until the event loop has turned.
    await turns(1);
    const isDone = () =>
      session.health().lanes.every(({ depth }) => depth === 0) &&
      session.health().background.count === 0;
    await until(isDone, "all is handled");
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
