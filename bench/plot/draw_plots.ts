/**
 * Draws the results as charts, one for each part.
 *
 * @module
 */

import { parse, View } from "vega";
import { compile } from "vega-lite";
import type { Results } from "../report/results.ts";
import { costChart } from "./cost_chart.ts";
import { growthChart } from "./growth_chart.ts";
import { type Chart, COLORS, CONFIG, darkStyle } from "./style.ts";

/**
 * Draws the charts of the measured parts as SVG for light and dark pages, and returns them by name.
 */
export async function drawPlots(results: Results): Promise<ReadonlyMap<string, string>> {
  const plots = new Map<string, string>();
  const { process, messages, sessions } = results;
  if (process !== undefined) {
    const title = "What a process with one session costs first";
    const subtitle = "compared with the least process or the bare loop, which are 1";
    plots.set("process", await draw(title, costChart(process.rows, { text: title, subtitle })));
  }
  if (messages !== undefined) {
    const title = "What a message costs once V8 has compiled everything";
    const subtitle = "compared with the bare loop, which is 1";
    plots.set("messages", await draw(title, costChart(messages.rows, { text: title, subtitle })));
  }
  if (sessions !== undefined) {
    plots.set(
      "sessions",
      await draw(
        "What each of many sessions in one process costs",
        growthChart(sessions.rows, "ms each", "Time to connect"),
        growthChart(sessions.rows, "KB each", "Resident memory"),
      ),
    );
  }
  return plots;
}

async function draw(title: string, ...charts: readonly Chart[]): Promise<string> {
  const { spec } = compile({
    background: COLORS.background.light,
    padding: 16,
    spacing: 36,
    vconcat: [...charts],
    resolve: { scale: { color: "independent", shape: "independent" } },
    config: CONFIG,
  });
  const svg = await new View(parse(spec), { renderer: "none" }).toSVG();
  return svg.replace(
    /<svg ([^>]*)>/,
    `<svg $1 role="img"><title>${title}</title><style>${darkStyle()}</style>`,
  );
}
