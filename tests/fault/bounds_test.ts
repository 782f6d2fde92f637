/** The limits that hold on real sockets, of the session and of the runtimes below it. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Session } from "../../session/session.ts";
import type { SessionOptions } from "../../session/options.ts";
import { encodeFrame, OPCODE, type RawConnection } from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import { ON_DENO, type Subject, SUBJECTS } from "./transports_under_test.ts";
import { answerClose, withSocketSession } from "./socket_session.ts";

const MIB = 1024 * 1024;

/** A session whose peer behaves on the first connection as the test says. */
function withPeer(
  subject: Subject,
  limits: SessionOptions["limits"],
  behave: (connection: RawConnection) => Promise<void>,
  fn: (session: Session) => Promise<void>,
): Promise<void> {
  const accept = async (connection: RawConnection) => {
    await connection.accept();
    if (connection.number === 1) await behave(connection);
    await answerClose(connection);
  };
  const { transport } = subject.create({ closeGraceMs: 10 });
  return withSocketSession(accept, { transport, ...(limits && { limits }) }, fn);
}

/** How the first connection ends. */
function firstEnd(session: Session): Promise<string> {
  return new Promise((resolve) => {
    session.addEventListener("disconnected", ({ detail }) => resolve(detail.reason));
  });
}

function heartbeat(messageId: string): string {
  return JSON.stringify({ type: "HeartbeatMessage", message: { messageId } });
}

for (const subject of SUBJECTS) {
  test(`A frame of 17 MiB is dropped, and the heartbeat after it is answered (${subject.name})`, async () => {
    const answered = Promise.withResolvers<string>();
    const behave = async (connection: RawConnection) => {
      connection.sendText(heartbeat("x".repeat(17 * MIB)));
      connection.sendText(heartbeat("after"));
      const { payload } = await connection.readFrame();
      answered.resolve(payload.toString());
    };
    await withPeer(subject, undefined, behave, async (session) => {
      const dropped = new Promise<string>((resolve) => {
        session.addEventListener("dropped", ({ detail }) => resolve(detail.reason));
      });
      session.start().catch(answered.reject);
      assert.equal(await dropped, "oversized");
      assert.match(await answered.promise, /HeartbeatAckRequest.*after/);
    });
  });

  // It is refused because of its header; the rest is never sent. npm's ws has an option for this.
  const most = ON_DENO || subject.name === "ws" ? 64 * MIB : 128 * MIB;
  test(
    `A frame larger than the runtime or library accepts ends the connection (${subject.name})`,
    async () => {
      const behave = (connection: RawConnection) => {
        const head = Buffer.alloc(10);
        head.writeUInt8(0x81, 0);
        head.writeUInt8(127, 1);
        head.writeBigUInt64BE(BigInt(most + 1), 2);
        connection.write(head);
        return connection.ended;
      };
      await withPeer(subject, undefined, behave, async (session) => {
        const ended = firstEnd(session);
        session.start().catch(() => {});
        assert.match(await ended, /^ConnectError.*: lost the connection/);
      });
    },
    { leavesSocket: true },
  );

  test(
    `A fragmented message is limited as a whole, by Deno's WebSocket only once it is complete (${subject.name})`,
    async () => {
      const fragment = Buffer.alloc(8 * MIB, "x");
      const count = most / fragment.length + 1;
      const behave = async (connection: RawConnection) => {
        for (let index = 0; index < count; index++) {
          const opcode = index === 0 ? OPCODE.text : OPCODE.continuation;
          connection.write(encodeFrame(opcode, fragment, { fin: index === count - 1 }));
        }
        await connection.ended;
      };
      await withPeer(subject, undefined, behave, async (session) => {
        const outcome = new Promise<string>((resolve) => {
          session.addEventListener("dropped", ({ detail }) => resolve(detail.reason));
          session.addEventListener("disconnected", () => resolve("disconnected"));
        });
        session.start().catch(() => {});
        const isUnbounded = subject.name === "native" && ON_DENO;
        assert.equal(await outcome, isUnbounded ? "oversized" : "disconnected");
      });
    },
    { leavesSocket: true },
  );

  test(
    `A peer that sends and does not read is disconnected when 1 MiB is waiting to be written (${subject.name})`,
    async () => {
      const behave = async (connection: RawConnection) => {
        connection.socket.pause();
        // More than the operating system itself buffers for the peer.
        for (let count = 0; count < 40; count++) {
          connection.sendText(heartbeat("x".repeat(MIB / 2)));
        }
        await new Promise((resolve) => connection.socket.once("close", resolve));
      };
      await withPeer(subject, { maxSendBufferSize: MIB }, behave, async (session) => {
        const ended = firstEnd(session);
        session.start().catch(() => {});
        assert.match(await ended, /limits\.maxSendBufferSize/);
      });
    },
    { leavesSocket: true },
  );
}
