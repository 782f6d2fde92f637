/**
 * The flags of `acs emulate`.
 *
 * @module
 */

import { MAX_TIMER_MS } from "../internal/number_option.ts";
import { isClusterArn, isContainerInstanceArn } from "../protocol/arn.ts";
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "./duration.ts";
import { parseText, parseWholeNumber, speedOption } from "./flags.ts";
import { type ColorChoice, colorOption, noColorOption } from "./terminal.ts";

/** For a token that should not be visible in the machine's process list. */
export const CONTROL_TOKEN_VARIABLE = "ACS_CONTROL_TOKEN";

/** The default port; 4510 to 4559 are LocalStack's. */
export const DEFAULT_PORT = 4570;

/** The default region. */
export const DEFAULT_REGION = "us-west-2";

/** The form of a scenario's report. */
export type ScenarioReporter = "text" | "json" | "junit" | "github";

/** The flags, unparsed. */
export interface EmulateFlags {
  readonly port?: number;
  readonly hostname: string;
  readonly publicUrl?: string;
  readonly region?: string;
  readonly cluster?: string;
  readonly containerInstance?: readonly string[];
  readonly heartbeat?: number | readonly [number, number];
  readonly exceptionForm?: "framed" | "bare";
  readonly credentials: "example" | "env";
  readonly controlToken?: string;
  readonly requireRegistration?: boolean;
  readonly clockSkew?: number;
  readonly seed?: number;
  readonly state?: string;
  readonly traffic?: number;
  readonly trace?: string;
  readonly scenario?: string;
  readonly replay?: string;
  readonly speed?: number;
  readonly timeout?: number;
  readonly verbose?: boolean;
  readonly reporter?: ScenarioReporter;
  readonly format: "text" | "json";
  readonly color: ColorChoice;
}

/** Adds the flags to a command. */
export function addEmulateFlags(command: Command): Command {
  return command
    .optionsGroup("Listening:")
    .addOption(
      new Option(
        "--port <port>",
        `port, 0 for a free one (default: ${DEFAULT_PORT} or the next free one; 0 with an agent ` +
          "or a scenario)",
      ).argParser(parseWholeNumber(0, 65_535)),
    )
    .addOption(
      new Option("--hostname <address>", "address to listen on").default("127.0.0.1")
        .argParser(parseText),
    )
    .addOption(
      // Validated later, since commander's error would quote the value.
      new Option(
        "--public-url <url>",
        "URL that agents use, for a proxy in front that terminates TLS",
      ).argParser(parseText),
    )
    .optionsGroup("Who may connect:")
    .addOption(
      new Option(
        "--region <region>",
        `region that agents sign for (default: "${DEFAULT_REGION}")`,
      ).argParser(parseText),
    )
    .addOption(
      new Option("--cluster <name or ARN>", "accept only this cluster (default: any)")
        .argParser(parseCluster),
    )
    .addOption(
      new Option(
        "--container-instance <arn>",
        "the only container instances; can be repeated (default: any)",
      ).argParser(collectArns),
    )
    .option(
      "--require-registration",
      "refuse agents that have not called RegisterContainerInstance",
    )
    .addOption(
      new Option(
        "--credentials <which>",
        "keys that agents sign with: AWS's example, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY " +
          "and AWS_SESSION_TOKEN",
      ).choices(["example", "env"]).default("example"),
    )
    .addOption(
      new Option(
        "--control-token <token>",
        "token that control calls must send, required if other machines can reach it " +
          `(env: ${CONTROL_TOKEN_VARIABLE})`,
      ).argParser(parseText),
    )
    .optionsGroup("Behavior:")
    .addOption(
      new Option(
        "--heartbeat <ms>",
        "time between heartbeats: 5000, 20000-40000, or 0 for none (default: 55000-56000)",
      ).argParser(parseInterval),
    )
    .addOption(
      new Option("--exception-form <form>", "form of refused upgrades (default: framed)")
        .choices(["framed", "bare"]),
    )
    .addOption(
      new Option("--traffic [ms]", "send a sample message to the newest agent every N ms")
        .preset(5_000).argParser(parseWholeNumber(1, MAX_TIMER_MS)).conflicts("scenario"),
    )
    .addOption(
      new Option(
        "--clock-skew <duration>",
        "shift the emulator's clock: ahead by 10min, or behind by -10min",
      ).argParser(parseSkew),
    )
    .addOption(
      new Option("--seed <number>", "seed for ids, which are then the same in each run")
        .argParser(parseWholeNumber(0, Number.MAX_SAFE_INTEGER)),
    )
    .addOption(
      new Option("--state <file>", "keep tasks, instances and unanswered messages in this file")
        .argParser(parseText),
    )
    .addOption(
      new Option(
        "--trace <file>",
        "write every event to this file (default: with a scenario, one in the temporary directory)",
      ).argParser(parseText),
    )
    .optionsGroup("Scenario:")
    .addOption(
      new Option(
        "--scenario <file>",
        "play this script (.json or .jsonl), exit with 0 if it passes",
      ).argParser(parseText),
    )
    .addOption(
      new Option(
        "--replay <file>",
        "replay the service's side of a trace; exit with 0 if the agent answers as recorded",
      ).argParser(parseText).conflicts(["scenario", "traffic"]),
    )
    .addOption(speedOption("speed factor of the replay (default: 1)"))
    .addOption(
      new Option("--timeout <ms>", "time limit of the whole scenario (default: 60000)")
        .argParser(parseWholeNumber(1, MAX_TIMER_MS)),
    )
    .addOption(
      new Option("--reporter <name>", "report of a scenario on stdout (default: the --format)")
        .choices(["text", "json", "junit", "github"]),
    )
    .optionsGroup("Output:")
    .addOption(
      new Option("--format <format>", "output on stdout").choices(["text", "json"]).default("text"),
    )
    .option(
      "--verbose",
      "also print telemetry frames and, with a scenario, every message and event",
    )
    .addOption(colorOption())
    .addOption(noColorOption());
}

function parseSkew(value: string): number {
  const ms = parseDuration(value.replace(/^-/, ""));
  return value.startsWith("-") ? -ms : ms;
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
