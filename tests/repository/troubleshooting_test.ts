/**
 * docs/troubleshooting.md explains every failure of the catalogue.
 */

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { docsOf, FAILURE_CODES } from "../../failures/catalogue.ts";
import { doctorTranscripts } from "../../scripts/troubleshooting/transcripts.ts";
import { withCatalogue } from "../../scripts/troubleshooting/with_catalogue.ts";
import { test } from "../testing/test.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

test("Each code has a section with its anchor in docs/troubleshooting.md", async () => {
  for (const code of FAILURE_CODES) {
    const [path = "", anchor = ""] = docsOf(code).split("#");
    const headings = (await readFile(join(ROOT, path), "utf8")).matchAll(/^### (.*)$/gm);
    const anchors = Array.from(headings, ([, heading = ""]) => heading.toLowerCase());
    assert.equal(anchors.filter((each) => each === anchor).length, 1, code);
  }
});

test(
  "docs/troubleshooting.md contains the current catalogue, and the output of acs doctor for each fault",
  async () => {
    const document = await readFile(join(ROOT, "docs", "troubleshooting.md"), "utf8");
    const folder = await mkdtemp(join(tmpdir(), "troubleshooting-"));
    try {
      const path = join(folder, "troubleshooting.md");
      await writeFile(path, withCatalogue(document, await doctorTranscripts()));
      await promisify(execFile)(
        process.execPath,
        ["fmt", "--quiet", "--config", join(ROOT, "deno.json"), path],
      );
      const generated = await readFile(path, "utf8");
      assert.equal(document, generated, "run deno task generate:troubleshooting");
    } finally {
      await rm(folder, { recursive: true });
    }
    // A DNS lookup that times out on a busy machine cannot be canceled.
  },
  { leavesSocket: true },
);
