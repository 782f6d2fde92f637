/**
 * The capabilities of an output stream: its width, colors, redrawn lines, symbols beyond ASCII.
 *
 * @module
 */

import process from "node:process";
import { Option } from "commander";
import { readVariables } from "../internal/environment.ts";

/** When colors are used: `auto` means on a terminal that can show them. */
export type ColorChoice = "auto" | "always" | "never";

/** The part of an output stream that is used here. */
export interface OutputStream {
  /** Whether it is a terminal. */
  readonly isTTY?: boolean | undefined;
  /** A terminal's width, in columns. */
  readonly columns?: number | undefined;
  /** Writes text. */
  write(text: string): unknown;
}

/** The symbols in front of lines. */
export interface Signs {
  /** A message was received. */
  readonly received: string;
  /** A message was sent. */
  readonly sent: string;
  /** Something failed, or was not answered. */
  readonly failed: string;
  /** A check passed. */
  readonly ok: string;
  /** A check was not made. */
  readonly skipped: string;
  /** Something needs attention. */
  readonly warning: string;
  /** There is a connection. */
  readonly connected: string;
  /** The next attempt is not due yet. */
  readonly waiting: string;
  /** It is about to end. */
  readonly stopping: string;
  /** Separates the parts of the status. */
  readonly separator: string;
  /** The frames of a sign that turns while something is awaited. */
  readonly spinner: readonly string[];
}

const ASCII_SIGNS: Signs = {
  received: "<",
  sent: ">",
  failed: "x",
  ok: "ok",
  skipped: "-",
  warning: "!",
  connected: "*",
  waiting: "o",
  stopping: "o",
  separator: "|",
  spinner: ["-", "\\", "|", "/"],
};

const UNICODE_SIGNS: Signs = {
  received: "◀",
  sent: "▶",
  failed: "✗",
  ok: "✓",
  skipped: "–",
  warning: "!",
  connected: "●",
  waiting: "○",
  stopping: "◌",
  separator: "·",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
};

/** The colors in use, by their ANSI codes. */
const COLORS = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2, bold: 1 } as const;

/** The name of a color. */
export type Color = keyof typeof COLORS;

/** The capabilities of an output stream. */
export interface Terminal {
  /** Whether the output is interactive, and not a pipe or a file. */
  readonly isTerminal: boolean;
  /** The width, in columns; `Infinity` for a pipe or a file, whose lines are not wrapped. */
  readonly columns: number;
  /** Whether a line can be erased and redrawn. */
  readonly canRedraw: boolean;
  /** The symbols that it can show. */
  readonly signs: Signs;
  /** Colors a text, if the terminal shows colors. */
  paint(color: Color, text: string): string;
}

/** The assumed width of a terminal that does not report it, in columns. */
const DEFAULT_COLUMNS = 80;

/** Narrower terminals cannot be laid out, in columns. */
const MIN_COLUMNS = 20;

/**
 * Determines the capabilities of a stream.
 *
 * @param stream The stream.
 * @param color When to use colors. Default `auto`.
 * @param variable Reads a variable of the environment.
 */
export function terminalOf(
  stream: OutputStream,
  color: ColorChoice = "auto",
  variable: (name: string) => string | undefined = readVariable,
): Terminal {
  const isTerminal = stream.isTTY === true;
  const isSmart = isTerminal && variable("TERM") !== "dumb";
  const isPlain = isSmart && Boolean(variable("NO_COLOR"));
  const hasColors = color === "always" ||
    (color === "auto" && (forcedColor(variable) ?? (isSmart && !isPlain)));
  const hasUnicode = isSmart && !isPlain && color !== "never" && isUtf8(variable);
  return {
    isTerminal,
    get columns() {
      if (!isTerminal) return Infinity;
      return Math.max(MIN_COLUMNS, stream.columns || DEFAULT_COLUMNS);
    },
    canRedraw: isSmart,
    signs: hasUnicode ? UNICODE_SIGNS : ASCII_SIGNS,
    paint: (name, text) => {
      if (!hasColors || text === "") return text;
      return `\u001b[${COLORS[name]}m${text}\u001b[${name === "dim" || name === "bold" ? 22 : 39}m`;
    },
  };
}

/**
 * The setting of FORCE_COLOR, as used by CI systems whose logs show colors; `undefined` if it is
 * not set.
 */
function forcedColor(variable: (name: string) => string | undefined): boolean | undefined {
  const force = variable("FORCE_COLOR");
  return force ? !/^(?:0|false)$/.test(force) : undefined;
}

function isUtf8(variable: (name: string) => string | undefined): boolean {
  if (process.platform === "win32" || process.platform === "darwin") return true;
  const locale = variable("LC_ALL") || variable("LC_CTYPE") || variable("LANG") || "";
  return /utf-?8/i.test(locale);
}

/**
 * Reads a variable of the environment. On Deno, a variable that the process has no permission to
 * read counts as unset: there is no prompt in the middle of an output.
 */
export function readVariable(name: string): string | undefined {
  return readVariables([name])[name];
}

/** The flag `--color`. */
export function colorOption(): Option {
  return new Option("--color <when>", "use colors (env: NO_COLOR, FORCE_COLOR)")
    .choices(["auto", "always", "never"])
    .default("auto");
}

/** The flag `--no-color`, which is common in other programs. */
export function noColorOption(): Option {
  return new Option("--no-color", "the same as --color never").preset("never");
}

/**
 * Breaks a text into lines at its spaces.
 *
 * @param text One line of text.
 * @param first The width of the first line, in columns.
 * @param others The width of the other lines, in columns.
 */
export function wrap(text: string, first: number, others: number): string[] {
  const lines: string[] = [];
  let line = "";
  let room = first;
  const finish = () => {
    lines.push(line);
    line = "";
    room = others;
  };
  for (const word of text.split(" ")) {
    let rest = word;
    const blank = line === "" ? "" : " ";
    if (line.length + blank.length + rest.length <= room) {
      line += blank + rest;
      continue;
    }
    // A first line with little room stays empty rather than cutting a word that fits below.
    if (line !== "" || (lines.length === 0 && rest.length <= others)) finish();
    while (rest.length > room) {
      line = rest.slice(0, room);
      rest = rest.slice(room);
      finish();
    }
    line = rest;
  }
  if (line !== "" || lines.length === 0) lines.push(line);
  return lines;
}

/** Truncates text to fit, with a mark where it was truncated. */
export function truncate(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}
