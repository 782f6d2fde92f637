/**
 * Draws the text of a terminal as an SVG picture.
 *
 * @module
 */

/** The size of a character, in pixels. */
const CHARACTER = { width: 8, height: 19 } as const;

/** The space around the text, and the height of the title bar, in pixels. */
const PADDING = 16;
const TITLE_HEIGHT = 30;

const BACKGROUND = "#16181d";
const TITLE_BACKGROUND = "#24272e";
const FOREGROUND = "#d6dae1";

/** Colors by their ANSI codes. */
const COLORS: Readonly<Record<string, string>> = {
  31: "#ff7b72",
  32: "#7ee787",
  33: "#e3b341",
  36: "#79c0ff",
};

/** A part of a line in one style. */
interface Span {
  readonly text: string;
  readonly color: string | undefined;
  readonly isBold: boolean;
  readonly isDim: boolean;
}

/**
 * Draws a terminal.
 *
 * @param text What it shows, with the ANSI escape sequences for colors.
 * @param columns Its width; longer lines are truncated.
 * @param title The description of the picture for readers who cannot see it.
 */
export function drawTerminal(text: string, columns: number, title: string): string {
  const lines = text.trimEnd().split("\n").map((line) => cut(spansOf(line), columns));
  const width = columns * CHARACTER.width + 2 * PADDING;
  const height = TITLE_HEIGHT + lines.length * CHARACTER.height + 2 * PADDING;
  const rows = lines.map((spans, row) => {
    const y = TITLE_HEIGHT + PADDING + (row + 0.75) * CHARACTER.height;
    return spans.length === 0 ? "" : drawLine(spans, y);
  });
  const buttons = ["#ff5f57", "#febc2e", "#28c840"].map((color, index) =>
    `<circle cx="${18 + index * 20}" cy="${TITLE_HEIGHT / 2}" r="6" fill="${color}"/>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escape(title)}</title>
<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>
<path d="M0 ${TITLE_HEIGHT}V8a8 8 0 0 1 8-8h${width - 16}a8 8 0 0 1 8 8v${
    TITLE_HEIGHT - 8
  }z" fill="${TITLE_BACKGROUND}"/>
${buttons.join("\n")}
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="13" fill="${FOREGROUND}">
${rows.filter((row) => row !== "").join("\n")}
</g>
</svg>
`;
}

function drawLine(spans: readonly Span[], y: number): string {
  let column = 0;
  const parts = spans.map(({ text, color, isBold, isDim }) => {
    const trimmed = text.trim();
    // Each span has its place and width, so that columns stay aligned in any font.
    const indent = text.length - text.trimStart().length;
    const x = PADDING + (column + indent) * CHARACTER.width;
    const width = [...trimmed].length * CHARACTER.width;
    column += [...text].length;
    if (trimmed === "") return "";
    const style = [
      color === undefined ? "" : ` fill="${color}"`,
      isBold ? ' font-weight="bold"' : "",
      isDim ? ' fill-opacity="0.6"' : "",
    ].join("");
    return `<tspan x="${x}" textLength="${width}"${style}>${escape(trimmed)}</tspan>`;
  });
  return `<text y="${y}">${parts.join("")}</text>`;
}

/** Splits a line at its escape sequences, and at gaps. */
function spansOf(line: string): Span[] {
  const spans: Span[] = [];
  let color: string | undefined;
  let isBold = false;
  let isDim = false;
  // deno-lint-ignore no-control-regex
  for (const part of line.split(/(\u001b\[[\d;]*[A-Za-z])/)) {
    if (!part.startsWith("\u001b")) {
      const pieces = part.split(/( {2,})/).filter((piece) => piece !== "");
      spans.push(...pieces.map((text) => ({ text, color, isBold, isDim })));
      continue;
    }
    for (const code of part.endsWith("m") ? part.slice(2, -1).split(";") : []) {
      if (code === "0" || code === "") [color, isBold, isDim] = [undefined, false, false];
      else if (code === "1") isBold = true;
      else if (code === "2") isDim = true;
      else if (code === "22") [isBold, isDim] = [false, false];
      else if (code === "39") color = undefined;
      else color = COLORS[code] ?? color;
    }
  }
  return spans;
}

function cut(spans: readonly Span[], columns: number): Span[] {
  let left = columns;
  return spans.flatMap((span) => {
    const characters = [...span.text];
    const text = characters.length > left && left > 0
      ? `${characters.slice(0, left - 1).join("")}…`
      : characters.slice(0, Math.max(0, left)).join("");
    left -= characters.length;
    return text === "" ? [] : [{ ...span, text }];
  }).filter((span, index, all) => index < all.length - 1 || span.text.trim() !== "");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
