/**
 * Results as Markdown.
 *
 * @module
 */

import type { Row } from "../row.ts";
import type { PartResults } from "./results.ts";
import { type Cells, cellsOf } from "./table.ts";

/** The conditions and tables of one part. */
export function formatMarkdown(results: PartResults): string {
  return [formatConditions(results), ...formatTables(results.rows)].join("\n\n");
}

/** The date, versions and machine of a run. */
function formatConditions(results: PartResults): string {
  const { date, versions, processors, processorModel } = results;
  return `Measured on ${date} with ${versions.Deno} and ${versions.Node}, on ${processors} processors ` +
    `(${processorModel}).`;
}

/** A table of the rows that have a yardstick, and a table of the others. */
function formatTables(rows: readonly Row[]): string[] {
  const compared = rows.filter(({ ratio }) => ratio !== undefined);
  const alone = rows.filter(({ ratio }) => ratio === undefined);
  const tables = [];
  if (compared.length > 0) {
    const hasProcessorRatio = compared.some(({ processorRatio }) => processorRatio !== undefined);
    tables.push(table(compared, {
      "measurement": ({ what }) => what,
      "on": ({ runtime }) => runtime,
      "session": ({ session }) => session,
      "compared with": ({ yardstick, bare }) => `${yardstick}: ${bare}`,
      "unit": ({ unit }) => unit,
      "ratio": ({ ratio }) => ratio,
      "quartiles": ({ quartiles }) => quartiles,
      ...(hasProcessorRatio && { "CPU time": ({ processorRatio }: Cells) => processorRatio }),
      "goal": ({ goal }) => goal,
      "": ({ verdict }) => verdict,
    }));
  }
  if (alone.length > 0) {
    tables.push(table(alone, {
      "measurement": ({ what }) => what,
      "on": ({ runtime }) => runtime,
      "result": ({ session }) => session,
      "quartiles": ({ quartiles }) => quartiles,
      "unit": ({ unit }) => unit,
      "goal": ({ goal }) => goal,
      "": ({ verdict }) => verdict,
      "remark": ({ note }) => note,
    }));
  }
  return tables;
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
