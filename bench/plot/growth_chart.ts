/**
 * Growth with the number of sessions in one process.
 *
 * @module
 */

import type { Row } from "../row.ts";
import { BY_RUNTIME, type Chart } from "./style.ts";

/** Draws the rows with this unit by the number of sessions. */
export function growthChart(rows: readonly Row[], unit: string, title: string): Chart {
  const { color, shape } = BY_RUNTIME;
  const points = rows
    .filter((row) => row.sessions !== undefined && row.unit === unit)
    .map(({ sessions, session, runtime }) => ({ sessions, session, runtime }));
  return {
    title: { text: title, subtitle: `${unit}, by the number of sessions in one process` },
    data: { values: points },
    width: 440,
    height: 120,
    encoding: {
      x: {
        field: "sessions",
        type: "quantitative",
        title: null,
        scale: { domainMin: 0 },
        axis: { format: ",d", tickCount: 5, grid: false },
      },
      y: {
        field: "session",
        type: "quantitative",
        title: null,
        scale: { domainMin: 0, nice: true },
        axis: { tickCount: 4, domain: false, ticks: false },
      },
      color,
    },
    layer: [
      { mark: { type: "line", strokeWidth: 2 } },
      {
        mark: { type: "point", filled: true, size: 70, opacity: 1 },
        encoding: { shape },
      },
    ],
  };
}
