/** A burst of messages whose handler blocks the thread for a while each time. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { PayloadMessageHandler } from "../../responders/payload_responder.ts";
import { encodeFrame, OPCODE, type RawConnection } from "../testing/sockets/raw_peer.ts";
import { ARNS } from "../testing/fakes/session_stage.ts";
import { test } from "../testing/test.ts";
import { SUBJECTS } from "./transports_under_test.ts";
import { answerClose, withSocketSession } from "./socket_session.ts";

const PAYLOADS = 15;

/**
 * An answer passes two sockets of this process, whose turns depend on what else the machine does, so
 * it may arrive after the next few messages have been handled.
 */
const MOST_BEHIND = 6;

/** Longer than a handler may run before the event loop turns, in ms. */
const BLOCKED_MS = 60;

function block(): void {
  const freeAt = performance.now() + BLOCKED_MS;
  while (performance.now() < freeAt);
}

function frame(type: string, messageId: string): Buffer {
  return encodeFrame(OPCODE.text, JSON.stringify({ type, message: { ...ARNS, messageId } }));
}

/** The parts of an answer that the peer reads: `ack p1`, `heartbeat`. */
async function readAnswer(connection: RawConnection): Promise<string> {
  const { type, message } = JSON.parse((await connection.readFrame()).payload.toString());
  return type === "AckRequest" ? `ack ${message.messageId}` : "heartbeat";
}

/** How a payload handler may block the thread. */
const HANDLERS: Readonly<Record<string, (ack: () => Promise<void>) => void | Promise<void>>> = {
  "that is done when it returns": (ack) => {
    block();
    return void ack();
  },
  "that is async": async (ack) => {
    await undefined;
    block();
    await ack();
  },
};

for (const subject of SUBJECTS) {
  for (const [name, handle] of Object.entries(HANDLERS)) {
    test(`With a burst for a handler ${name} and blocks the thread, acknowledgements are sent, heartbeats are answered and timers fire between its messages (${subject.name})`, async () => {
      const log: string[] = [];
      const over = Promise.withResolvers<void>();
      const behave = async (connection: RawConnection) => {
        await connection.accept();
        const ids = Array.from({ length: PAYLOADS }, (_, index) => `p${index}`);
        connection.write(Buffer.concat(ids.map((id) => frame("PayloadMessage", id))));
        for (let answers = 0; answers < PAYLOADS + 1; answers++) {
          const answer = await readAnswer(connection);
          log.push(answer);
          if (answer === "ack p0") connection.write(frame("HeartbeatMessage", "h"));
        }
        over.resolve();
        await answerClose(connection);
      };
      const { transport, dispose } = subject.create({ closeGraceMs: 10 });
      const timer = setInterval(() => log.push("timer"), 1);
      await withSocketSession(behave, {
        transport,
        payloadMessageHandler: {
          processMessage({ messageId }, ack) {
            log.push(`handle ${messageId}`);
            return handle(ack);
          },
        },
      }, async (session) => {
        for (const type of ["disconnected", "suspended"] as const) {
          session.addEventListener(type, () => over.reject(new Error(type)));
        }
        session.start().catch(over.reject);
        await over.promise;
      });
      clearInterval(timer);
      await dispose();

      const place = (entry: string) => log.indexOf(entry);
      assert.ok(place("heartbeat") < place(`handle p${PAYLOADS - 1}`), log.join());
      for (let index = 0; index < PAYLOADS - MOST_BEHIND; index++) {
        assert.ok(place(`ack p${index}`) < place(`handle p${index + MOST_BEHIND}`), log.join());
      }
      for (let index = 0; index < PAYLOADS - 1; index++) {
        const between = log.slice(place(`handle p${index}`), place(`handle p${index + 1}`));
        assert.ok(between.includes("timer"), log.join());
      }
    });
  }
}

/** More than a lane may queue, and longer than handlers may keep the event loop from turning. */
const MANY = 3500;

const FAST_HANDLERS: Readonly<Record<string, PayloadMessageHandler["processMessage"]>> = {
  "a fast handler": (_message, ack) => void ack(),
  "a fast async handler": async (_message, ack) => await ack(),
};

const BURSTS = SUBJECTS.flatMap((subject) =>
  Object.entries(FAST_HANDLERS).map(([name, processMessage]) => ({ subject, name, processMessage }))
);

for (const { subject, name, processMessage } of BURSTS) {
  test(`A burst of ${MANY} payloads for ${name} is acknowledged in full, in order, on one connection (${subject.name})`, async () => {
    const filler = "x".repeat(2500);
    const over = Promise.withResolvers<void>();
    const behave = async (connection: RawConnection) => {
      await connection.accept();
      const frames = Array.from({ length: MANY }, (_, index) => {
        const message = { ...ARNS, messageId: `p${index}`, filler };
        return encodeFrame(OPCODE.text, JSON.stringify({ type: "PayloadMessage", message }));
      });
      connection.write(Buffer.concat(frames));
      for (let index = 0; index < MANY; index++) {
        assert.equal(await readAnswer(connection), `ack p${index}`);
      }
      over.resolve();
      await answerClose(connection);
    };
    const { transport, dispose } = subject.create({ closeGraceMs: 10 });
    await withSocketSession(behave, {
      transport,
      payloadMessageHandler: { processMessage },
    }, async (session) => {
      for (const type of ["disconnected", "dropped", "overflowed"] as const) {
        session.addEventListener(type, ({ detail }) => {
          over.reject(new Error(`${type} ${JSON.stringify(detail)}`));
        });
      }
      session.start().catch(over.reject);
      await over.promise;
    });
    await dispose();
  });
}
