/**
 * The generated code in the repository is what its generator writes.
 */

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../scripts/npm/deno_config.ts";
import { generateFieldChecks } from "../../scripts/generate_field_checks.ts";
import { test } from "../testing/test.ts";

test("protocol/field_checks.gen.ts is what `deno task generate:checks` writes", async () => {
  const directory = await mkdtemp(join(tmpdir(), "acs-checks-"));
  try {
    const path = join(directory, "field_checks.gen.ts");
    await generateFieldChecks(path);
    assert.equal(
      await readFile(join(ROOT, "protocol", "field_checks.gen.ts"), "utf8"),
      await readFile(path, "utf8"),
      "run `deno task generate:checks`",
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});
