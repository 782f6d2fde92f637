import assert from "node:assert/strict";
import { costPoints } from "../../bench/plot/cost_chart.ts";
import { formatNumber } from "../../bench/report/format_number.ts";
import { formatMarkdown } from "../../bench/report/markdown.ts";
import { replacePart } from "../../bench/report/markers.ts";
import type { PartResults } from "../../bench/report/results.ts";
import { formatTable } from "../../bench/report/table.ts";
import { rowOf } from "../../bench/row.ts";
import { test } from "../testing/test.ts";

const RESULTS: PartResults = {
  date: "2026-11-24",
  versions: { Deno: "Deno 2", Node: "Node 24" },
  processors: 2,
  processorModel: "made up",
  rows: [
    rowOf(
      {
        what: "payloads",
        runtime: "Deno",
        unit: "messages/s",
        goals: [{ of: "ratio", is: "at least", limit: 0.9 }],
      },
      [{ session: 40_000, bare: 50_000 }, { session: 42_000, bare: 50_000 }],
    ),
    rowOf(
      {
        what: "reconnect",
        runtime: "Node",
        unit: "ms",
        goals: [{ of: "session", is: "at most", limit: 10 }],
        note: "p99 4 ms",
      },
      [{ session: 1.234 }],
    ),
  ],
};

test("The table aligns its columns and shows for each goal whether it is met", () => {
  assert.deepEqual(formatTable(RESULTS).split("\n"), [
    "what       on    compared with          session  unit        ratio  quartiles     CPU  goal",
    "payloads   Deno  bare loop      50,000   41,000  messages/s   0.82  0.80 to 0.84       ≥ 0.90   missed",
    "reconnect  Node                            1.23  ms                                    ≤ 10 ms  met     p99 4 ms",
    "",
    "2026-11-24, Deno 2, Node 24, 2 processors; ratio: session divided by what it is compared with; CPU: the same for CPU time",
    "",
  ]);
});

test("The document separates rows that compare with the bare loop from the others", () => {
  const lines = formatMarkdown(RESULTS).split("\n");
  assert.ok(
    lines.includes(
      "| payloads | Deno | 41,000 | bare loop: 50,000 | messages/s | 0.82 | 0.80 to 0.84 | ≥ 0.90 | missed |",
    ),
  );
  assert.ok(lines.includes("| reconnect | Node | 1.23 |  | ms | ≤ 10 ms | met | p99 4 ms |"));
});

test("Numbers have three significant digits", () => {
  assert.equal(formatNumber(0.012345), "0.0123");
  assert.equal(formatNumber(99.96), "100");
  assert.equal(formatNumber(12_345.6), "12,346");
  assert.equal(formatNumber(undefined), "");
});

test("Hand-written text around a generated part stays unchanged", () => {
  const document = "# Title\n\n<!-- begin results -->\nold\n<!-- end results -->\n\n## More\n";
  assert.equal(
    replacePart(document, "results", "new\n"),
    "# Title\n\n<!-- begin results -->\n\nnew\n\n<!-- end results -->\n\n## More\n",
  );
});

test("A document without the generated part is refused", () => {
  assert.throws(() => replacePart("<!-- begin results -->", "results", ""), /no part between/);
});

test("The picture converts rates to costs, so that less is better everywhere", () => {
  assert.deepEqual(costPoints(RESULTS.rows), [
    { what: "payloads", runtime: "Deno", cost: 1 / 0.82, goal: 1 / 0.9 },
  ]);
});
