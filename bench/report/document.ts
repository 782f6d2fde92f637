/**
 * Writes the results of a whole run into docs/performance.md and docs/performance.svg.
 *
 * @module
 */

import { join } from "node:path";
import { run } from "../../scripts/npm/command.ts";
import { ROOT } from "../../scripts/npm/deno_config.ts";
import { drawPlot } from "../plot/draw_plot.ts";
import { replacePart } from "./markers.ts";
import { formatConditions, formatMarkdown } from "./markdown.ts";
import type { Results } from "./results.ts";

const DOCUMENT = join(ROOT, "docs", "performance.md");
const PICTURE = join(ROOT, "docs", "performance.svg");

/** Writes both; the hand-written parts of the document stay unchanged. */
export async function writeDocument(results: Results): Promise<void> {
  const content = `${formatConditions(results)}\n\n${formatMarkdown(results)}`;
  const document = await Deno.readTextFile(DOCUMENT);
  await Deno.writeTextFile(DOCUMENT, replacePart(document, "results", content));
  await Deno.writeTextFile(PICTURE, await drawPlot(results.rows));
  await run(Deno.execPath(), ["fmt", "--quiet", DOCUMENT, PICTURE], { cwd: ROOT });
}
