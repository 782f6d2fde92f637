import assert from "node:assert/strict";
import { test } from "../../testing/test.ts";
import { simulate } from "../simulate.ts";
import { playSchedule, SILENCE } from "../play_schedule.ts";
import { findMutant, missedOf, withMutant } from "./find_mutant.ts";
import { MUTANTS } from "./mutants.ts";
import { SCHEDULES } from "./schedules.ts";

test("A schedule finds every mutant of the session that has one", async () => {
  const mutants = MUTANTS.filter(({ schedule }) => schedule !== undefined);
  assert.ok(mutants.length >= 25);
  assert.deepEqual(await missedOf(mutants), []);
});

test("The schedules that find mutants find nothing wrong with the session itself", async () => {
  for (const schedule of SCHEDULES) {
    const { broken } = await simulate(schedule);
    assert.equal(broken, undefined, JSON.stringify(schedule));
  }
});

test("A mutant whose file has changed is reported, and not simulated", async () => {
  const mutant = {
    mistake: "a mistake in a line that is not there",
    file: "session/timing.ts",
    find: "there is no such line",
    replace: "",
    seed: 1,
  };
  await assert.rejects(findMutant(mutant, 1), /does not fit session\/timing\.ts any more/);
});

test("The scenario of a shortened schedule fails for the mutant that the schedule found", async () => {
  const mutant = MUTANTS.find(({ mistake }) => mistake === "silence does not end a connection");
  assert.ok(mutant !== undefined);
  await withMutant(mutant, async ({ Session }) => {
    const { report } = await playSchedule(SILENCE, Session);
    assert.equal(report.passed, false);
    const failed = report.steps.find(({ outcome }) => outcome === "failed");
    assert.match(failed?.title ?? "", /ack/);
  });
});
