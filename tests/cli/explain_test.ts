import assert from "node:assert/strict";
import { explainFailure } from "../../cli/explain_failure.ts";
import { FAILURE_CODES } from "../../failures/catalogue.ts";
import { runAcs } from "../testing/programs/acs_command.ts";
import { test } from "../testing/test.ts";

test("acs explain prints what a code means and what to do, however the code is written", async () => {
  for (const code of ["ACS-P01", "acs-p01", "p01"]) {
    const { code: exitCode, stdout } = await runAcs(["explain", code]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^ACS-P01: Proxy set but ignored\n/);
    assert.match(stdout, /What to do: +Set NODE_USE_ENV_PROXY=1\./);
    assert.match(stdout, /docs\/troubleshooting\.md#acs-p01/);
  }
});

test("acs explain without a code lists all codes", async () => {
  const { code, stdout } = await runAcs(["explain"]);
  assert.equal(code, 0);
  assert.deepEqual(stdout.match(/^ACS-[A-Z]\d\d/gm), FAILURE_CODES);
});

test("A code that does not exist is a usage error that names the nearest", async () => {
  const { code, stderr } = await runAcs(["explain", "ACS-P09"]);
  assert.equal(code, 2);
  assert.match(stderr, /there is no code "ACS-P09"; did you mean ACS-P01\?/);
});

test("No line of an explanation is wider than the terminal", () => {
  for (const code of FAILURE_CODES) {
    for (const width of [60, 80]) {
      const lines = explainFailure(code, width).split("\n");
      // A word stays whole.
      const tooLong = lines.filter((line) => line.length > width && line.trim().includes(" "));
      assert.deepEqual(tooLong, [], code);
    }
  }
});
