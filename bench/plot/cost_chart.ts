/**
 * Draws the cost of a session relative to its yardstick.
 *
 * @module
 */

import type { Row } from "../row.ts";
import { BY_RUNTIME, type Chart, COLORS } from "./style.ts";

/** One row as a point. */
export interface CostPoint {
  /** What was measured. */
  readonly what: string;
  /** The runtime. */
  readonly runtime: string;
  /** The session's cost relative to the yardstick's: less is better, whatever the unit. */
  readonly cost: number;
  /** Maximum cost, if there is a goal. */
  readonly goal: number | undefined;
}

/** The rows that have a yardstick, converted so that less is better. */
export function costPoints(rows: readonly Row[]): CostPoint[] {
  return rows.flatMap(({ what, runtime, ratio, unit, goals }) => {
    if (ratio === undefined) return [];
    // A rate is converted to the time per message.
    const costOf = (ratio: number) => unit.endsWith("/s") ? 1 / ratio : ratio;
    const goal = goals.find(({ of }) => of === "ratio")?.limit;
    return [{ what, runtime, cost: costOf(ratio), goal: goal === undefined ? goal : costOf(goal) }];
  });
}

/** The title of a chart. */
export interface ChartTitle {
  /** The question. */
  readonly text: string;
  /** What the numbers are. */
  readonly subtitle: string;
}

/** Draws a point for each row and runtime, and a mark for its goal. */
export function costChart(rows: readonly Row[], { text, subtitle }: ChartTitle): Chart {
  const { color, shape } = BY_RUNTIME;
  const x = {
    field: "cost",
    type: "quantitative",
    title: null,
    scale: { zero: false, nice: true },
    axis: { grid: true, tickCount: 6 },
  } as const;
  const y = {
    field: "what",
    type: "nominal",
    sort: null,
    title: null,
    // Without a limit: without a canvas, Vega overestimates the width of a text, and would cut it.
    axis: { labelLimit: 0, grid: false, ticks: false, domain: false },
  } as const;
  const yOffset = {
    field: "runtime",
    type: "nominal",
    sort: null,
    scale: { paddingOuter: 0.3 },
  } as const;
  return {
    // In two lines, since the picture is at least as wide as each is estimated to be.
    title: { text, subtitle: [`${subtitle};`, "less is better; vertical marks are the goals"] },
    data: { values: costPoints(rows) },
    width: 440,
    height: { step: 18 },
    layer: [
      {
        data: { values: [{ cost: 1 }] },
        mark: { type: "rule", color: COLORS.axis.light },
        encoding: { x },
      },
      {
        mark: { type: "rule", strokeWidth: 2 },
        encoding: { x, x2: { datum: 1 }, y, yOffset, color },
      },
      {
        transform: [{ filter: "isValid(datum.goal)" }],
        mark: { type: "tick", color: COLORS.text.light, thickness: 2, size: 15 },
        encoding: { x: { field: "goal", type: "quantitative" }, y, yOffset },
      },
      {
        mark: { type: "point", filled: true, size: 95, opacity: 1 },
        encoding: { x, y, yOffset, color, shape },
      },
      {
        transform: [{ calculate: "max(datum.cost, datum.goal || 0, 1)", as: "end" }],
        mark: { type: "text", align: "left", dx: 10, color: COLORS.text.light, fontSize: 11 },
        encoding: {
          x: { field: "end", type: "quantitative" },
          y,
          yOffset,
          text: { field: "cost", type: "quantitative", format: ".2f" },
        },
      },
    ],
  };
}
