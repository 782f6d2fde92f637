/** The agent's own code throws, rejects, or never settles. */

import assert from "node:assert/strict";
import {
  sampleCredentials,
  samplePayload,
  sampleTaskArn,
  sampleTaskManifest,
} from "../../../emulator/mod.ts";
import { until } from "../../testing/fakes/fake_time.ts";
import { test } from "../../testing/test.ts";
import { MISBEHAVIORS, PARTS } from "./agent_parts.ts";
import { type EmulatorScene, watch, withEmulator } from "./emulator_scene.ts";
import { decision, withBrokenService } from "./fault_row.ts";

const SECOND = 1000;

/**
 * Asserts that, whatever a part does, nothing else waits for it and the connection stays open.
 */
async function assertOthersServed(
  { emulator, stage, acked }: EmulatorScene,
  lane: string,
): Promise<void> {
  await acked(emulator.sendHeartbeat());
  await acked(
    lane === "payload"
      ? emulator.sendCredentials(sampleCredentials(7))
      : emulator.sendPayload(samplePayload(7)),
  );
  assert.deepEqual(stage.eventsOf("disconnected"), []);
  assert.deepEqual(stage.eventsOf("waiting"), []);
}

/** Waits until a part that blocks its lane is reported as stuck. */
async function passUntilStuck({ emulator, stage, acked }: EmulatorScene): Promise<void> {
  for (const ms of [30 * SECOND, 30 * SECOND]) {
    // Without heartbeats the connection would time out first.
    await acked(emulator.sendHeartbeat());
    await stage.time.advance(ms);
  }
}

for (const { name, type, lane, options, send } of PARTS) {
  for (const [how, misbehave] of Object.entries(MISBEHAVIORS)) {
    const settles = how !== "never settles";
    if (lane === "background") {
      test(`A ${name} that ${how}: its message is acknowledged, and nothing else is affected`, () =>
        withEmulator(options(misbehave), async (scene) => {
          await scene.acked(send(scene.emulator));
          await assertOthersServed(scene, lane);
          assert.deepEqual(scene.stage.eventsOf("dropped"), []);
          const { ready, background } = scene.stage.session.health();
          assert.equal(ready, true);
          if (settles) assert.equal(background.count, 0);
        }));
      continue;
    }

    const verdict = settles ? "is redelivered and tried again" : "is reported after a minute";
    test(`A ${name} that ${how}: its message is not acknowledged and ${verdict}; all others are served`, () => {
      let act = misbehave;
      return withEmulator(options(() => act()), async (scene) => {
        const { emulator, stage } = scene;
        const posted = send(emulator);
        const isAcked = watch(posted);
        const { messageId } = posted;
        if (settles) {
          await until(() => stage.eventsOf("dropped").length > 0, "the failure is reported");
          const [dropped] = stage.eventsOf("dropped");
          assert.deepEqual({ ...dropped, description: "" }, {
            reason: "failed",
            description: "",
            type,
            messageId,
          });
          assert.match(dropped?.description ?? "", /the agent's own error/);
        } else {
          await until(() => stage.eventsOf("received").some((event) => event.type === type), type);
          await passUntilStuck(scene);
          assert.deepEqual(stage.eventsOf("stuck"), [{ lane, type, messageId }]);
          assert.match(
            stage.session.health().problems.join(),
            new RegExp(`lane ${lane} has been stuck`),
          );
        }
        await assertOthersServed(scene, lane);
        assert.equal(isAcked(), false);

        // It is redelivered over the next connection; a copy of one that hangs is only recorded.
        act = () => {};
        emulator.closeConnections();
        assert.equal(await decision(stage), "immediately");
        await until(() => stage.eventsOf("connected").length === 2, "the session has reconnected");
        if (settles) await until(isAcked, "it is acknowledged in the end");
        await scene.acked(emulator.sendHeartbeat());
        assert.equal(isAcked(), settles);
      });
    });
  }
}

for (const [how, misbehave] of Object.entries(MISBEHAVIORS)) {
  test(`A task stopper that ${how}: the manifest stays acknowledged, and all others are served`, () =>
    withEmulator({
      taskComparer: {
        compareRunningTasksOnInstanceWithManifest: () => [
          { taskArn: sampleTaskArn(9), desiredStatus: "STOPPED" },
        ],
      },
      taskStopper: { stopTask: misbehave },
    }, async (scene) => {
      const { emulator, stage, acked } = scene;
      await acked(emulator.sendTaskManifest(sampleTaskManifest(1)));
      const type = "TaskStopVerificationAck";
      await until(() => stage.eventsOf("received").some((event) => event.type === type), type);
      if (how === "never settles") await passUntilStuck(scene);
      await assertOthersServed(scene, "payload");
      assert.deepEqual(
        [...stage.eventsOf("dropped"), ...stage.eventsOf("stuck")].map((event) => event.type),
        [type],
      );
    }));

  test(`An inactiveInstanceCallback that ${how}: the session still tries again in an hour`, () =>
    withBrokenService({
      acs: async (connection) => {
        await connection.refuse(400, '{"InactiveInstanceException":"gone"}');
      },
      options: { inactiveInstanceCallback: misbehave },
    }, async ({ stage }) => {
      stage.start();
      assert.deepEqual(await decision(stage), { reason: "inactive", delayMs: 3_600_000 });
    }));

  test(`A listener that ${how}: everything is served as usual`, () =>
    withEmulator({}, async (scene) => {
      for (const type of ["received", "sent", "statechange", "disconnected"] as const) {
        scene.stage.session.addEventListener(type, misbehave);
      }
      await scene.acked(scene.emulator.sendPayload(samplePayload(1)));
      await assertOthersServed(scene, "payload");
    }));
}
