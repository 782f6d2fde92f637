/**
 * Nothing is lost: what the service sends is handled and acknowledged in the end, whatever the
 * number of cut connections and whatever handlers do. docs/reliability.md has the figures.
 */

import assert from "node:assert/strict";
import {
  AcsEmulator,
  EXAMPLE_CREDENTIALS,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "../../emulator/mod.ts";
import type { PayloadAck } from "../../responders/payload_responder.ts";
import { Session } from "../../session/session.ts";
import { Cutter } from "../testing/sockets/cutter.ts";
import { until } from "../testing/fakes/fake_time.ts";
import { print } from "../testing/print.ts";
import { drawBelow, seededRandom } from "../testing/fuzz/seeded_random.ts";
import { startTcpFront } from "../testing/sockets/tcp_front.ts";
import { test } from "../testing/test.ts";
import { SUBJECTS, within } from "./transports_under_test.ts";

const PAYLOADS = 10_000;
const CUTS = 200;
const SEED = 20_260;

/** The number of payloads in flight. */
const WINDOW = 200;

/**
 * The average number of payloads handled between two cuts. Those handled during a cut do not count,
 * so that the payloads do not run out before all cuts are made.
 */
const BETWEEN_CUTS = Math.floor(0.5 * PAYLOADS / CUTS);

/** Far longer than it takes, in ms: a guard against a test that hangs. */
const HANGING_MS = 120_000;

/** What has happened to the payloads. */
class Ledger {
  /** How often each was passed to the handler. */
  readonly calls: Map<string, number> = new Map();
  /** The payloads that the handler has accepted. */
  readonly taken: Set<string> = new Set();
  /** The payloads whose ack reached the service. */
  readonly acked: Set<string> = new Set();
  /** How often the handler failed. */
  failures = 0;
  /** How many acks reached the service. */
  acks = 0;
  /** How many of them arrived before the handler had accepted the payload. */
  acksTooEarly = 0;

  ackArrived(id: string): void {
    this.acks += 1;
    this.acked.add(id);
    if (!this.taken.has(id)) this.acksTooEarly += 1;
  }
}

for (const subject of SUBJECTS) {
  test(`Of ${PAYLOADS} payloads over a connection that is broken ${CUTS} times, none is lost and none acknowledged too early (${subject.name})`, async () => {
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

    /** Accepts a payload, immediately or later, or fails; a cut happens before or after its ack. */
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
    // A payload whose handler failed is redelivered over the next connection.
    const repairTheRest = async () => {
      await until(() => cutter.count === CUTS, "all cuts", HANGING_MS);
      while (ledger.acked.size < PAYLOADS) {
        await until(isQuiet, "everything sent is handled");
        emulator.closeConnections();
        await until(() => !isQuiet(), "the close arrives");
      }
    };
    try {
      await within(Promise.all([allAcked, repairTheRest()]), "all acks", HANGING_MS);
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
    print(`  ${disconnects} disconnects; payloads sent ${sent} times, including the first time`);
    print(`  handler called ${handled} times, failed ${ledger.failures} times`);
    print(`  one payload was handled from ${Math.min(...calls)} to ${Math.max(...calls)} times`);
    print(`  acks at the service: ${ledger.acks}, of ${ledger.acked.size} payloads`);
    print(`  acks before the handler had accepted the payload: ${ledger.acksTooEarly}`);
    assert.equal(posted, PAYLOADS);
    assert.equal(ledger.calls.size, PAYLOADS, "every payload is handled");
    assert.equal(ledger.taken.size, PAYLOADS, "every payload is accepted");
    assert.equal(ledger.acked.size, PAYLOADS, "every payload is acknowledged");
    assert.equal(ledger.acksTooEarly, 0);
    assert.equal(cutter.count, CUTS);
    assert.ok(disconnects >= CUTS, `${disconnects} disconnects`);
  });
}

/** Runs a function after this many milliseconds. */
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
