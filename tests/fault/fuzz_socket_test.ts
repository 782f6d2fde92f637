/**
 * Hostile frames, and bytes that are not frames, over real sockets: the runtime's own WebSocket and
 * npm's `ws`.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import type { PayloadMessageHandler } from "../../responders/payload_responder.ts";
import type { Session } from "../../session/session.ts";
import { assertNoPollution, fuzz } from "../testing/fuzz/fuzz_settings.ts";
import { hostileFrame } from "../testing/hostile/hostile_frames.ts";
import { encodeFrame, OPCODE, type RawConnection } from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import { type Subject, SUBJECTS } from "./transports_under_test.ts";
import { answerClose, withSocketSession } from "./socket_session.ts";

/** A started session whose peer behaves on each connection as the test says. */
function withSessionTo(
  subject: Subject,
  behave: (connection: RawConnection) => Promise<void>,
  fn: (session: Session) => Promise<void>,
): Promise<void> {
  const { transport } = subject.create();
  const payloadMessageHandler: PayloadMessageHandler = {
    processMessage: (_message, ack) => ack(),
  };
  return withSocketSession(behave, { transport, payloadMessageHandler }, (session) => {
    void session.start();
    return fn(session);
  });
}

/** Sends a heartbeat and reads frames until it is answered. */
async function assertAnswers(connection: RawConnection, messageId: string): Promise<void> {
  connection.sendText(JSON.stringify({ type: "HeartbeatMessage", message: { messageId } }));
  const answer = JSON.stringify({ type: "HeartbeatAckRequest", message: { messageId } });
  for (;;) {
    const { payload } = await connection.readFrame();
    if (payload.toString() === answer) return;
  }
}

for (const subject of SUBJECTS) {
  test(`5,000 hostile frames over a real socket: a heartbeat after every 50 is answered (${subject.name})`, async () => {
    let heartbeats = 0;
    const failures: unknown[] = [];
    const sent = Promise.withResolvers<void>();
    const behave = async (connection: RawConnection) => {
      await connection.accept();
      const batch = fc.array(hostileFrame, { minLength: 50, maxLength: 50 });
      const property = fc.asyncProperty(batch, async (frames) => {
        // A lone surrogate has no UTF-8 encoding.
        const encoded = frames.map((frame) =>
          typeof frame === "string"
            ? encodeFrame(OPCODE.text, frame.toWellFormed())
            : encodeFrame(OPCODE.binary, frame)
        );
        connection.write(Buffer.concat(encoded));
        await assertAnswers(connection, `heartbeat-${++heartbeats}`);
      });
      await fuzz(property, 100).catch((error) => failures.push(error));
      sent.resolve();
      await answerClose(connection);
    };
    await withSessionTo(subject, behave, () => sent.promise);
    assert.deepEqual(failures, []);
    assert.ok(heartbeats >= 100);
    assertNoPollution();
  });

  test(
    `Bytes that are not frames end their connection, and the next one works normally (${subject.name})`,
    async () => {
      const rounds = 60;
      const head = fc.record({
        first: fc.integer({ min: 0, max: 255 }),
        second: fc.integer({ min: 0, max: 255 }),
        rest: fc.uint8Array({ maxLength: 40 }),
      }).map(({ first, second, rest }) => Uint8Array.from([first, second, ...rest]));
      const garbage = fc.sample(fc.array(head, { minLength: 1, maxLength: 4 }), {
        seed: 20_261_124,
        numRuns: rounds,
      });
      const answered = Promise.withResolvers<void>();
      const behave = async (connection: RawConnection) => {
        await connection.accept();
        const bytes = garbage.pop();
        if (bytes !== undefined) {
          connection.write(Buffer.concat(bytes));
          connection.end();
          await connection.ended;
          return;
        }
        await assertAnswers(connection, "after all");
        answered.resolve();
        await answerClose(connection);
      };
      await withSessionTo(subject, behave, async (session) => {
        let reports = 0;
        for (const type of ["disconnected", "connectfailed"] as const) {
          session.addEventListener(type, () => reports++);
        }
        await answered.promise;
        assert.ok(reports >= rounds, String(reports));
      });
    },
    { leavesSocket: true },
  );
}
