/**
 * Results as Markdown.
 *
 * @module
 */

import type { Row } from "../row.ts";
import type { Results } from "./results.ts";
import { type Cells, cellsOf } from "./table.ts";

/** The date, versions and machine of a run. */
export function formatConditions(results: Results): string {
  const { date, versions, processors, processorModel } = results;
  return `Measured on ${date} with ${versions.Deno} and ${versions.Node}, on ${processors} processors ` +
    `(${processorModel}), by \`deno task bench\`.`;
}

/** Two tables: the rows that compare with the bare loop, and the others. */
export function formatMarkdown({ rows }: Results): string {
  const compared = rows.filter(({ ratio }) => ratio !== undefined);
  const alone = rows.filter(({ ratio }) => ratio === undefined);
  return [
    "### Compared with the bare loop",
    table(compared, {
      "measurement": ({ what }) => what,
      "on": ({ runtime }) => runtime,
      "bare loop": ({ bare }) => bare,
      "session": ({ session }) => session,
      "unit": ({ unit }) => unit,
      "ratio": ({ ratio }) => ratio,
      "ratio of CPU time": ({ processorRatio }) => processorRatio,
      "goal": ({ goal }) => goal,
      "": ({ verdict }) => verdict,
    }),
    "### On its own",
    table(alone, {
      "measurement": ({ what }) => what,
      "on": ({ runtime }) => runtime,
      "result": ({ session }) => session,
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
