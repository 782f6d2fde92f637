/**
 * A session that has stopped is garbage-collected even if something around it never ends: otherwise
 * all its messages would stay in memory.
 */

import assert from "node:assert/strict";
import type { SessionOptions } from "../../session/options.ts";
import { Session } from "../../session/session.ts";
import type { TransportListener } from "../../wsclient/transport.ts";
import { until } from "../testing/fakes/fake_time.ts";
import { isCollected } from "../testing/measuring/memory.ts";
import { MemoryTransport } from "../testing/fakes/memory_transport.ts";
import { encodeFrame, OPCODE, startRawPeer } from "../testing/sockets/raw_peer.ts";
import { CONTAINER_INSTANCE_ARN, CREDENTIALS, FakeEcs } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";
import { ON_DENO, SUBJECTS } from "./transports_under_test.ts";

/** Starts a session, waits for something and stops it; nothing here keeps a reference to it. */
async function stoppedSession(
  options: Partial<SessionOptions>,
  hasHappened: () => boolean,
): Promise<WeakRef<Session>> {
  const session = new Session({
    region: "us-west-2",
    containerInstanceArn: CONTAINER_INSTANCE_ARN,
    credentials: CREDENTIALS,
    agentVersion: "1.0.0",
    fetch: new FakeEcs().fetch,
    transport: new MemoryTransport(),
    taskStopper: { stopTask: () => {} },
    timing: { drainTimeoutMs: 1, closeTimeoutMs: 1 },
    ...options,
  });
  const running = session.start();
  await until(hasHappened, "the session has got that far");
  await session.stop();
  await running;
  return new WeakRef(session);
}

/** Objects that the agent or a runtime may hold on to indefinitely. */
const held: unknown[] = [];

function never(): Promise<never> {
  const promise = new Promise<never>(() => {});
  held.push(promise);
  return promise;
}

const HANGING: Readonly<Record<string, Partial<SessionOptions>>> = {
  "a credentials function never answers": { credentials: never },
  "fetch never answers": { fetch: never },
  "a transport never connects": { transport: { connect: never } },
  "a transport keeps its listener, and its close never ends": {
    transport: {
      connect: () =>
        Promise.resolve({
          bufferedAmount: 0,
          listen: (listener: TransportListener) => void held.push(listener),
          send() {},
          close: never,
        }),
    },
  },
};

for (const [what, options] of Object.entries(HANGING)) {
  test(`A session that has stopped is collected although ${what}`, async () => {
    held.length = 0;
    const session = await stoppedSession(options, () => held.length > 0);
    assert.equal(await isCollected(session), true);
    assert.notEqual(held.length, 0);
  });
}

const HEARTBEAT = JSON.stringify({ type: "HeartbeatMessage", message: { messageId: "h" } });

for (const subject of SUBJECTS) {
  test(
    `A session that has stopped is collected while its peer keeps the socket open and does not answer the close frame (${subject.name})`,
    async () => {
      let answers = 0;
      const peer = await startRawPeer(async (connection) => {
        await connection.accept();
        connection.write(encodeFrame(OPCODE.text, HEARTBEAT));
        await connection.readFrame();
        answers += 1;
      });
      const ecs = new FakeEcs();
      ecs.answers = [() => Response.json({ endpoint: peer.url.replace("ws:", "http:") })];
      const { transport, dispose } = subject.create({ closeGraceMs: 60_000 });
      try {
        const isServed = () => answers > 0;
        const session = await stoppedSession({ fetch: ecs.fetch, transport }, isServed);
        assert.equal(await isCollected(session), true);
      } finally {
        await peer.close();
        await dispose();
      }
    },
    { leavesSocket: ON_DENO },
  );
}
