/**
 * Terminal output: lines on stdout and stderr, and below them a live status that is redrawn as it
 * changes.
 *
 * @module
 */

import process from "node:process";
import { printableLines } from "../internal/one_line.ts";
import {
  type ColorChoice,
  type OutputStream,
  type Terminal,
  terminalOf,
  truncate,
  wrap,
} from "./terminal.ts";

/** Minimum interval between updates of the status, in ms. */
const REDRAW_MS = 250;

/** Prefix of lines that the started agent printed. */
const AGENT_PREFIX = "agent | ";
const AGENT_CONTINUATION = "      | ";

const ERASE_LINE = "\r\u001b[K";
const UP = "\u001b[1A";

/** The outputs of a screen. */
export interface ScreenOptions {
  /** Where lines go. Default: this process's stdout. */
  readonly stdout?: OutputStream;
  /** Where notes and the status go. Default: this process's stderr. */
  readonly stderr?: OutputStream;
  /** When to use colors. Default `auto`. */
  readonly color?: ColorChoice;
  /** Whether a status is shown, if possible. Default `true`. */
  readonly status?: boolean;
}

/** The output of one command. */
export class Screen {
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;
  /** The capabilities of stdout. */
  readonly out: Terminal;
  /** The capabilities of stderr. */
  readonly err: Terminal;
  /** Whether the status is shown. */
  readonly hasStatus: boolean;
  #render: (() => readonly string[]) | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #drawn: readonly string[] = [];

  /** @param options The outputs. */
  constructor(options: ScreenOptions = {}) {
    const { stdout = process.stdout, stderr = process.stderr, color, status = true } = options;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.out = terminalOf(stdout, color);
    this.err = terminalOf(stderr, color);
    this.hasStatus = status && this.err.canRedraw;
  }

  /** Writes text to stdout that may contain our own colors. */
  print(text: string): void {
    this.#erase();
    this.#stdout.write(`${text}\n`);
  }

  /** Writes text to stderr that may contain text from other sources. */
  note(text: string): void {
    this.#erase();
    this.#stderr.write(`${printableLines(text)}\n`);
  }

  /** Writes another program's bytes to stderr. */
  pass(text: string): void {
    this.#erase();
    this.#stderr.write(text);
  }

  /**
   * Writes a line of the started agent to stderr. On a terminal, long lines are wrapped at spaces,
   * unless they contain color codes.
   */
  agentLine(line: string): void {
    const room = this.err.columns - AGENT_PREFIX.length;
    const isKept = line.length <= room || line.includes("\u001b");
    const text = line.trimStart();
    const indent = line.slice(0, line.length - text.length).slice(0, isKept ? undefined : room / 2);
    const width = room - indent.length;
    const [first = "", ...others] = isKept ? [text] : wrap(text, width, width);
    const below = others.map((other) => `${AGENT_CONTINUATION}${indent}${other}\n`);
    this.pass(`${AGENT_PREFIX}${indent}${first}\n${below.join("")}`);
  }

  /**
   * Shows a status below the last line until {@linkcode Screen.close}, if stderr is a terminal.
   *
   * @param render Gives its lines; called at most four times a second.
   */
  showStatus(render: () => readonly string[]): void {
    if (!this.hasStatus) return;
    this.#render = render;
    this.#draw();
    this.#timer ??= setInterval(() => this.#draw(), REDRAW_MS);
  }

  /** Erases the status permanently. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#render = undefined;
    this.#erase();
  }

  #draw(): void {
    if (this.#render === undefined) return;
    const { columns } = this.err;
    // A line as wide as the terminal would leave the cursor on the next one.
    const lines = this.#render().map((line) => truncate(line, columns - 1));
    if (lines.join("\n") === this.#drawn.join("\n")) return;
    this.#erase();
    const [first = "", ...others] = lines;
    const text = [this.#paint(first), ...others.map((line) => this.err.paint("dim", line))];
    this.#stderr.write(text.join("\n"));
    this.#drawn = lines;
  }

  #paint(line: string): string {
    const { signs, paint } = this.err;
    if (line.startsWith(signs.connected)) return paint("green", line);
    return line.startsWith(signs.failed) ? paint("red", line) : paint("cyan", line);
  }

  #erase(): void {
    if (this.#drawn.length === 0) return;
    const above = `${UP}${ERASE_LINE}`.repeat(this.#drawn.length - 1);
    this.#stderr.write(`${ERASE_LINE}${above}`);
    this.#drawn = [];
  }
}
