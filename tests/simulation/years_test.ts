import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { runYears, TROUBLES } from "./years.ts";

/** The troubles that name what the service answers, and the errors that it leads to. */
const ERRORS: Readonly<Record<string, readonly string[]>> = {
  "#316": ["AccessDeniedException"],
  "#1513": ["AccessDeniedException"],
  "#1872": ["UpgradeRefusedError", "ConnectError"],
  "#5096": [],
};

test("Troubles of the reference happen as reported, and are survived without a restart", async () => {
  const troubles = TROUBLES.filter(({ issues }) => issues in ERRORS);
  assert.equal(troubles.length, 4);
  const { rows, result } = await runYears(5 / 365, 1, troubles);
  assert.equal(result.broken, undefined);
  for (const { trouble: { issues }, errors, noticedAfterMs, readyAfterMs = Infinity } of rows) {
    assert.deepEqual(errors, ERRORS[issues], issues);
    assert.ok(noticedAfterMs !== undefined, issues);
    assert.ok(readyAfterMs < 3 * 60_000, `${issues} was ready after ${readyAfterMs} ms`);
  }
});

test("The troubles for which only a restart helped are all there", () => {
  const known = new Set(TROUBLES.map(({ issues }) => issues));
  const numbers = [103, 219, 250, 313, 316, 319, 501, 553, 577, 598, 618, 753, 781, 985];
  for (const number of [...numbers, 1292, 1513, 1960, 5096]) assert.ok(known.has(`#${number}`));
});
