/**
 * Wraps text to the terminal's width.
 *
 * @module
 */

import process from "node:process";

/** The width without a terminal, and the minimum and maximum width, in columns. */
const DEFAULT_WIDTH = 80;
const MIN_WIDTH = 40;
const MAX_WIDTH = 100;

/** The width of a line of text, in columns. */
export function textWidth(): number {
  return Math.max(MIN_WIDTH, Math.min(process.stdout.columns || DEFAULT_WIDTH, MAX_WIDTH));
}

/**
 * Breaks a text into lines at spaces. A word that is longer than a line stays whole.
 *
 * @param text The text.
 * @param width The width of a line, in columns.
 * @param label What precedes the first line; the others are indented by as much.
 */
export function wrapText(text: string, width: number, label = ""): string[] {
  const indent = " ".repeat(label.length);
  const lines: string[] = [];
  let line = label;
  let isEmpty = true;
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
