/**
 * `acs run`: a dry-run agent on the real protocol.
 *
 * @module
 */

import process from "node:process";
import { isArn } from "../protocol/arn.ts";
import type { LogLevel } from "@logtape/logtape";
import { Command, InvalidArgumentError, Option } from "commander";
import type { AwsCredentialIdentityProvider } from "../wsclient/signing/credentials.ts";
import { Session } from "../session/session.ts";
import { askMetadataDirectly } from "./direct_metadata.ts";
import { DryRunAgent } from "./dry_run_agent.ts";
import { exitOnClosedOutput } from "./exit.ts";
import { type Environment, environmentOption, logLevelOption } from "./flags.ts";
import { configureLog } from "./logging.ts";
import { loadCredentialsProvider } from "./provider_chain.ts";
import { formatJson, reportSession } from "./session_report.ts";
import { stopOnSignals } from "./signals.ts";
import { formatTimelineEntry, type TimelineEntry } from "./timeline.ts";
import { VERSION } from "./version.ts";

/** The flags. */
interface RunFlags {
  readonly endpointUrl?: string;
  readonly region: string;
  readonly cluster?: string;
  readonly containerInstanceArn: string;
  readonly agentVersion: string;
  readonly agentHash: string;
  readonly dockerVersion: string;
  readonly allowInsecureEndpoint: boolean;
  readonly fips: boolean;
  readonly dualstack: boolean;
  readonly format: "text" | "json";
  readonly logLevel: LogLevel;
}

/**
 * The command.
 *
 * @param setExitCode Is told how it went.
 * @param environment Where flags that are not given may come from.
 */
export function runCommand(
  setExitCode: (code: number) => void,
  environment: Environment,
): Command {
  return new Command("run")
    .description(
      "Run a dry-run agent: takes every task, starts nothing, acknowledges as an agent does.\n" +
        "Credentials come from the usual AWS environment and provider chain.",
    )
    .addOption(
      // Checked by the session, whose error does not quote it.
      environmentOption(
        "--endpoint-url <url>",
        "URL of the ECS API, in place of the region's own",
        [
          "AWS_ENDPOINT_URL_ECS",
          "AWS_ENDPOINT_URL",
        ],
        environment,
      ),
    )
    .addOption(
      environmentOption("--region <region>", "region, such as us-west-2", [
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
      ], environment).makeOptionMandatory(),
    )
    .addOption(
      environmentOption(
        "--cluster <name>",
        "cluster name or ARN, else default",
        ["ECS_CLUSTER"],
        environment,
      ),
    )
    .addOption(
      environmentOption("--container-instance-arn <arn>", "ARN of the container instance", [
        "ACS_CONTAINER_INSTANCE_ARN",
      ], environment).argParser(parseArn).makeOptionMandatory(),
    )
    .option("--agent-version <version>", "agent version told to the service", VERSION)
    .option("--agent-hash <hash>", "agent commit hash told to the service", "unknown")
    .option("--docker-version <version>", "Docker version told to the service, or containerd", "")
    .option(
      "--allow-insecure-endpoint",
      "connect to ACS without TLS if an ECS API that was asked over https says so",
      false,
    )
    .option("--fips", "use the FIPS endpoint", environment["AWS_USE_FIPS_ENDPOINT"] === "true")
    .option(
      "--dualstack",
      "use the dual-stack endpoint",
      environment["AWS_USE_DUALSTACK_ENDPOINT"] === "true",
    )
    .addOption(
      new Option("--format <format>", "output on stdout").choices(["text", "json"]).default("text"),
    )
    .addOption(logLevelOption())
    .action(async (flags: RunFlags, command: Command) => setExitCode(await run(flags, command)));
}

function parseArn(value: string): string {
  if (isArn(value)) return value;
  throw new InvalidArgumentError("It must be an ARN.");
}

async function run(flags: RunFlags, command: Command): Promise<number> {
  exitOnClosedOutput();
  const stop = stopOnSignals();
  await configureLog(flags.logLevel);
  const start = new Date();
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const printEntry = (entry: TimelineEntry) => print(formatTimelineEntry(entry, start));
  const agent = new DryRunAgent((note) => {
    if (flags.format === "text") {
      printEntry({ time: new Date(), direction: " ", what: "agent", note });
    }
  });
  askMetadataDirectly();
  const session = createSession(flags, agent, await loadCredentialsProvider(), command);
  reportSession(
    session,
    flags.format === "json" ? (event) => print(formatJson(event)) : printEntry,
  );
  try {
    await session.start({ signal: stop.signal });
  } finally {
    stop.release();
  }
  return 0;
}

function createSession(
  flags: RunFlags,
  agent: DryRunAgent,
  credentials: AwsCredentialIdentityProvider,
  command: Command,
): Session {
  try {
    return new Session({
      region: flags.region,
      ...(flags.cluster ? { cluster: flags.cluster } : {}),
      containerInstanceArn: flags.containerInstanceArn,
      agentVersion: flags.agentVersion,
      agentHash: flags.agentHash,
      dockerVersion: flags.dockerVersion,
      allowInsecureEndpoint: flags.allowInsecureEndpoint,
      useFipsEndpoint: flags.fips,
      useDualstackEndpoint: flags.dualstack,
      ...(flags.endpointUrl ? { endpoint: flags.endpointUrl } : {}),
      credentials,
      handlers: agent,
    });
  } catch (error) {
    // What the session cannot work with came from a flag or the environment.
    return command.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  }
}
