/**
 * What is downloaded is what the lock file says, and nothing of it runs by being installed.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { test } from "../testing/test.ts";

const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
const LOCK = fileURLToPath(new URL("../../deno.lock", import.meta.url));

function check(folder: string): Promise<{ readonly isRight: boolean; readonly output: string }> {
  const options = { cwd: folder, env: { ...process.env, NO_COLOR: "1" } };
  return new Promise((resolve) => {
    execFile(process.execPath, ["check", "module.ts"], options, (error, stdout, stderr) => {
      resolve({ isRight: error === null, output: `${stdout}${stderr}` });
    });
  });
}

if ("Deno" in globalThis) {
  test("A lock file that does not fit deno.json stops every command, which says how to mend it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "acs-lock-"));
    try {
      await copyFile(LOCK, join(folder, "deno.lock"));
      await copyFile(CONFIG, join(folder, "deno.json"));
      await writeFile(join(folder, "module.ts"), "export {};\n");
      assert.equal((await check(folder)).isRight, true);
      const config = JSON.parse(await readFile(CONFIG, "utf8"));
      delete config.imports["aws4fetch"];
      await writeFile(join(folder, "deno.json"), JSON.stringify(config));
      const { isRight, output } = await check(folder);
      assert.equal(isRight, false);
      assert.match(output, /lockfile is out of date.*deno install --frozen=false/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("No package in the lock file has a script that runs when it is installed", async () => {
    const { npm } = JSON.parse(await readFile(LOCK, "utf8"));
    const packages = Object.entries<Readonly<Record<string, unknown>>>(npm);
    assert.ok(packages.length > 20);
    for (const [name, entry] of packages) assert.equal(entry["scripts"], undefined, name);
  });
}
