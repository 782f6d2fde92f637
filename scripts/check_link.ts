/**
 * Type-checks the package as a project that links a clone does: with Deno's default compiler
 * options instead of this repository's.
 *
 * @module
 */

import { join } from "node:path";
import process from "node:process";
import { EXPORTS, NAME, ROOT, VERSION } from "./npm/deno_config.ts";

const folder = await Deno.makeTempDir({ prefix: "acs-link-" });
try {
  const config = { links: [ROOT], imports: { [NAME]: `jsr:${NAME}@^${VERSION}` } };
  await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(config));
  const imports = Object.keys(EXPORTS).map((path) => `import "${NAME}${path.slice(1)}";\n`);
  await Deno.writeTextFile(join(folder, "main.ts"), imports.join(""));
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "main.ts"],
    cwd: folder,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  process.exitCode = code;
} finally {
  await Deno.remove(folder, { recursive: true });
}
