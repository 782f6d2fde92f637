/**
 * The text output of `acs doctor`.
 *
 * @module
 */

import { printableLines } from "../../internal/one_line.ts";
import { FAILURES } from "../../failures/catalogue.ts";
import { fillIn } from "../../failures/failure_help.ts";
import type { Terminal } from "../terminal.ts";
import { wrapText } from "../wrap_text.ts";
import type { CheckResult, CheckStatus } from "./check.ts";
import type { DoctorConfiguration } from "./configuration.ts";
import type { Target } from "./target.ts";
import { formatDuration } from "../duration.ts";

/** The style of the report. */
export interface ReportStyle extends Pick<Terminal, "paint"> {
  /** The width of a line, in columns. */
  readonly columns: number;
  /** The symbol before a check, by its status. */
  readonly signs: Readonly<Record<CheckStatus, string>>;
  /** Whether to show the causes of errors and what else to check. Default `false`. */
  readonly isVerbose?: boolean;
}

/** The width of a line without a terminal, and the maximum width, in columns. */
const DEFAULT_COLUMNS = 80;
const MAX_COLUMNS = 100;

/** The symbols without a terminal, or for one that only shows ASCII. */
const WORDS = { passed: "ok", failed: "FAIL", warning: "warn", skipped: "-" } as const;

/**
 * Returns the style of the report for a terminal.
 *
 * @param terminal The terminal.
 * @param isVerbose Whether to show the causes of errors and what else to check.
 */
export function reportStyle(
  { columns, signs, paint }: Terminal,
  isVerbose: boolean = false,
): ReportStyle {
  const { ok, failed, warning, skipped } = signs;
  return {
    columns: columns === Infinity ? DEFAULT_COLUMNS : Math.min(columns, MAX_COLUMNS),
    // The ASCII symbols of the other commands look too similar here.
    signs: ok === "ok" ? WORDS : { passed: ok, failed, warning, skipped },
    paint,
    isVerbose,
  };
}

const COLORS = { passed: "green", failed: "red", warning: "yellow", skipped: "dim" } as const;

/** The width of the names of checks and settings, in columns. */
const NAME_WIDTH = 19;

/** The time is only shown for checks that took longer, in ms. */
const NOTEWORTHY_MS = 5;

/** The first line, and the configuration. */
export function formatConfiguration(
  title: string,
  { region, cluster, containerInstanceArn, ecsUrl }: DoctorConfiguration,
  { proxy }: Target,
  style: ReportStyle,
): string {
  const arn = containerInstanceArn.value;
  const rows = [
    ["region", region.value, region.source],
    ["cluster", cluster.value, cluster.source],
    ["container instance", style.isVerbose ? arn : shortArn(arn), containerInstanceArn.source],
    ["ECS", new URL(ecsUrl.value).origin, ecsUrl.source],
    ["proxy", proxy?.host ?? "none", proxy?.variable ?? ""],
  ] as const;
  const lines = rows.map(([name, value, source]) => {
    const start = `  ${name.padEnd(NAME_WIDTH)} ${value}`;
    if (source === "") return start;
    const room = style.columns - start.length - 1;
    const from = `(${source})`;
    return from.length <= room
      ? `${start} ${style.paint("dim", from)}`
      : `${start}\n${" ".repeat(NAME_WIDTH + 3)}${style.paint("dim", from)}`;
  });
  return printable([style.paint("bold", title), ...lines, ""].join("\n"));
}

/** Such as `prod/0123456789abcdef`. */
function shortArn(arn: string): string {
  return arn.split(":container-instance/")[1] ?? arn;
}

/** Formats results as they arrive; checks that are skipped for the same reason share a line. */
export class CheckLines {
  readonly #style: ReportStyle;
  readonly #print: (text: string) => void;
  #skipped: CheckResult[] = [];

  /**
   * @param style The style of the lines.
   * @param print Prints them.
   */
  constructor(style: ReportStyle, print: (text: string) => void) {
    this.#style = style;
    this.#print = print;
  }

