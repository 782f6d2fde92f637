/**
 * Lists the tests: the files, and the titles as Deno reports them.
 *
 * @module
 */

import { join } from "node:path";
import { run } from "../../scripts/npm/command.ts";
import { ROOT } from "../../scripts/npm/deno_config.ts";

/** Tests of what only the repository has; the package has none of it. */
const REPOSITORY_ONLY = [
  "bench",
  "browser",
  "console",
  "neighbours",
  "repository",
  "scripts",
  "simulation/mutants",
].map((folder) => join("tests", folder));

/** Tests of the examples run against the package by themselves. */
const IGNORED = [...REPOSITORY_ONLY, "examples"];

/** The paths of the test files that Node is to run, such as `tests/fault/end_test.ts`. */
export async function testFiles(folder = "tests"): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    const path = join(folder, name);
    if (REPOSITORY_ONLY.includes(path)) continue;
    if (isDirectory) files.push(...await testFiles(path));
    else if (name.endsWith("_test.ts")) files.push(path);
  }
  return files.sort();
}

/** Makes Deno load the same files and report the title of every test, without running any. */
export async function registeredTitles(): Promise<string[]> {
  const args = [
    "test",
    "--config=deno.dev.json",
    "-A",
    "--no-check",
    "--filter",
    "/^$/",
    "--reporter=junit",
    `--ignore=${IGNORED.join()}`,
  ];
  const report = await run(Deno.execPath(), args, { cwd: ROOT, env: { NO_COLOR: "1" } });
  return [...report.matchAll(/<testcase name="([^"]*)"/g)].map(([, name = ""]) => unescape(name));
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'" };

function unescape(text: string): string {
  return text
    .replace(/&#x([0-9a-f]+);/gi, (_, hex) => String.fromCodePoint(parseInt(hex, 16)))
    .replace(/&#(\d+);/g, (_, number) => String.fromCodePoint(Number(number)))
    .replace(/&(lt|gt|quot|apos);/g, (whole, name) => ENTITIES[name] ?? whole)
    .replaceAll("&amp;", "&");
}
