/**
 * A timeline for people: time, direction, type, id, and what happened.
 *
 * @module
 */

import { oneLine } from "../internal/one_line.ts";
import { type Color, type Terminal, truncate, wrap } from "./terminal.ts";

/** One entry of a timeline. */
export interface TimelineEntry {
  /** When. */
  readonly time: Date;
  /**
   * `<` received, `>` sent, `x` not answered or failed, `!` a warning, a space for anything but a
   * message.
   */
  readonly direction: "<" | ">" | "x" | "!" | " ";
  /** A short name of the agent that it is about, if there are several agents. */
  readonly who?: string | undefined;
  /** The message's type, or what happened. */
  readonly what: string;
  /** The message's id, if it has one. */
  readonly id?: string | undefined;
  /** More, as text. */
  readonly note: string;
  /** Details, each on its own line below. */
  readonly details?: readonly string[] | undefined;
}

/** The longest type is AttachInstanceNetworkInterfacesMessage. */
const WHAT_WIDTH = 38;
const ID_WIDTH = 12;

/** From this width on, types have their full names, in columns. */
const WIDE = 100;

/** Below this width there are no columns, in columns. */
const NARROW = 60;

/** The maximum width of the column of types, in columns: the length of `IAMRoleCredentials`. */
const MAX_SHORT_WIDTH = 18;

/** How a timeline is laid out. */
export interface TimelineOptions {
  /** Where it is shown. */
  readonly terminal: Terminal;
  /** When it began: times are in seconds since then. By default the time of day is shown. */
  readonly start?: Date | undefined;
  /** The width of the column of names, for entries that have one. Default 0: there is no column. */
  readonly whoWidth?: number | undefined;
}

/** Formats entries in columns that widen to fit all entries so far. */
export class Timeline {
  readonly #options: TimelineOptions;
  #widest = 16;

  /**
   * Creates a layout with narrow columns.
   *
   * @param options The layout of entries.
   */
  constructor(options: TimelineOptions) {
    this.#options = options;
  }

  /**
   * Lays out one entry: one line for a pipe or a file, as many as needed for a terminal. Whatever
   * ids and texts contain, they stay within their lines.
   *
   * @returns The lines, without a line end after the last.
   */
  format(entry: TimelineEntry): string {
    const { columns } = this.#options.terminal;
    if (columns === Infinity) return this.#oneLine(entry);
    return columns < NARROW ? this.#narrow(entry) : this.#columns(entry, columns);
  }

  #oneLine(entry: TimelineEntry): string {
    const what = oneLine(entry.what).padEnd(WHAT_WIDTH);
    const id = oneLine(entry.id ?? "", ID_WIDTH).padEnd(ID_WIDTH);
    const note = [entry.note, ...(entry.details ?? [])].map((text) => oneLine(text))
      .reduce((before, text) => `${before}${/[.!?]$/.test(before) ? "" : "."} ${text}`);
    const { paint } = this.#options.terminal;
    const sign = paintSign(entry, paint, this.#sign(entry));
    return `${this.#time(entry, true)}  ${this.#who(entry)}${sign} ${what} ${id} ${note}`.trimEnd();
  }

  #columns(entry: TimelineEntry, columns: number): string {
    const isWide = columns >= WIDE;
    const what = isWide ? oneLine(entry.what) : shortType(oneLine(entry.what));
    const maxWidth = isWide ? WHAT_WIDTH : MAX_SHORT_WIDTH;
    // Columns shrink again when the terminal becomes narrower.
    this.#widest = Math.min(Math.max(this.#widest, what.length), maxWidth);
    const id = entry.id === undefined ? "" : oneLine(entry.id, isWide ? ID_WIDTH : 8);
    const idColumn = id === "" ? "" : `${id.padEnd(isWide ? ID_WIDTH : 8)} `;
    const time = this.#time(entry, isWide);
    const who = this.#who(entry);
    const head = `${what.padEnd(this.#widest)} ${idColumn}`;
    const indent = time.length + 2 + (this.#options.whoWidth ? this.#options.whoWidth + 2 : 0) + 2;
    return this.#lines(entry, { time, who, head, what, indent, columns });
  }

