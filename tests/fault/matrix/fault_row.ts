/**
 * Shared by the rows of the fault matrix: a real session over real sockets encounters one fault,
 * and each row says what the session reports and when it tries again.
 *
 * Time is fake, so that the session can use its default times and no test waits for them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { SessionEventMap } from "../../../session/reporting/events.ts";
import type { SessionOptions } from "../../../session/options.ts";
import { createNativeTransport } from "../../../wsclient/transports/native.ts";
import { until } from "../../testing/fakes/fake_time.ts";
import { type SessionStage, withSession } from "../../testing/fakes/session_stage.ts";
import { test } from "../../testing/test.ts";
import { trusting } from "../trust.ts";
import { BrokenService, type Faults, PAYLOAD_ID } from "./broken_service.ts";

/** When the next attempt is made. */
export type Next =
  | "immediately"
  /** After this many milliseconds, for this reason. */
  | { readonly reason: SessionEventMap["waiting"]["reason"]; readonly delayMs: number };

/** After the first of the growing delays. */
export const BACKOFF: Next = { reason: "backoff", delayMs: 250 };

/** The expected fields of an object: a value, or a pattern for its text. */
export type Expected = Readonly<Record<string, unknown>>;

/** A session that encounters a fault, and the service that has it. */
export interface FaultScene {
  readonly stage: SessionStage;
  readonly service: BrokenService;
}

/** One row of the matrix. */
export interface Row extends Faults {
  /** What fails. */
  readonly fault: string;
  /** The session's options, where they differ from the usual ones. */
  readonly options?: Partial<SessionOptions>;
  /** A certificate authority to trust. */
  readonly ca?: string;
  /**
   * Whether the payload handler acknowledges while the service is broken. By default it waits until
   * the service is repaired, so that nothing must be acknowledged before.
   */
  readonly acksAtOnce?: boolean;
  /** What happens until the session has decided, such as time that passes. */
  readonly meanwhile?: (scene: FaultScene) => Promise<void>;
  /** The expected fields of the error with which the attempt fails. */
  readonly failed?: Expected & { readonly stage: "discover" | "connect" };
  /** The expected fields of the `disconnected` event. */
  readonly ended?: Expected & { readonly clean: boolean };
  /** When the next attempt is made. */
  readonly next: Next;
  /** Further checks once the session has decided. */
  readonly check?: (scene: FaultScene) => void;
}

/** Registers the test of each row. */
export function matrix(rows: readonly Row[]): void {
  for (const row of rows) test(`${row.fault}: ${describeNext(row.next)}`, () => play(row));
}

function describeNext(next: Next): string {
  if (next === "immediately") return "the session reconnects immediately";
  if (next.reason === "inactive") {
    return "the agent is notified, and the session tries again in an hour";
  }
  return `the session tries again after ${next.delayMs} ms`;
}

async function play(row: Row): Promise<void> {
  await withBrokenService(row, async ({ stage, service }) => {
    // Repaired as soon as the session reports the failure, so that exactly one attempt encounters
    // the fault.
    for (const type of ["connectfailed", "disconnected"] as const) {
      stage.session.addEventListener(type, () => service.repair(), { once: true });
    }
    stage.start();
    await row.meanwhile?.({ stage, service });
    assertOutcome(row, stage, await decision(stage));
    row.check?.({ stage, service });
    await recovered({ stage, service });
    assert.deepEqual(new Set(service.acked), new Set([PAYLOAD_ID]));
  });
}

/**
 * Runs a test with a service and a session, not started yet, that handles the service's payload.
 */
export async function withBrokenService(
  { options, acksAtOnce, ca, ...faults }: Faults & Pick<Row, "options" | "acksAtOnce" | "ca">,
  fn: (scene: FaultScene) => Promise<void>,
): Promise<void> {
  const handled: (string | null | undefined)[] = [];
  const ackedTooEarly: string[] = [];
  const service = await BrokenService.start(faults, (messageId) => {
    if (!handled.includes(messageId)) ackedTooEarly.push(messageId);
  });
  const trust = ca === undefined ? undefined : trusting(ca);
  const { webSocketOptions = {} } = trust ?? {};
  const realFetch = globalThis.fetch;
  try {
    await withSession(
      {
        endpoint: service.url,
        // Both runtimes accept the same options for a request and for a WebSocket.
        fetch: (_url, init) => realFetch(service.url, { ...init, ...webSocketOptions }),
        transport: createNativeTransport({ webSocketOptions }),
        payloadMessageHandler: {
          async processMessage({ messageId }, ack) {
            if (!acksAtOnce) await service.repaired;
            handled.push(messageId);
            await ack();
          },
        },
        ...options,
        // The current time, since the emulator uses the real clock.
      },
      (stage) => fn({ stage, service }),
      Date.now(),
    );
  } finally {
    await service.close();
    await trust?.close();
  }
  assert.deepEqual(ackedTooEarly, []);
}

/** Waits until the session, whose first connection failed or ended, decides what to do. */
export async function decision({ events, eventsOf }: SessionStage): Promise<Next> {
  const reported = () => {
    const names = events.map(([name]) => name);
    const end = names.findIndex((name) => name === "connectfailed" || name === "disconnected");
    return end < 0 ? [] : names.slice(end);
  };
  const next = () => reported().find((name) => name === "waiting" || name === "discovered");
  await until(() => next() !== undefined, "the session decides");
  const [waiting] = eventsOf("waiting");
  return next() === "waiting" && waiting !== undefined ? waiting : "immediately";
}

function assertOutcome(row: Row, stage: SessionStage, next: Next): void {
  const [failed] = stage.eventsOf("connectfailed");
  const [ended] = stage.eventsOf("disconnected");
  if (row.failed === undefined) assert.equal(failed, undefined);
  else {
    const { stage: expectedStage, ...expected } = row.failed;
    assert.ok(failed, "no attempt has failed");
    assert.equal(failed.stage, expectedStage);
    assertFields(failed.error, expected);
  }
  if (row.ended === undefined) assert.equal(ended, undefined);
  else {
    assert.ok(ended, "no connection has ended");
    assertFields(ended, row.ended);
  }
  assert.deepEqual(next, row.next);
}

/** Checks some fields of an object. */
export function assertFields(actual: object, expected: Expected): void {
  for (const [name, value] of Object.entries(expected)) {
    const found: unknown = Reflect.get(actual, name);
    const what = `${name} of ${inspect(actual)}`;
    if (value instanceof RegExp) assert.match(String(found), value, what);
    else assert.deepEqual(found, value, what);
  }
}

/** Lets delays pass until the payload has been acknowledged over a working connection. */
export async function recovered({ stage, service }: FaultScene): Promise<void> {
  const isAcked = () => service.acked.includes(PAYLOAD_ID);
  while (!isAcked()) {
    const { session } = stage;
    await until(() => isAcked() || session.state.status === "waiting", "the session recovers");
    if (session.state.status === "waiting") await stage.time.advance(session.state.delayMs);
  }
}
