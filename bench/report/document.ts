/**
 * Writes the results into docs/performance.md and its charts.
 *
 * @module
 */

import { join } from "node:path";
import { run } from "../../scripts/npm/command.ts";
import { ROOT } from "../../scripts/npm/deno_config.ts";
import { drawPlots } from "../plot/draw_plots.ts";
import { replacePart } from "./markers.ts";
import { formatMarkdown } from "./markdown.ts";
import type { Results } from "./results.ts";

const DOCS = join(ROOT, "docs");
const DOCUMENT = join(DOCS, "performance.md");

/** Writes all results; the hand-written parts of the document are kept. */
export async function writeDocument(results: Results): Promise<void> {
  let document = await Deno.readTextFile(DOCUMENT);
  for (const [part, measured] of Object.entries(results)) {
    document = replacePart(document, part, formatMarkdown(measured));
  }
  await Deno.writeTextFile(DOCUMENT, document);
  const pictures: string[] = [];
  for (const [name, svg] of await drawPlots(results)) {
    const path = join(DOCS, `performance_${name}.svg`);
    await Deno.writeTextFile(path, svg);
    pictures.push(path);
  }
  await run(Deno.execPath(), ["fmt", "--quiet", DOCUMENT, ...pictures], { cwd: ROOT });
}
