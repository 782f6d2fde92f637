/**
 * The lock files determine what is downloaded, no package runs a script during installation, and
 * the demo loads only the packages that it needs.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { test } from "../testing/test.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The two configurations, each with its lock file: for users, and for contributors. */
const CONFIGS = [["deno.json", "deno.lock"], ["deno.dev.json", "deno.dev.lock"]] as const;

/** The packages that a session, the emulator and the command need. */
const RUNTIME_PACKAGES = [
  "@badrap/valita",
  "@logtape/logtape",
  "@opentelemetry/api",
  "aws4fetch",
  "commander",
  "ws",
];

/** Type declarations that come with them; they are only used for type checks, and never run. */
const TYPES = ["@types/node", "@types/ws", "undici-types"];

interface Config {
  readonly imports: Readonly<Record<string, string>>;
  readonly compilerOptions: unknown;
}

async function readConfig(name: string): Promise<Config> {
  return JSON.parse(await readFile(join(ROOT, name), "utf8"));
}

interface Output {
  readonly succeeded: boolean;
  readonly text: string;
}

/** Runs Deno and returns all of its output. */
function deno(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Output> {
  const options = { cwd, env: { ...process.env, NO_COLOR: "1", ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], options, (error, stdout, stderr) => {
      resolve({ succeeded: error === null, text: `${stdout}${stderr}` });
    });
  });
}

for (const [config, lock] of CONFIGS) {
  test(`A ${lock} that does not fit ${config} stops every command, and the error says what to do`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "acs-lock-"));
    try {
      await copyFile(join(ROOT, lock), join(folder, lock));
      await writeFile(join(folder, "module.ts"), "export {};\n");
      const { imports, ...rest } = await readConfig(config);
      const check = async (imports: Config["imports"]) => {
        await writeFile(join(folder, config), JSON.stringify({ ...rest, imports }));
        return await deno(["run", "--no-check", "--config", config, "module.ts"], folder);
      };
      const unchanged = await check(imports);
      assert.equal(unchanged.succeeded, true, unchanged.text);
      const { aws4fetch: _removed, ...others } = imports;
      const changed = await check(others);
      assert.equal(changed.succeeded, false);
      assert.match(changed.text, /lockfile is out of date.*deno install --frozen=false/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test(`No package in ${lock} has a script that runs during installation`, async () => {
    const { npm } = JSON.parse(await readFile(join(ROOT, lock), "utf8"));
    const packages = Object.entries<Readonly<Record<string, unknown>>>(npm);
    assert.ok(packages.length >= RUNTIME_PACKAGES.length);
    for (const [name, entry] of packages) assert.equal(entry["scripts"], undefined, name);
  });
}

test("Both configurations ask for the same versions and check types in the same way", async () => {
  const [user, dev] = [await readConfig("deno.json"), await readConfig("deno.dev.json")];
  for (const [name, specifier] of Object.entries(user.imports)) {
    assert.equal(dev.imports[name], specifier, name);
  }
  assert.deepEqual(dev.compilerOptions, user.compilerOptions);
  const versionsIn = async (lock: string): Promise<Record<string, string>> =>
    JSON.parse(await readFile(join(ROOT, lock), "utf8")).specifiers;
  const locked = await versionsIn("deno.dev.lock");
  for (const [specifier, version] of Object.entries(await versionsIn("deno.lock"))) {
    assert.equal(locked[specifier], version, specifier);
  }
});

test("With an empty cache, the demo downloads only the packages that it needs", async () => {
  const cache = await mkdtemp(join(tmpdir(), "acs-cache-"));
  try {
    const { succeeded, text } = await deno(["task", "demo"], ROOT, { DENO_DIR: cache });
    assert.equal(succeeded, true, text);
    const archives = text.matchAll(/^Download \S+?\/((?:@[^/]+\/)?[^/]+)\/-\/\S+\.tgz$/gm);
    const downloaded = Array.from(archives, ([, name = ""]) => name).sort();
    assert.deepEqual(downloaded.filter((name) => !TYPES.includes(name)), RUNTIME_PACKAGES);
  } finally {
    await rm(cache, { recursive: true });
  }
});
