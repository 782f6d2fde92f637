/**
 * What the rows of the fault matrix share: a real session over real sockets meets one fault, and
 * each row says what the session tells and when it tries again.
 *
 * Time is fake, so that the session keeps to its default times and no test waits for them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { SessionEventMap } from "../../../session/reporting/events.ts";
import type { SessionOptions } from "../../../session/options.ts";
import { createNativeTransport } from "../../../wsclient/transports/native.ts";
import { until } from "../../testing/fake_time.ts";
import { type SessionStage, withSession } from "../../testing/session_stage.ts";
import { test } from "../../testing/test.ts";
import { trusting } from "../trust.ts";
import { type Faults, PAYLOAD_ID, Service } from "./service.ts";

/** When the next attempt is made. */
export type Next =
  | "at once"
  /** After so many ms, for that reason. */
  | { readonly reason: SessionEventMap["waiting"]["reason"]; readonly delayMs: number };

/** After the first of the growing delays. */
export const BACKOFF: Next = { reason: "backoff", delayMs: 250 };

/** What is expected of an object's fields: a value, or what its text matches. */
export type Expected = Readonly<Record<string, unknown>>;

/** A session that meets a fault, and the service that has it. */
export interface Scene {
  readonly stage: SessionStage;
  readonly service: Service;
}

/** One row of the matrix. */
export interface Row extends Faults {
  /** What goes wrong. */
  readonly fault: string;
  /** How the session differs from the usual one. */
  readonly options?: Partial<SessionOptions>;
  /** An authority that is trusted. */
  readonly ca?: string;
  /**
   * Whether the payload handler acknowledges while the service is broken. By default it holds the
   * payload until the service is mended, so that nothing may be acknowledged before.
   */
  readonly acksAtOnce?: boolean;
  /** What happens until the session has decided, such as time that passes. */
  readonly meanwhile?: (scene: Scene) => Promise<void>;
  /** The fields of the error by which the attempt is told to have failed. */
  readonly failed?: Expected & { readonly stage: "discover" | "connect" };
  /** The fields of the event by which the connection is told to have ended. */
  readonly ended?: Expected & { readonly clean: boolean };
  /** When the next attempt is made. */
  readonly next: Next;
  /** What else must hold when the session has decided. */
  readonly check?: (scene: Scene) => void;
}

/** Registers the test of each row. */
export function matrix(rows: readonly Row[]): void {
  for (const row of rows) test(`${row.fault}: ${describeNext(row.next)}`, () => play(row));
}

function describeNext(next: Next): string {
  if (next === "at once") return "the session is back at once";
  if (next.reason === "inactive") {
    return "the agent is told, and the session tries again in an hour";
  }
  return `the session tries again after ${next.delayMs} ms`;
}

async function play(row: Row): Promise<void> {
  await withBrokenService(row, async ({ stage, service }) => {
    // Mended just after the session is told, so that one attempt meets the fault and no second.
    for (const type of ["connectfailed", "disconnected"] as const) {
      stage.session.addEventListener(type, () => service.mend(), { once: true });
    }
    stage.start();
    await row.meanwhile?.({ stage, service });
    assertTold(row, stage, await decision(stage));
    row.check?.({ stage, service });
    await recovered({ stage, service });
    assert.deepEqual(new Set(service.acked), new Set([PAYLOAD_ID]));
  });
}

/** Runs a test with a service and a session, not started yet, that takes the service's payload. */
export async function withBrokenService(
  { options, acksAtOnce, ca, ...faults }: Faults & Pick<Row, "options" | "acksAtOnce" | "ca">,
  fn: (scene: Scene) => Promise<void>,
): Promise<void> {
  const handled: (string | null | undefined)[] = [];
  const ackedTooEarly: string[] = [];
  const service = await Service.start(faults, (messageId) => {
    if (!handled.includes(messageId)) ackedTooEarly.push(messageId);
  });
  const trust = ca === undefined ? undefined : trusting(ca);
  const { webSocketOptions = {} } = trust ?? {};
  const realFetch = globalThis.fetch;
  try {
    await withSession(
      {
        endpoint: service.url,
        // Both runtimes take for one request what they take for a WebSocket.
        fetch: (_url, init) => realFetch(service.url, { ...init, ...webSocketOptions }),
        transport: createNativeTransport({ webSocketOptions }),
        payloadMessageHandler: {
          async processMessage({ messageId }, ack) {
            if (!acksAtOnce) await service.mended;
            handled.push(messageId);
            await ack();
          },
        },
        ...options,
        // From now on, since the emulator goes by the real clock.
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

/** Waits until the session, which has lost or not got its first connection, decides what to do. */
export async function decision({ events, eventsOf }: SessionStage): Promise<Next> {
  const told = () => {
    const names = events.map(([name]) => name);
    const end = names.findIndex((name) => name === "connectfailed" || name === "disconnected");
    return end < 0 ? [] : names.slice(end);
  };
  const next = () => told().find((name) => name === "waiting" || name === "discovered");
  await until(() => next() !== undefined, "the session decides");
  const [waiting] = eventsOf("waiting");
  return next() === "waiting" && waiting !== undefined ? waiting : "at once";
}

function assertTold(row: Row, stage: SessionStage, next: Next): void {
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

/** Lets delays pass until the payload has been acknowledged over a good connection. */
export async function recovered({ stage, service }: Scene): Promise<void> {
  const isAcked = () => service.acked.includes(PAYLOAD_ID);
  while (!isAcked()) {
    const { session } = stage;
    await until(() => isAcked() || session.state.status === "waiting", "the session recovers");
    if (session.state.status === "waiting") await stage.time.advance(session.state.delayMs);
  }
}
