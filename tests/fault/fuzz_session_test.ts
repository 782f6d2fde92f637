/**
 * Whatever a peer sends, the session lives: it answers what is valid and nothing else, answers a
 * heartbeat afterwards, and its memory comes back.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { SessionOptions } from "../../session/options.ts";
import { Session } from "../../session/session.ts";
import { expectedAnswer } from "../testing/expected_answers.ts";
import { until } from "../testing/fake_time.ts";
import { assertNoPollution, fuzz, FUZZ_SEED } from "../testing/fuzz_settings.ts";
import { enormousFrames, hostileFrame } from "../testing/hostile_frames.ts";
import { memoryInUse } from "../testing/memory.ts";
import { print } from "../testing/print.ts";
import { MemoryTransport } from "../testing/memory_transport.ts";
import { CONTAINER_INSTANCE_ARN, CREDENTIALS, FakeEcs } from "../testing/session_stage.ts";
import { test } from "../testing/test.ts";

const FRAMES_IN_ALL = 200_000;
const FRAMES_AT_ONCE = 100;

/** Memory may differ by so much before and after, in bytes; one frame of 10 MB kept would be more. */
const MEMORY_TOLERANCE = 8_000_000;

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
interface Fuzzed {
  /** Sends frames, lets them be handled, and gives what they were answered with. */
  send(frames: readonly (string | Uint8Array)[]): Promise<Set<string>>;
  /** Sees that the first connection is still there and answers. */
  assertAlive(): Promise<void>;
  /** How many messages were dropped, by the reason. */
  readonly dropped: Map<string, number>;
}

async function withFuzzedSession(
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

test("200,000 hostile frames: only what is valid is acknowledged, and the session lives on", () =>
  withFuzzedSession({}, async ({ send, assertAlive, dropped }) => {
    const batch = fc.array(hostileFrame, {
      minLength: FRAMES_AT_ONCE,
      maxLength: FRAMES_AT_ONCE,
    });
    let answered = 0;
    const property = fc.asyncProperty(batch, async (frames) => {
      const expected = new Set(frames.map(expectedAnswer).filter((each) => each !== undefined));
      const answers = await send(frames);
      for (const frame of frames) {
        const answer = expectedAnswer(frame);
        assert.ok(answer === undefined || answers.has(answer), `not answered: ${String(frame)}`);
      }
      for (const answer of answers) assert.ok(expected.has(answer), `answered: ${answer}`);
      await assertAlive();
      answered += answers.size;
    });
    const runs = FRAMES_IN_ALL / FRAMES_AT_ONCE / 2;
    // What generates the frames remembers some ten MB of its own before it remembers no more.
    await fuzz(property, runs);
    const before = await memoryInUse();
    await fuzz(property, runs, FUZZ_SEED + 1);
    const grown = await memoryInUse() - before;
    const told = [...dropped].map(([reason, count]) => `${count} ${reason}`).join(", ");
    print(`  ${answered} answered, ${told}; ${grown} bytes more in use than halfway`);
    assert.ok(grown < MEMORY_TOLERANCE, `${grown} bytes have stayed`);
    assert.ok(answered > FRAMES_IN_ALL / 20, `${answered} were valid`);
    assert.deepEqual([...dropped.keys()].sort(), [
      "invalid",
      "undecodable",
      "unhandled",
      "unknown",
    ]);
  }));

test("Frames of 10 MB and of 100,000 levels leave nothing behind, whatever they are", () =>
  withFuzzedSession({}, async ({ send, assertAlive }) => {
    const before = await memoryInUse();
    for (const frame of enormousFrames()) {
      await send([frame]);
      await assertAlive();
    }
    const grown = await memoryInUse() - before;
    assert.ok(grown < MEMORY_TOLERANCE, `${grown} bytes have stayed`);
  }));

test("Handlers that fail with all of an enormous message in their error do no harm either", () => {
  const fail = (message: unknown): never => {
    throw new Error(`cannot take ${shallow(message)}`, { cause: message });
  };
  return withFuzzedSession({
    payloadMessageHandler: { processMessage: fail },
    eniHandler: { handleEniAttachment: fail },
    resourceHandler: { handleResourceAttachment: fail },
    taskComparer: { compareRunningTasksOnInstanceWithManifest: fail },
    taskStopper: { stopTask: fail },
    updateHandler: { stageUpdate: fail, performUpdate: fail },
  }, async ({ send, assertAlive, dropped }) => {
    for (const frame of enormousFrames()) {
      const answers = await send([frame]);
      for (const answer of answers) assert.doesNotMatch(answer, /^AckRequest env/);
      await assertAlive();
    }
    assert.ok((dropped.get("failed") ?? 0) >= 10);
  });
});

/** As JSON, where it is not nested too deep for that. */
function shallow(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "something deep";
  }
}
