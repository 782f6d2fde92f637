/**
 * The output of `acs doctor --format json`.
 *
 * @module
 */

import { printableJson } from "../../internal/printable_json.ts";
import type { CheckResult } from "./check.ts";
import type { DoctorConfiguration } from "./configuration.ts";
import type { Target } from "./target.ts";
import { countStatuses } from "./text_report.ts";

/** The parts of the report besides the results. */
export interface JsonReportOptions {
  /** This package's version. */
  readonly version: string;
  /** Such as `Deno 2.9.6`. */
  readonly runtime: string;
  /** When the checks began. */
  readonly time: Date;
  /** The configuration. */
  readonly configuration: DoctorConfiguration;
  /** ECS. */
  readonly ecs: Target;
}

/** The report as one JSON object on one line. */
export function formatJsonReport(
  results: readonly CheckResult[],
  { version, runtime, time, configuration, ecs }: JsonReportOptions,
): string {
  const { region, cluster, containerInstanceArn, ecsUrl } = configuration;
  const { proxy } = ecs;
  const { passed, failed, warning, skipped } = countStatuses(results);
  return printableJson({
    version,
    runtime,
    time: time.toISOString(),
    configuration: {
      region,
      cluster,
      containerInstanceArn,
      ecsUrl,
      proxy: proxy === undefined ? null : { value: proxy.host, source: proxy.variable },
    },
    checks: results,
    passed,
    failed,
    warnings: warning,
    skipped,
  });
}
