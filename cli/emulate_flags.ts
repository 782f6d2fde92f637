/**
 * The flags of `acs emulate`.
 *
 * @module
 */

import { MAX_TIMER_MS } from "../internal/number_option.ts";
import { isClusterArn, isContainerInstanceArn } from "../protocol/arn.ts";
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseText, parseWholeNumber } from "./flags.ts";

/** For a token that is not to be seen among the machine's processes. */
export const CONTROL_TOKEN_VARIABLE = "ACS_CONTROL_TOKEN";

/** The port unless another one is given; 4510 to 4559 are LocalStack's. */
export const DEFAULT_PORT = 4570;

/** The region unless something else is said. */
export const DEFAULT_REGION = "us-west-2";

/** The flags as they were given. */
export interface EmulateFlags {
  readonly port: number;
  readonly hostname: string;
  readonly publicUrl?: string;
  readonly region?: string;
  readonly cluster?: string;
  readonly containerInstance?: readonly string[];
  readonly heartbeat?: number | readonly [number, number];
  readonly exceptionForm?: "framed" | "bare";
  readonly credentials: "example" | "env";
  readonly controlToken?: string;
  readonly seed?: number;
  readonly state?: string;
  readonly traffic?: number;
  readonly scenario?: string;
  readonly timeout?: number;
  readonly verbose?: boolean;
  readonly format: "text" | "json";
}

/** Adds the flags to a command. */
export function addEmulateFlags(command: Command): Command {
  return command
    .addOption(
      new Option("--port <port>", "port, 0 for a free one").default(0)
        .argParser(parseWholeNumber(0, 65_535)),
    )
    .addOption(
      new Option("--hostname <address>", "address to listen on").default("127.0.0.1")
        .argParser(parseText),
    )
    .addOption(
      // Checked later, by what does not quote it.
      new Option(
        "--public-url <url>",
        "URL that agents reach it under, for a proxy in front of it that terminates TLS",
      ).argParser(parseText),
    )
    .addOption(
      new Option(
        "--region <region>",
        `region that agents sign for (default: "${DEFAULT_REGION}")`,
      ).argParser(parseText),
    )
    .addOption(
      new Option("--cluster <name or ARN>", "the only cluster (default: any)")
        .argParser(parseCluster),
    )
    .addOption(
      new Option(
        "--container-instance <arn>",
        "the only container instances there are; can be repeated (default: any)",
      ).argParser(collectArns),
    )
    .addOption(
      new Option(
        "--heartbeat <ms>",
        "time between heartbeats, as 5000 or as 20000-40000, 0 for none (default: 55000-56000)",
      ).argParser(parseInterval),
    )
    .addOption(
      new Option("--exception-form <form>", "how upgrades are refused (default: framed)")
        .choices(["framed", "bare"]),
    )
    .addOption(
      new Option(
        "--credentials <which>",
        "what agents have to sign with: AWS's example key, or AWS_ACCESS_KEY_ID, " +
          "AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of this environment",
      ).choices(["example", "env"]).default("example"),
    )
    .addOption(
      new Option(
        "--control-token <token>",
        "token that control calls have to bring, needed where others can reach the address " +
          `(env: ${CONTROL_TOKEN_VARIABLE})`,
      ).argParser(parseText),
    )
    .addOption(
      new Option("--seed <number>", "make the same ids in each run")
        .argParser(parseWholeNumber(0, Number.MAX_SAFE_INTEGER)),
    )
    .addOption(
      new Option("--state <file>", "keep tasks, instances and unanswered messages in this file")
        .argParser(parseText),
    )
    .addOption(
      new Option("--traffic [ms]", "send sample messages to the newest agent, one each so many ms")
        .preset(5_000).argParser(parseWholeNumber(1, MAX_TIMER_MS)).conflicts("scenario"),
    )
    .addOption(
      new Option(
        "--scenario <file>",
        "play this script (.json or .jsonl), exit with 0 if all went well",
      ).argParser(parseText),
    )
    .addOption(
      new Option("--timeout <ms>", "how long the whole scenario may take (default: 60000)")
        .argParser(parseWholeNumber(1, MAX_TIMER_MS)),
    )
    .option("--verbose", "with a scenario, also tell all that passes")
    .addOption(
      new Option("--format <format>", "output on stdout").choices(["text", "json"]).default("text"),
    );
}

function parseCluster(value: string): string {
  const isName = /^[A-Za-z0-9_-]{1,255}$/.test(value);
  if (isName || isClusterArn(value)) return value;
  throw new InvalidArgumentError("It must be the name or the ARN of a cluster.");
}

function collectArns(value: string, before: readonly string[] = []): readonly string[] {
  if (isContainerInstanceArn(value)) return [...before, value];
  throw new InvalidArgumentError("It must be the ARN of a container instance.");
}

function parseInterval(value: string): number | readonly [number, number] {
  const parse = parseWholeNumber(0, MAX_TIMER_MS);
  const [shortest = "", longest, ...rest] = value.split("-");
  if (rest.length > 0) throw new InvalidArgumentError("It must be like 5000 or 20000-40000.");
  if (longest === undefined) return parse(shortest);
  const interval = [parse(shortest), parse(longest)] as const;
  if (interval[0] <= interval[1]) return interval;
  throw new InvalidArgumentError("The shorter time comes first, as in 20000-40000.");
}
