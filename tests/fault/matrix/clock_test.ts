/** The machine's clock is wrong, or has continued while the machine was suspended. */

import assert from "node:assert/strict";
import { AcsEmulator, EXAMPLE_CREDENTIALS, samplePayload } from "../../../emulator/mod.ts";
import { turns, until } from "../../testing/fakes/fake_time.ts";
import { test } from "../../testing/test.ts";
import {
  assertFields,
  BACKOFF,
  decision,
  type FaultScene,
  matrix,
  recovered,
  type Row,
  withBrokenService,
} from "./fault_row.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const SKEWS = [
  { what: "ten minutes slow", skewMs: 10 * MINUTE },
  { what: "ten minutes fast", skewMs: -10 * MINUTE },
  { what: "a day slow", skewMs: 24 * HOUR },
  { what: "a day fast", skewMs: -24 * HOUR },
];

for (const { what, skewMs } of SKEWS) {
  for (const stage of ["discover", "connect"] as const) {
    const who = stage === "discover" ? "ECS" : "ACS";
    test(`A clock that is ${what}, and ${who} is detected: the session tries again after 250 ms and is accepted`, () =>
      withSkewedService(stage, skewMs, async (scene) => {
        scene.stage.start();
        assert.deepEqual(await decision(scene.stage), BACKOFF);
        const [failed] = scene.stage.eventsOf("connectfailed");
        assert.equal(failed?.stage, stage);
        assertFields(failed.error, {
          retryable: true,
          message: new RegExp(
            `about ${Math.abs(skewMs) / MINUTE} min ${skewMs > 0 ? "behind" : "ahead of"}`,
          ),
        });
        const learned: unknown = Reflect.get(failed.error, "clockSkewMs");
        // The header has whole seconds, and the emulator's clock has continued meanwhile.
        const differsMs = typeof learned === "number" ? Math.abs(learned - skewMs) : NaN;
        assert.ok(differsMs < 5 * SECOND, `${differsMs}`);
        await scene.stage.time.advance(250);
        await until(() => scene.isAcked(), "the payload is acknowledged");
        assert.equal(scene.stage.eventsOf("connectfailed").length, 1);
      }));
  }
}

const dated = (body: string, aheadMs: number): Row["acs"] => async (connection) => {
  await connection.refuse(403, body, [`Date: ${new Date(Date.now() + aheadMs).toUTCString()}`]);
};

const notCorrected: Row["check"] = ({ stage }) => {
  const [failed] = stage.eventsOf("connectfailed");
  assert.doesNotMatch(String(failed?.error.message), /next signature is corrected/);
};

matrix([
  {
    fault: "A refusal by a proxy whose clock is an hour fast",
    acs: dated("<html>no</html>", HOUR),
    failed: {
      stage: "connect",
      name: "UpgradeRefusedError",
      message: /about 60 min behind the peer's$/,
    },
    next: BACKOFF,
    check: notCorrected,
  },
  {
    fault: "A refusal by the service, dated in the year 9999",
    acs: dated('{"AccessDeniedException":"no"}', Date.UTC(9999, 11, 31) - Date.now()),
    failed: {
      stage: "connect",
      name: "AccessDeniedException",
      retryable: false,
      message: /days behind the service's; signatures are not corrected by more than 1440 min/,
    },
    next: BACKOFF,
    check: notCorrected,
  },
]);

/** A service that checks signatures by a different clock, in ECS or in ACS. */
async function withSkewedService(
  stage: "discover" | "connect",
  clockSkewMs: number,
  fn: (scene: Pick<FaultScene, "stage"> & { isAcked(): boolean }) => Promise<void>,
): Promise<void> {
  const emulator = await AcsEmulator.listen({ clockSkewMs });
  const { acked } = emulator.sendPayload(samplePayload());
  let isAcked = false;
  acked.then(() => isAcked = true, () => {});
  try {
    await withBrokenService({
      acksAtOnce: true,
      options: {
        credentials: EXAMPLE_CREDENTIALS,
        // For ACS alone, ECS accepts every signature.
        fetch: stage === "discover"
          ? (_url, init) => fetch(emulator.url, init)
          : () => Promise.resolve(Response.json({ endpoint: emulator.url })),
        endpoint: emulator.url,
      },
    }, ({ stage }) => fn({ stage, isAcked: () => isAcked }));
  } finally {
    await emulator.close();
  }
}

