/** docs/cli.md contains the commands' help. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cliDocument } from "../../scripts/cli_document/cli_document.ts";
import { ROOT } from "../../scripts/npm/deno_config.ts";
import { test } from "../testing/test.ts";

test("docs/cli.md is the help of the commands", async () => {
  const document = await readFile(join(ROOT, "docs", "cli.md"), "utf8");
  assert.equal(document, await cliDocument(), "run deno task generate:cli");
});