  /** Adds a result. */
  add(result: CheckResult): void {
    if (result.status === "skipped") {
      if (this.#skipped[0] !== undefined && this.#skipped[0].detail !== result.detail) this.flush();
      this.#skipped.push(result);
      return;
    }
    this.flush();
    this.#print(this.#line(result));
  }

  /** Prints the held-back results. */
  flush(): void {
    const [first, ...others] = this.#skipped;
    this.#skipped = [];
    if (first === undefined) return;
    if (others.length === 0) return this.#print(this.#line(first));
    const names = [first, ...others].map(({ name }) => name).join(", ");
    this.#print(this.#line({ ...first, name: "skipped", detail: `${names}: ${first.detail}` }));
  }

  #line({ name, status, detail, code, ms }: CheckResult): string {
    const { columns, signs, paint } = this.#style;
    const label = `  ${signs[status].padEnd(signWidth(signs))} ${name.padEnd(NAME_WIDTH)} `;
    const end = code ?? (ms >= NOTEWORTHY_MS && status !== "skipped" ? formatDuration(ms) : "");
    const lines = wrapText(detail, columns - end.length - 1, " ".repeat(label.length));
    const [first = "", ...others] = lines;
    const text = `${label}${first.slice(label.length)}`;
    const padded = end === "" ? text : `${text.padEnd(columns - end.length - 1)} ${end}`;
    const all = printable([padded, ...others].join("\n"));
    const sign = signs[status];
    return status === "skipped"
      ? paint("dim", all)
      : all.replace(sign, paint(COLORS[status], sign));
  }
}

function signWidth(signs: ReportStyle["signs"]): number {
  return Math.max(...Object.values(signs).map((sign) => sign.length));
}

/** The failures with their remedies, and the verdict. */
export function formatVerdict(results: readonly CheckResult[], style: ReportStyle): string {
  const counted = countStatuses(results);
  const counts = (["passed", "failed", "warning", "skipped"] as const)
    .filter((status) => counted[status] > 0)
    .map((status) =>
      `${counted[status]} ${status === "warning" && counted[status] > 1 ? "warnings" : status}`
    )
    .join(", ");
  const failedCodes = new Set(
    results.filter(({ status }) => status === "failed").map(({ code }) => code),
  );
  const isFirst = ({ code }: CheckResult, index: number, all: readonly CheckResult[]) =>
    code === undefined || all.findIndex((each) => each.code === code) === index;
  const remedies = results
    .filter(({ status, code }) =>
      status === "failed" || (status === "warning" && (!code || !failedCodes.has(code)))
    )
    .filter(isFirst)
    .sort((one, other) => one.status.localeCompare(other.status))
    .map((result) => formatRemedy(result, style));
  const first = results.find(({ status }) => status === "failed");
  const verdict = first === undefined
    ? "An agent with these settings should connect."
    : `Fix "${first.name}" first.`;
  return printable(
    [...remedies, "", ...wrapText(`${counts}. ${verdict}`, style.columns)].join("\n"),
  );
}

function formatRemedy(
  { name, status, cause, detail, fix, code, error }: CheckResult,
  { columns, signs, paint, isVerbose }: ReportStyle,
): string {
  const title = code === undefined ? name : `${code} ${FAILURES[code].title}`;
  const lines = [
    "",
    `${paint(COLORS[status], signs[status])} ${paint("bold", title)}`,
    ...wrapText(cause ?? detail, columns, "    "),
    ...(fix === undefined ? [] : wrapText(fix, columns, "    What to do: ")),
  ];
  if (isVerbose && code !== undefined) {
    const others = FAILURES[code].more.map((text) => fillIn(text));
    lines.push(...others.flatMap((text) => wrapText(text, columns, "    Or:         ")));
  }
  if (isVerbose && error !== undefined) lines.push(...wrapText(error, columns, "    Error:      "));
  if (status === "failed" && code !== undefined) {
    lines.push(paint("dim", `    More:       npx @acs/session explain ${code}`));
  }
  return lines.join("\n");
}

/** How many checks have each status. */
export function countStatuses(
  results: readonly CheckResult[],
): Readonly<Record<CheckStatus, number>> {
  const count = (status: CheckStatus) => results.filter((each) => each.status === status).length;
  return {
    passed: count("passed"),
    failed: count("failed"),
    warning: count("warning"),
    skipped: count("skipped"),
  };
}

/** Our own text may have colors; they are added after everything else has been made printable. */
function printable(text: string): string {
  const escapes: string[] = [];
  const marked = text.replace(COLOR_ESCAPE, (escape) => {
    escapes.push(escape);
    return MARK;
  });
  return printableLines(marked).replaceAll(MARK, () => escapes.shift() ?? "");
}

// deno-lint-ignore no-control-regex
const COLOR_ESCAPE = /\u001b\[\d+m/g;
const MARK = "\u2402";
