import assert from "node:assert/strict";
import { parseTrace } from "../../emulator/mod.ts";
import { Session } from "../../mod.ts";
import { test } from "../testing/test.ts";
import { FOUND } from "./found_schedules.ts";
import { playSchedule, SILENCE } from "./play_schedule.ts";
import { simulate } from "./simulate.ts";

for (const [name, found] of Object.entries(FOUND)) {
  test(`What simulations have found stays fixed: ${name}`, async () => {
    const { broken } = await simulate(found);
    assert.equal(broken, undefined);
  });
}

test("The scenario of a shortened schedule is played over real sockets, and its trace can be read", async () => {
  const { report, trace } = await playSchedule(SILENCE, Session);
  assert.equal(report.passed, true, JSON.stringify(report.steps));
  assert.ok(parseTrace(trace, "trace.jsonl").entries.length > 5);
});
