/**
 * The common style of all charts: colors, axes, and a runtime's appearance.
 *
 * @module
 */

import type { TopLevelSpec } from "vega-lite";

/** One chart of the picture. */
export type Chart = Extract<TopLevelSpec, { vconcat: unknown }>["vconcat"][number];

/** Colors from Okabe and Ito's palette, distinguishable with color blindness. */
const RUNTIME_COLORS = {
  Deno: { light: "#0072b2", dark: "#56b4e9" },
  Node: { light: "#d55e00", dark: "#e69f00" },
};

/** Colors by use; the dark ones apply where the reader prefers a dark scheme. */
export const COLORS: {
  readonly [use in "background" | "text" | "quiet" | "grid" | "axis" | keyof typeof RUNTIME_COLORS]:
    { readonly light: string; readonly dark: string };
} = {
  background: { light: "#ffffff", dark: "#0d1117" },
  text: { light: "#1f2328", dark: "#e6edf3" },
  quiet: { light: "#59636e", dark: "#9198a1" },
  grid: { light: "#e4e8ec", dark: "#262c34" },
  axis: { light: "#818b98", dark: "#656c76" },
  ...RUNTIME_COLORS,
};

/** A runtime's color and shape: either one identifies it. */
export const BY_RUNTIME = {
  color: {
    field: "runtime",
    type: "nominal",
    scale: {
      domain: Object.keys(RUNTIME_COLORS),
      range: Object.values(RUNTIME_COLORS).map(({ light }) => light),
    },
    legend: { title: null, orient: "top", symbolSize: 110 },
  },
  shape: {
    field: "runtime",
    type: "nominal",
    scale: { domain: Object.keys(RUNTIME_COLORS), range: ["circle", "diamond"] },
    legend: { title: null, orient: "top", symbolSize: 110 },
  },
} as const;

/** The default style. */
export const CONFIG: NonNullable<TopLevelSpec["config"]> = {
  font: "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif",
  view: { stroke: null },
  title: {
    anchor: "start",
    frame: "group",
    fontSize: 14,
    color: COLORS.text.light,
    subtitleColor: COLORS.quiet.light,
    subtitleFontSize: 11.5,
    subtitlePadding: 4,
    offset: 12,
  },
  axis: {
    labelColor: COLORS.text.light,
    labelFontSize: 11.5,
    labelPadding: 6,
    gridColor: COLORS.grid.light,
    domainColor: COLORS.axis.light,
    tickColor: COLORS.axis.light,
  },
  legend: { labelColor: COLORS.text.light, labelFontSize: 12 },
};

/** The dark colors as a style sheet, which overrides the attributes of the drawing. */
export function darkStyle(): string {
  const rules = Object.values(COLORS).flatMap(({ light, dark }) =>
    ["fill", "stroke"].map((name) => `[${name}="${light}"]{${name}:${dark}}`)
  );
  return `@media (prefers-color-scheme: dark){${rules.join("")}}`;
}
