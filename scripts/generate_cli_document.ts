/**
 * Writes docs/cli.md: run it after changing a command, a flag or a help text.
 *
 * @module
 */

import { join } from "node:path";
import { cliDocument } from "./cli_document/cli_document.ts";
import { run } from "./npm/command.ts";
import { ROOT } from "./npm/deno_config.ts";

const PATH = join(ROOT, "docs", "cli.md");

await Deno.writeTextFile(PATH, await cliDocument());
await run("deno", ["fmt", "--quiet", PATH], { cwd: ROOT });
