/**
 * Writes the catalogue of failures into docs/troubleshooting.md: run it after changing
 * failures/catalogue.ts.
 *
 * @module
 */

import { join } from "node:path";
import { run } from "./npm/command.ts";
import { ROOT } from "./npm/deno_config.ts";
import { doctorTranscripts } from "./troubleshooting/transcripts.ts";
import { withCatalogue } from "./troubleshooting/with_catalogue.ts";

const PATH = join(ROOT, "docs", "troubleshooting.md");

await Deno.writeTextFile(
  PATH,
  withCatalogue(await Deno.readTextFile(PATH), await doctorTranscripts()),
);
await run("deno", ["fmt", "--quiet", PATH], { cwd: ROOT });
