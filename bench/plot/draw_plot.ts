/**
 * Results as a picture.
 *
 * @module
 */

import { parse, View } from "vega";
import { compile } from "vega-lite";
import type { Row } from "../row.ts";
import { costChart } from "./cost_chart.ts";
import { growthChart } from "./growth_chart.ts";
import { COLORS, CONFIG, darkStyle } from "./style.ts";

const TITLE =
  "Cost of a session compared with the bare loop, and growth with the number of sessions";

/** Draws the results as SVG for light and dark pages. */
export async function drawPlot(rows: readonly Row[]): Promise<string> {
  const { spec } = compile({
    background: COLORS.background.light,
    padding: 16,
    spacing: 36,
    vconcat: [
      costChart(rows),
      growthChart(rows, "ms each", "Time to connect"),
      growthChart(rows, "KB each", "Resident memory"),
    ],
    resolve: { scale: { color: "independent", shape: "independent" } },
    config: CONFIG,
  });
  const svg = await new View(parse(spec), { renderer: "none" }).toSVG();
  return svg.replace(
    /<svg ([^>]*)>/,
    `<svg $1 role="img"><title>${TITLE}</title><style>${darkStyle()}</style>`,
  );
}
