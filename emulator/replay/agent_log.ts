/**
 * Parses logs of amazon-ecs-agent in all their formats, as people paste them into issues: prefixed
 * by journald, Docker or grep, within JSON or CSV, wrapped, truncated, or mixed with other lines.
 *
 * @module
 */

import { parseJsonObject } from "../../internal/json.ts";

/** One line of the log. */
export interface LogLine {
  /** The line number in the file, from 1. */
  readonly line: number;
  /** When it was written, in ms since the epoch. */
  readonly at: number;
  /** The message. */
  readonly text: string;
  /** Its fields, such as `taskARN`. */
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * `level=info time=2025-09-13T05:58:03Z msg="…" key="…"`: the default of newer versions. The time
 * zone may be missing in an edited log.
 */
const LOGFMT = /\blevel=(?:\w+) time=(\S+) msg="((?:[^"\\]|\\.)*)"?(.*)$/;

/**
 * `{"level":"info","time":"…","msg":"…"}`: with ECS_LOG_OUTPUT_FORMAT=json. Tools that collect logs
 * change the order.
 */
const JSON_LINE = /\{".*\}/;

/** `2017-07-11T15:35:38Z [INFO] …`: in older versions. */
const SEELOG = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) \[(?:[A-Z]+)\] (.*)$/;

/** Maximum length of a line, in characters; longer ones are skipped. */
const MAX_LINE_LENGTH = 65_536;

/** Maximum length of an entry that is joined from several lines, in characters. */
const MAX_JOINED_LENGTH = 8_192;

/** The start of an entry, unless it is JSON. */
const START = /\blevel=\w+ time=\S+ msg="|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z \[[A-Z]+\] /;

function isStart(text: string): boolean {
  return START.test(text) || text.includes('"msg":') && JSON_LINE.test(text);
}

/** The second line of an error of the AWS SDK, after a prefix. */
const CAUSE = /\b(?:caused by|status code): .*$/;

/**
 * Parses a log.
 *
 * @param content The file's text.
 * @returns The agent's own entries, from the oldest to the newest; other lines are skipped.
 */
export function parseAgentLog(content: string): LogLine[] {
  const found = entriesIn(content).flatMap(({ text, line }) => {
    if (text.length > MAX_LINE_LENGTH) return [];
    const parsed = parseLine(text);
    return parsed === undefined || Number.isNaN(parsed.at) ? [] : [{ ...parsed, line }];
  });
  // Some consoles show the newest entry first, and `cat ecs-agent.log*` prints the newest file
  // first. Times have a resolution of 1 s, so the order within a second has to be kept.
  return inOrder(found);
}

/** The text of an entry. */
interface LogEntry {
  readonly text: string;
  /** The number of its first line, from 1. */
  readonly line: number;
}

/** Finds the entries, and joins those that extend over several lines. */
function entriesIn(content: string): LogEntry[] {
  const lines = content.split("\n").map((line) => line.replace(/\r$/, ""));
  const longest = lines.reduce((most, { length }) => Math.max(most, length), 0);
  const entries: LogEntry[] = [];
  let isWrapped = false;
  for (const [index, line] of lines.entries()) {
    const texts = withoutWrapping(line);
    const [only = ""] = texts;
    const last = texts.some((text) => isStart(text)) ? undefined : entries.at(-1);
    const more = last === undefined ? undefined : continuation(last.text, only, isWrapped);
    if (last !== undefined && more !== undefined) {
      entries[entries.length - 1] = { ...last, text: last.text + more };
    } else {
      entries.push(...texts.map((text) => ({ text, line: index + 1 })));
    }
    // A terminal or an editor breaks lines at the same width.
    isWrapped = line.length === longest;
  }
  return entries;
}

/** What a line adds to the entry before it; `undefined` if it does not belong to that entry. */
function continuation(before: string, line: string, isWrapped: boolean): string | undefined {
  if (!isStart(before) || before.length + line.length > MAX_JOINED_LENGTH) return undefined;
  const [cause] = CAUSE.exec(line) ?? [];
  if (cause !== undefined) return ` ${cause}`;
  const hasOpenQuote = (before.match(/(?<!\\)"/g) ?? []).length % 2 === 1;
  return line !== "" && (isWrapped || hasOpenQuote) ? line : undefined;
}

function inOrder(lines: readonly LogLine[]): LogLine[] {
  const [first, last] = [lines.at(0), lines.at(-1)];
  const steps = lines.map(({ at }, index) => Math.sign(at - (lines[index - 1]?.at ?? at)));
  const isReversed = first !== undefined && last !== undefined && last.at < first.at &&
    !steps.includes(1);
  const ordered = isReversed ? lines.toReversed() : lines;
  return ordered.toSorted((one, other) => one.at - other.at);
}

/** Color codes, in a log that was copied from a terminal. */
// deno-lint-ignore no-control-regex
const COLOR = /\x1b\[[\d;]*m/g;

/** A string in JSON; without its end if it has none, so that a line is searched only once. */
const JSON_STRING = /"(?:[^"\\]|\\.)*(?:"|$)/g;

/**
 * Strips what Docker, journald, CloudWatch or a terminal added to the agent's entries. A line of
 * JSON may contain several.
 */
function withoutWrapping(line: string): string[] {
  if (line.length > MAX_LINE_LENGTH) return [line];
  const strings = (line.match(JSON_STRING) ?? []).map(unquoted).filter((text) => isStart(text));
  // CSV doubles the quotes.
  const plain = /\bmsg=""\S/.test(line) ? line.replaceAll('""', '"') : line;
  return (strings.length > 0 ? strings : [plain]).map((text) => text.replace(COLOR, "").trimEnd());
}

function parseLine(line: string): Omit<LogLine, "line"> | undefined {
  const [, time, message, rest] = LOGFMT.exec(line) ?? [];
  if (time !== undefined) {
    return { at: Date.parse(time), text: unescaped(message), fields: fieldsIn(rest ?? "") };
  }
  const [json = ""] = JSON_LINE.exec(line) ?? [];
  const parsed = json === "" ? undefined : parseJsonObject(json);
  if (parsed?.msg !== undefined) {
    const { time: at, msg, ...fields } = parsed;
    const texts = Object.entries(fields).map((
      [name, value],
    ): [string, string] => [name, typeof value === "string" ? value : JSON.stringify(value)]);
    return { at: Date.parse(String(at)), text: String(msg), fields: new Map(texts) };
  }
  const [, written, text = ""] = SEELOG.exec(line) ?? [];
  if (written === undefined) return undefined;
  return { at: Date.parse(written), text, fields: fieldsIn(text) };
}

/** `key="value"` and `key=value`. */
const FIELD = /([A-Za-z][\w.]*)=(?:"((?:[^"\\]|\\.)*)"|(\S+))/g;

function fieldsIn(text: string): ReadonlyMap<string, string> {
  const found = Array.from(
    text.matchAll(FIELD),
    ([, name = "", quoted, bare]): [string, string] => [name, bare ?? unescaped(quoted)],
  );
  return new Map(found);
}

/** Go's quoting is close to that of JSON. */
function unescaped(text = ""): string {
  return unquoted(`"${text}"`);
}

/** The value of a string in JSON; the text between the quotes if it is not valid JSON. */
function unquoted(literal: string): string {
  try {
    const value: unknown = JSON.parse(literal);
    return String(value);
  } catch {
    // An escape that JSON does not have: readable enough without unescaping.
    return literal.slice(1, -1);
  }
}
