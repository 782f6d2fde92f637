/**
 * Parses logs of amazon-ecs-agent in all their formats, as people paste them into issues: prefixed
 * by journald, Docker or grep, quoted, truncated, or mixed with other lines.
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

/** `{"level":"info","time":"…","msg":"…"}`: with ECS_LOG_OUTPUT_FORMAT=json. */
const JSON_LINE = /\{"level":.*\}/;

/** `2017-07-11T15:35:38Z [INFO] …`: in older versions. */
const SEELOG = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) \[(?:[A-Z]+)\] (.*)$/;

/** Maximum length of a line, in characters; longer ones are skipped. */
const MAX_LINE_LENGTH = 65_536;

/**
 * Parses a log.
 *
 * @param content The file's text.
 * @returns The agent's own lines, in order; other lines are skipped.
 */
export function parseAgentLog(content: string): LogLine[] {
  return content.split("\n").flatMap((text, index) => {
    if (text.length > MAX_LINE_LENGTH) return [];
    const found = parseLine(withoutWrapping(text.trimEnd()));
    return found === undefined || Number.isNaN(found.at) ? [] : [{ ...found, line: index + 1 }];
  });
}

/** A line of a Docker log file: `{"log":"level=info …\n","stream":"stdout",…}`. */
const DOCKER_LINE = /\{"log":".*\}$/;

/** Color codes, in a log that was copied from a terminal. */
// deno-lint-ignore no-control-regex
const COLOR = /\x1b\[[\d;]*m/g;

/** Strips what Docker, a terminal or a JSON string added to the agent's line. */
function withoutWrapping(line: string): string {
  const [json] = DOCKER_LINE.exec(line) ?? [];
  const wrapped = json === undefined ? undefined : parseJsonObject(json)?.["log"];
  const written = typeof wrapped === "string" ? wrapped.trimEnd() : line;
  return written.replace(COLOR, "");
}

function parseLine(line: string): Omit<LogLine, "line"> | undefined {
  const [, time, message, rest] = LOGFMT.exec(line) ?? [];
  if (time !== undefined) {
    return { at: Date.parse(time), text: unquoted(message), fields: fieldsIn(rest ?? "") };
  }
  const [json = ""] = JSON_LINE.exec(line) ?? [];
  const parsed = json === "" ? undefined : parseJsonObject(json);
  if (parsed !== undefined) {
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
    ([, name = "", quoted, bare]): [string, string] => [name, bare ?? unquoted(quoted)],
  );
  return new Map(found);
}

/** Go's quoting is close to that of JSON. */
function unquoted(text = ""): string {
  try {
    const value: unknown = JSON.parse(`"${text}"`);
    return String(value);
  } catch {
    // An escape that JSON does not have: readable enough without unescaping.
    return text;
  }
}