  #narrow(entry: TimelineEntry): string {
    const { columns } = this.#options.terminal;
    const id = entry.id === undefined ? "" : `${oneLine(entry.id, 4)} `;
    const time = this.#time(entry, false);
    const before = time.length + 1 + (this.#options.whoWidth ? this.#options.whoWidth + 2 : 0) + 2;
    const what = truncate(shortType(oneLine(entry.what)), columns - before - id.length);
    const head = `${what} ${id}`;
    return this.#lines(entry, { time, who: this.#who(entry), head, what, indent: 4, columns });
  }

  #lines(entry: TimelineEntry, layout: Layout): string {
    const { time, who, head, what, indent, columns } = layout;
    const { paint } = this.#options.terminal;
    const isNarrow = indent === 4;
    const gap = isNarrow ? " " : "  ";
    const whoWidth = this.#options.whoWidth ? this.#options.whoWidth + 2 : 0;
    const used = time.length + gap.length + whoWidth + 2 + head.length;
    const [first = "", ...others] = wrap(oneLine(entry.note), columns - used, columns - indent - 2);
    const sign = paintSign(entry, paint, this.#sign(entry));
    const painted = paintWhat(entry, paint, what) + head.slice(what.length);
    const top = `${paint("dim", time)}${gap}${who}${sign} ${painted}${first}`.trimEnd();
    const below = [
      ...others,
      ...(entry.details ?? []).flatMap((text) =>
        wrap(oneLine(text), columns - indent - 2, columns - indent - 4)
          .map((line, index) => index === 0 ? line : `  ${line}`)
      ),
    ];
    return [top, ...below.map((line) => `${" ".repeat(indent + 2)}${line}`)].join("\n");
  }

  #time({ time }: TimelineEntry, exact: boolean): string {
    const { start } = this.#options;
    if (start !== undefined) {
      return ((time.getTime() - start.getTime()) / 1000).toFixed(exact ? 3 : 2).padStart(8);
    }
    return exact ? `${timeOfDay(time)}.${pad(time.getMilliseconds(), 3)}` : timeOfDay(time);
  }

  #who({ who }: TimelineEntry): string {
    const { whoWidth = 0, terminal } = this.#options;
    if (whoWidth === 0) return "";
    const name = oneLine(who ?? "", whoWidth);
    return `${terminal.paint("cyan", name)}${" ".repeat(whoWidth - name.length + 2)}`;
  }

  #sign({ direction }: TimelineEntry): string {
    const { signs } = this.#options.terminal;
    switch (direction) {
      case "<":
        return signs.received;
      case ">":
        return signs.sent;
      case "x":
        return signs.failed;
      case "!":
        return signs.warning;
      case " ":
        return " ";
    }
  }
}

/** The parts of an entry on a terminal. */
interface Layout {
  readonly time: string;
  readonly who: string;
  /** Its kind and its id, padded. */
  readonly head: string;
  readonly what: string;
  /** Where wrapped text begins, minus two, in columns. */
  readonly indent: number;
  readonly columns: number;
}

type Paint = (color: Color, text: string) => string;

function paintSign({ direction }: TimelineEntry, paint: Paint, sign: string): string {
  if (direction === "x") return paint("red", sign);
  return direction === "!" ? paint("yellow", sign) : paint("cyan", sign);
}

function paintWhat({ direction, what }: TimelineEntry, paint: Paint, text: string): string {
  if (direction === "x") return paint("red", text);
  if (direction === "!") return paint("yellow", text);
  return what === "connected" ? paint("green", text) : text;
}

/** A message's type without its redundant suffix. */
export function shortType(type: string): string {
  return type.replace(/(?<=.)(?:Message|Request)$/, "");
}

/** The local time of day, such as `22:41:07`. */
export function timeOfDay(time: Date): string {
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((each) => pad(each, 2))
    .join(":");
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
