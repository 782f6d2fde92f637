/** A session whose problems would go unnoticed warns once, on the runtime's own channel. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { AcsEmulator, samplePayload } from "../../emulator/mod.ts";
import { until } from "../testing/fakes/fake_time.ts";
import { type Exit, startProgram } from "../testing/programs/acs_command.ts";
import { test } from "../testing/test.ts";

const AGENT = fileURLToPath(new URL("../testing/programs/unheard_session.ts", import.meta.url));

/** Runs an agent until the failure has happened twice in both of its sessions. */
async function runAgent(what: "refused" | "handler", how: string): Promise<Exit> {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const agent = startProgram(AGENT, [emulator.url, what, how]);
  await agent.output(/started/);
  if (what === "refused") {
    await until(() => emulator.discoverCount >= 4, "both have been refused twice");
  } else {
    await until(() => emulator.connections.length === 2, "both are connected");
    for (const { containerInstanceArn } of emulator.connections) {
      emulator.sendPayload(samplePayload(), { containerInstanceArn });
      // Its handler has thrown by the time that the next heartbeat is answered.
      await emulator.sendHeartbeat({}, { containerInstanceArn }).acked;
    }
  }
  agent.signal("SIGTERM");
  return await agent.ended;
}

for (
  const [what, warning] of [
    ["refused", /the session cannot discover the ACS endpoint: .*What to do \(ACS-A\d\d\): /],
    ["handler", /the handler of PayloadMessage failed: .*the handler is broken/],
  ] as const
) {
  test(`A process warns once, whatever the number of sessions, if a problem would go unnoticed (${what})`, async () => {
    const { code, stderr } = await runAgent(what, "nothing");
    assert.equal(code, 0, stderr);
    assert.match(stderr, warning);
    assert.match(stderr, /docs\/metrics\.md#logging/);
    assert.equal(stderr.match(/@acs\/session:/g)?.length, 1, stderr);
  });

  for (const how of ["listens", "logs", "silent"]) {
    test(`A process does not warn if a problem is logged or listened for, or if warnings are disabled (${what}, ${how})`, async () => {
      const { code, stderr } = await runAgent(what, how);
      assert.equal(code, 0, stderr);
      assert.equal(stderr, "");
    });
  }
}