/** What the session is doing when the machine is suspended. */
interface Situation extends Omit<Row, "fault" | "failed" | "ended" | "next"> {
  readonly what: string;
  /** Waits until it is in that state. */
  readonly arrive: (scene: FaultScene) => Promise<void>;
  /** What has been reported by then. */
  readonly before?: { readonly waiting?: number; readonly connectfailed?: number };
}

const whenStatus = (status: string) => ({ stage }: FaultScene) =>
  until(() => stage.session.state.status === status, `the session is ${status}`);

const SITUATIONS: Situation[] = [
  {
    what: "connected",
    acksAtOnce: true,
    arrive: ({ stage }) => until(() => stage.eventsOf("sent").length > 0, "a payload is received"),
  },
  {
    what: "a handler is running",
    arrive: ({ stage }) => until(() => stage.eventsOf("received").length > 0, "a payload arrives"),
  },
  {
    what: "waiting after a failure",
    options: { timing: { backoffMinMs: 2 * MINUTE } },
    acs: async (connection) => {
      await connection.refuse(503);
    },
    arrive: whenStatus("waiting"),
    before: { waiting: 1, connectfailed: 1 },
  },
  {
    what: "waiting for an hour, since the instance is deregistered",
    acs: async (connection) => {
      await connection.refuse(400, '{"InactiveInstanceException":"gone"}');
    },
    arrive: whenStatus("waiting"),
    before: { waiting: 1, connectfailed: 1 },
  },
  {
    what: "asking ECS",
    ecs: async (connection) => {
      await connection.readRequest();
    },
    arrive: ({ service }) => until(() => service.reached.ecs > 0, "ECS is called"),
  },
  {
    what: "connecting",
    acs: async (connection) => {
      await connection.readRequest();
    },
    arrive: ({ service }) => until(() => service.reached.acs > 0, "ACS is reached"),
  },
];

/** Waits for the longest time until the clocks are compared: longer if a frame has arrived. */
async function noticed({ stage }: FaultScene): Promise<void> {
  for (let ms = 0; ms < 45 * SECOND && stage.eventsOf("suspended").length === 0; ms += SECOND) {
    await stage.time.advance(SECOND);
  }
}

for (const { what, arrive, before = {}, ...faults } of SITUATIONS) {
  test(`A machine that is suspended for an hour while ${what}: the session reconnects immediately`, () =>
    withBrokenService(faults, async (scene) => {
      const { stage, service } = scene;
      stage.session.addEventListener("suspended", () => service.repair());
      stage.start();
      await arrive(scene);
      stage.time.setSystemTime(Date.now() + HOUR);
      await noticed(scene);
      assert.deepEqual(stage.eventsOf("suspended"), [{ suspendedMs: HOUR }]);
      await recovered(scene);
      await whenStatus("connected")(scene);
      assert.equal(stage.eventsOf("waiting").length, before.waiting ?? 0);
      assert.equal(stage.eventsOf("connectfailed").length, before.connectfailed ?? 0);
      for (const { clean } of stage.eventsOf("disconnected")) assert.equal(clean, true);
      assert.equal(stage.session.health().ready, true);
    }));
}

test("If the network is still down after a suspension, the delays start from the beginning", () =>
  withBrokenService({
    acs: (connection) => connection.reset(),
  }, async (scene) => {
    const { stage, service } = scene;
    const delays = () => stage.eventsOf("waiting").map(({ delayMs }) => delayMs);
    stage.start();
    await until(() => delays().length === 1, "the first delay");
    await stage.time.advance(250);
    await until(() => delays().length === 2, "the second delay");
    stage.time.setSystemTime(Date.now() + HOUR);
    await stage.time.advance(15 * SECOND);
    await until(() => delays().length >= 3, "the next delay");
    assert.deepEqual(delays().slice(0, 2), [250, 375]);
    assert.equal(delays().at(-1), 250);
    service.repair();
    await recovered(scene);
  }));

for (
  const { what, ms } of [
    { what: "set back by an hour", ms: -HOUR },
    { what: "set back by a day", ms: -24 * HOUR },
    { what: "set forward by 29 s", ms: 29 * SECOND },
  ]
) {
  test(`A clock that is ${what}: the session stays connected`, () =>
    withBrokenService({ acksAtOnce: true }, async (scene) => {
      const { stage } = scene;
      stage.start();
      await recovered(scene);
      stage.time.setSystemTime(Date.now() + ms);
      await stage.time.advance(30 * SECOND);
      await turns(10);
      assert.deepEqual(stage.eventsOf("suspended"), []);
      assert.deepEqual(stage.eventsOf("disconnected"), []);
      assert.equal(stage.session.health().ready, true);
    }));
}
