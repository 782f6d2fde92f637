/**
 * Results as Markdown.
 *
 * @module
 */

import type { Row } from "../row.ts";
import type { Results } from "./results.ts";
import { type Cells, cellsOf } from "./table.ts";

/** When, where and with what the results were found. */
export function formatConditions(results: Results): string {
  const { date, versions, processors, processorModel } = results;
  return `Found on ${date} with ${versions.Deno} and ${versions.Node}, on ${processors} processors ` +
    `(${processorModel}), by \`deno task bench\`.`;
}

/** The lines that have a bare loop beside them, and those that stand for themselves. */
export function formatMarkdown({ rows }: Results): string {
  const compared = rows.filter(({ ratio }) => ratio !== undefined);
  const alone = rows.filter(({ ratio }) => ratio === undefined);
  return [
    "### Beside the bare loop",
    table(compared, {
      "what": ({ what }) => what,
      "on": ({ runtime }) => runtime,
      "bare loop": ({ bare }) => bare,
      "session": ({ session }) => session,
      "unit": ({ unit }) => unit,
      "ratio": ({ ratio }) => ratio,
      "ratio of CPU time": ({ processorRatio }) => processorRatio,
      "goal": ({ goal }) => goal,
      "": ({ verdict }) => verdict,
    }),
    "### By itself",
    table(alone, {
      "what": ({ what }) => what,
      "on": ({ runtime }) => runtime,
      "found": ({ session }) => session,
      "unit": ({ unit }) => unit,
      "goal": ({ goal }) => goal,
      "": ({ verdict }) => verdict,
      "remark": ({ note }) => note,
    }),
  ].join("\n\n");
}

function table(
  rows: readonly Row[],
  columns: Readonly<Record<string, (cells: Cells) => string>>,
): string {
  const heads = Object.keys(columns);
  const lines = rows.map((row) => Object.values(columns).map((cell) => cell(cellsOf(row))));
  return [heads, heads.map(() => "---"), ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
