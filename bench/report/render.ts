/**
 * Renders the document again from bench/results.json: `deno run -A bench/report/render.ts`.
 *
 * @module
 */

import { writeDocument } from "./document.ts";
import { readResults } from "./results.ts";

await writeDocument(await readResults());
