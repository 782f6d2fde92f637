/**
 * Type-checks the whole repository in one program: all sources, the examples in their comments, and
 * the TypeScript and JavaScript blocks of the documents.
 *
 * @module
 */

import { rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { writeBlockModules } from "../tests/repository/documents/block_modules.ts";
import { ROOT } from "./npm/deno_config.ts";

/** Always the same folder, so that Deno's cache skips unchanged blocks. */
const BLOCKS = join(ROOT, ".blocks-types");

try {
  const modules = await writeBlockModules(BLOCKS);
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--config", "deno.dev.json", "--doc", ".", BLOCKS],
    cwd: ROOT,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (code !== 0) {
    const places = modules.map(({ file, place }) => `${file} is ${place}`);
    process.stderr.write(`In ${BLOCKS}:\n${places.join("\n")}\n`);
    process.exitCode = code;
  }
} finally {
  await rm(BLOCKS, { recursive: true });
}
