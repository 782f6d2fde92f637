/**
 * Timelines as a pipe and as terminals of several widths show them, without colors.
 *
 * @module
 */

import { type Terminal, terminalOf } from "../../../cli/terminal.ts";
import { Timeline } from "../../../cli/timeline.ts";

/** A terminal that shows UTF-8 and no colors. */
export function terminal(columns: number): Terminal {
  const environment: Readonly<Record<string, string>> = { TERM: "xterm", LANG: "C.UTF-8" };
  const stream = { isTTY: true, columns, write: () => {} };
  const { paint: _, ...rest } = terminalOf(stream, "auto", (name) => environment[name]);
  return { ...rest, paint: (_color, text) => text };
}

/** A pipe. */
export const PIPE: Terminal = terminalOf({ write: () => {} });

/** One timeline for each. */
export const PIPE_AND_TERMINAL: readonly Timeline[] = [
  PIPE,
  terminal(50),
  terminal(80),
  terminal(120),
]
  .map((each) => new Timeline({ terminal: each }));
