/**
 * Nothing is lost: what the service sends is handled and acknowledged in the end, however often the
 * connection is cut and whatever handlers do. docs/reliability.md has the figures.
 */

import assert from "node:assert/strict";
import {
  AcsEmulator,
  EXAMPLE_CREDENTIALS,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "../../emulator/mod.ts";
import type { PayloadAck } from "../../responders/payload_responder.ts";
import { Session } from "../../session/session.ts";
import { Cutter } from "../testing/cutter.ts";
import { until } from "../testing/fake_time.ts";
import { print } from "../testing/print.ts";
import { drawBelow, seededRandom } from "../testing/seeded_random.ts";
import { startTcpFront } from "../testing/tcp_front.ts";
import { test } from "../testing/test.ts";
import { SUBJECTS, within } from "./kit.ts";

const PAYLOADS = 10_000;
const CUTS = 200;
const SEED = 20_260;

/** How many payloads the service has under way at a time. */
const WINDOW = 200;

/**
 * How many payloads are handled between two cuts on average. What is handled while a cut is under way does
 * not count, so that the payloads must not run out before the cuts are made.
 */
const BETWEEN_CUTS = Math.floor(0.5 * PAYLOADS / CUTS);

/** Far longer than it takes, in ms: a guard against a test that hangs. */
const HANGING_MS = 120_000;

/** What has become of the payloads. */
class Ledger {
  /** How often each was handed to the handler. */
  readonly calls: Map<string, number> = new Map();
  /** What the handler has taken. */
  readonly taken: Set<string> = new Set();
  /** What the service has an ack to. */
  readonly acked: Set<string> = new Set();
  /** How often the handler failed. */
  failures = 0;
  /** How many acks reached the service. */
  acks = 0;
  /** How many of them came before the handler had taken the payload. */
  acksTooEarly = 0;

  ackArrived(id: string): void {
    this.acks += 1;
    this.acked.add(id);
    if (!this.taken.has(id)) this.acksTooEarly += 1;
  }
}

for (const subject of SUBJECTS) {
  test(`Of ${PAYLOADS} payloads over a connection that is cut ${CUTS} times none is lost and none acknowledged too early (${subject.name})`, async () => {
    const random = seededRandom(SEED);
    const emulator = await AcsEmulator.listen({ historyLimit: 100 });
    const front = await startTcpFront(Number(new URL(emulator.url).port));
    emulator.endpoint = `http://127.0.0.1:${front.port}`;
    const { transport, dispose } = subject.create();
    const cutter = new Cutter({ emulator, front }, {
      cuts: CUTS,
      chancesBetween: BETWEEN_CUTS,
      random,
    });
    const ledger = new Ledger();
    let sent = 0;
    let disconnects = 0;

    /** Takes a payload, at once or later, or fails; a cut falls before or after its ack. */
    const handle = (id: string, ack: PayloadAck): void | Promise<void> => {
      ledger.calls.set(id, (ledger.calls.get(id) ?? 0) + 1);
      const cutsNow = cutter.isDue();
      const cutsFirst = cutsNow && random() < 0.5;
      const mood = random();
      if (cutsFirst) cutter.cut();
      const take = () => {
        ledger.taken.add(id);
        void ack();
        if (cutsNow && !cutsFirst) cutter.cut();
      };
      const fail = () => {
        ledger.failures += 1;
        if (cutsNow && !cutsFirst) cutter.cut();
        throw new Error("not now");
      };
      if (mood < 0.05) return fail();
      if (mood < 0.1) return later(drawBelow(3, random), fail);
      if (mood < 0.2) return later(drawBelow(3, random), take);
      return take();
    };
    const session = new Session({
      region: "us-west-2",
      containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
      credentials: EXAMPLE_CREDENTIALS,
      agentVersion: "1.0.0",
      endpoint: emulator.url,
      transport,
      random,
      payloadMessageHandler: {
        processMessage: ({ messageId }, ack) => handle(messageId ?? "", ack),
      },
      timing: { backoffMinMs: 1, backoffMaxMs: 10 },
    });
    session.addEventListener("connected", () => cutter.connected());
    session.addEventListener("disconnected", () => void (disconnects += 1));
    emulator.addEventListener("sent", ({ detail }) => {
      if (detail.type === "PayloadMessage") sent += 1;
    });
    emulator.addEventListener("received", ({ detail }) => {
      if (detail.type === "AckRequest") ledger.ackArrived(detail.messageId ?? "");
    });

    let posted = 0;
    const allAcked = new Promise<void>((resolve, reject) => {
      const postNext = () => {
        if (ledger.acked.size === PAYLOADS) return resolve();
        if (posted === PAYLOADS) return;
        posted += 1;
        emulator.sendPayload({ tasks: [{ arn: `task ${posted}` }] }).acked.then(postNext, reject);
      };
      for (let count = 0; count < WINDOW; count++) postNext();
    });
    const running = session.start();
    const isQuiet = () =>
      session.state.status === "connected" &&
      session.health().lanes.every(({ depth }) => depth === 0);
    // What a handler has failed on comes again over the next connection.
    const mendTheRest = async () => {
      await until(() => cutter.count === CUTS, "all cuts", HANGING_MS);
      while (ledger.acked.size < PAYLOADS) {
        await until(isQuiet, "all that was sent is handled");
        emulator.closeConnections();
        await until(() => !isQuiet(), "the close arrives");
      }
    };
    try {
      await within(Promise.all([allAcked, mendTheRest()]), "all acks", HANGING_MS);
    } finally {
      await session.stop();
      await running;
      await front.close();
      await emulator.close();
      await dispose();
    }

    const calls = [...ledger.calls.values()];
    const handled = calls.reduce((sum, count) => sum + count, 0);
    print(`  ${posted} payloads, seed ${SEED}, transport ${subject.name}`);
    print(`  cut ${cutter.count} times: ${ways(cutter)}`);
    print(`  ${disconnects} disconnects; payloads sent ${sent} times, the first sending included`);
    print(`  handler called ${handled} times, failed ${ledger.failures} times`);
    print(`  one payload was handled from ${Math.min(...calls)} to ${Math.max(...calls)} times`);
    print(`  acks at the service: ${ledger.acks}, of ${ledger.acked.size} payloads`);
    print(`  acks before the handler had taken the payload: ${ledger.acksTooEarly}`);
    assert.equal(posted, PAYLOADS);
    assert.equal(ledger.calls.size, PAYLOADS, "every payload is handled");
    assert.equal(ledger.taken.size, PAYLOADS, "every payload is taken");
    assert.equal(ledger.acked.size, PAYLOADS, "every payload is acknowledged");
    assert.equal(ledger.acksTooEarly, 0);
    assert.equal(cutter.count, CUTS);
    assert.ok(disconnects >= CUTS, `${disconnects} disconnects`);
  });
}

/** Does something after so many ms. */
function later(ms: number, act: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    setTimeout(() => {
      try {
        resolve(act());
      } catch (error) {
        reject(error);
      }
    }, ms);
  });
}

function ways({ made }: Cutter): string {
  return [...made].map(([way, count]) => `${way} ${count}`).join(", ");
}
