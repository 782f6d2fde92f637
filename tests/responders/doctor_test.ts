import assert from "node:assert/strict";
import { Doctor } from "../../responders/doctor.ts";
import { withFakeTime } from "../testing/fakes/fake_time.ts";
import { test } from "../testing/test.ts";

test("A doctor without checks reports healthy", async () => {
  const doctor = new Doctor();
  assert.equal(doctor.hasHealthchecks, false);
  assert.equal(await doctor.runHealthchecks(), true);
  assert.deepEqual(doctor.results, []);
});

test("All checks run in parallel, and each result has its name, status and time", () =>
  withFakeTime(async (time) => {
    const slow = (type: string, ms: number, ok: boolean) => ({
      type,
      runCheck: () => new Promise<boolean>((resolve) => setTimeout(() => resolve(ok), ms)),
    });
    const doctor = new Doctor([slow("a", 1000, true), slow("b", 3000, true)]);
    const run = doctor.runHealthchecks();
    await time.advance(3000);
    assert.equal(await run, true);
    const startedAt = Date.UTC(2026, 0, 1);
    assert.deepEqual(doctor.results, [
      { type: "a", ok: true, checkedAt: startedAt + 1000 },
      { type: "b", ok: true, checkedAt: startedAt + 3000 },
    ]);
  }));

test("One unhealthy check makes the whole result unhealthy, and the others still run", async () => {
  const doctor = new Doctor([
    { type: "bad", runCheck: () => false },
    { type: "good", runCheck: () => Promise.resolve(true) },
  ]);
  assert.equal(await doctor.runHealthchecks(), false);
  assert.deepEqual(doctor.results.map(({ type, ok }) => [type, ok]), [["bad", false], [
    "good",
    true,
  ]]);
});

test("A check that throws counts as unhealthy, and its error is kept", async () => {
  const failure = new Error("no such socket");
  const doctor = new Doctor([
    {
      type: "throws",
      runCheck: () => {
        throw failure;
      },
    },
    { type: "rejects", runCheck: () => Promise.reject(failure) },
  ]);
  assert.equal(await doctor.runHealthchecks(), false);
  assert.deepEqual(doctor.results.map(({ ok, error }) => [ok, error]), [[false, failure], [
    false,
    failure,
  ]]);
});

test("A call during a run joins it, and the next call afterwards starts another", async () => {
  const gates: (() => void)[] = [];
  const doctor = new Doctor([{
    type: "slow",
    runCheck: () => new Promise((resolve) => gates.push(() => resolve(true))),
  }]);
  const first = doctor.runHealthchecks();
  const joined = doctor.runHealthchecks();
  assert.equal(gates.length, 1);
  gates[0]?.();
  assert.deepEqual(await Promise.all([first, joined]), [true, true]);
  const next = doctor.runHealthchecks();
  assert.equal(gates.length, 2);
  gates[1]?.();
  assert.equal(await next, true);
});

test("A check added during a run takes part in the next one, and the given list is not changed", async () => {
  const checks = [{ type: "first", runCheck: () => true }];
  const doctor = new Doctor(checks);
  assert.equal(doctor.hasHealthchecks, true);
  const run = doctor.runHealthchecks();
  doctor.addHealthcheck({ type: "added", runCheck: () => false });
  assert.equal(await run, true);
  assert.deepEqual(doctor.results.map(({ type }) => type), ["first"]);
  assert.equal(await doctor.runHealthchecks(), false);
  assert.deepEqual(doctor.results.map(({ type }) => type), ["first", "added"]);
  assert.equal(checks.length, 1);
});

test("A check that recovers replaces its result, including the error", async () => {
  let broken = true;
  const doctor = new Doctor([{
    type: "recovers",
    runCheck() {
      if (broken) throw new Error("not yet");
      return true;
    },
  }]);
  await doctor.runHealthchecks();
  broken = false;
  await doctor.runHealthchecks();
  const [result] = doctor.results;
  assert.equal(result?.ok, true);
  assert.ok(result !== undefined && !("error" in result));
});
