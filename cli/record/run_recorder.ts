/**
 * Runs the recorder of `acs record` until it is stopped or its agent exits.
 *
 * @module
 */

import process from "node:process";
import { EXAMPLE_CREDENTIALS } from "../../emulator/emulator_credentials.ts";
import { isLoopback } from "../../emulator/control/control_access.ts";
import type { TranscriptEntry } from "../../emulator/acs/transcript_entry.ts";
import { TraceFile } from "../../emulator/trace/trace_file.ts";
import { TraceFileError } from "../../emulator/trace/trace_file_error.ts";
import { suggestRegion } from "../../failures/regions.ts";
import { oneLine } from "../../internal/one_line.ts";
import { printableJson } from "../../internal/printable_json.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";
import { ecsEndpoint } from "../../session/discovery/ecs_endpoint.ts";
import type { EmulatorTarget } from "../../emulator/agent_variables.ts";
import { agentEnvironment, agentExports } from "../agent_environment.ts";
import { type AgentProcess, startAgent } from "../agent_process.ts";
import { formatDuration } from "../duration.ts";
import { DEFAULT_REGION } from "../emulate_flags.ts";
import { SHORT_NAME_LENGTH } from "../emulator_report.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_USAGE, UsageError } from "../exit.ts";
import type { Environment } from "../flags.ts";
import { listenFailure } from "../listen_failure.ts";
import { loadCredentialsProvider } from "../provider_chain.ts";
import { findSetting, isPlainHttpUrl } from "../run_settings.ts";
import { Screen } from "../screen.ts";
import { stopOnSignals } from "../signals.ts";
import type { ColorChoice } from "../terminal.ts";
import { Timeline } from "../timeline.ts";
import { newTracePath } from "../trace_path.ts";
import { VERSION } from "../version.ts";
import { describeEntry } from "./describe_entry.ts";
import { Recorder } from "./recorder.ts";
import { RequestSigner } from "./request_signer.ts";

/** The flags of `acs record`. */
export interface RecordFlags {
  readonly region?: string;
  readonly upstream?: string;
  readonly telemetry: boolean;
  readonly port: number;
  readonly hostname: string;
  readonly trace?: string;
  readonly format: "text" | "json";
  readonly color: ColorChoice;
}

/**
 * Runs the recorder.
 *
 * @param agent The agent to start, and its arguments; empty for none.
 * @param flags The command's flags.
 * @param environment The environment variables.
 * @returns The exit code.
 * @throws {CommandFailure} If a flag, the credentials, the port or the file is invalid.
 */
export async function runRecorder(
  agent: readonly string[],
  flags: RecordFlags,
  environment: Environment,
): Promise<number> {
  const region = regionOf(flags, environment);
  const upstream = upstreamOf(flags.upstream, region);
  const signer = new RequestSigner(region, await loadCredentialsProvider("acs record"));
  await signer.check().catch((error: unknown) => {
    throw new CommandFailure(
      `no credentials to sign with: ${describeError(error)}` +
        (flags.upstream === undefined ? "" : EMULATOR_KEYS),
      EXIT_USAGE,
      { cause: error },
    );
  });
  const screen = new Screen({ color: flags.color, status: false });
  const meant = suggestRegion(region);
  if (meant !== undefined) {
    screen.note(`warning: the region ${oneLine(region)} is not known: did you mean ${meant}?`);
  }
  const recording = startRecording(flags, { region, upstream }, screen);
  const { hostname, port, telemetry: withTelemetry } = flags;
  let recorder: Recorder;
  try {
    const warn = (text: string) => screen.note(`warning: ${text}`);
    const { add } = recording;
    recorder = await Recorder
      .listen({ hostname, port, upstream, signer, withTelemetry, add, warn });
  } catch (error) {
    recording.close();
    const text = listenFailure(error, { port, hostname });
    throw new CommandFailure(text, EXIT_USAGE, { cause: error });
  }
  const stop = stopOnSignals();
  let running: AgentProcess | undefined;
  try {
    const target = targetOf(recorder, region);
    printStart({ recorder, target, upstream, agent, flags, screen, trace: recording.path });
    running = agent.length === 0 ? undefined : await startAgent(
      agent,
      agentVariables(target),
      (line) => screen.agentLine(line),
    );
    const stopped = new Promise<undefined>((resolve) => {
      if (stop.signal.aborted) resolve(undefined);
      stop.signal.addEventListener("abort", () => resolve(undefined), { once: true });
    });
    const ended = await Promise.race([stopped, ...(running === undefined ? [] : [running.ended])]);
    if (ended === undefined) return 0;
    screen.note(`The agent ${ended.text}.`);
    return ended.exitCode === 0 ? 0 : EXIT_FAILURE;
  } finally {
    await running?.stop();
    await recorder.close();
    stop.release();
    recording.close();
    if (flags.format === "text") screen.print(recording.summary());
  }
}

/** Where an emulator's keys are, for users without an AWS account. */
const EMULATOR_KEYS = "\nTo print an emulator's keys: npx @acs/session env --url URL";

/**
 * The region to sign for. It has a default only with an emulator: for AWS, a guess could be wrong.
 */
function regionOf(flags: RecordFlags, environment: Environment): string {
  const region = findSetting("region", flags, environment)?.value;
  if (region !== undefined) return region;
  if (flags.upstream !== undefined) return DEFAULT_REGION;
  throw new UsageError("no region is set: use --region or AWS_REGION");
}

function upstreamOf(given: string | undefined, region: string): URL {
  const url = given ?? ecsEndpoint(region);
  // The value is not quoted, since it may contain a password.
  if (isPlainHttpUrl(url)) return new URL(url);
  throw new UsageError(
    "--upstream must be an http: or https: URL without user name, password or query",
  );
}

/** A recording that has been started. */
interface Recording {
  readonly path: string;
  readonly add: (event: TranscriptEntry["event"], fields: Partial<TranscriptEntry>) => void;
  close(): void;
  /** A summary of what was recorded. */
  summary(): string;
}

function startRecording(
  flags: RecordFlags,
  { region, upstream }: { readonly region: string; readonly upstream: URL },
  screen: Screen,
): Recording {
  const path = flags.trace ?? newTracePath(".");
  const startedAt = Date.now();
  const counts = new Map<TranscriptEntry["event"], number>();
  const timeline = new Timeline({ terminal: screen.out, whoWidth: SHORT_NAME_LENGTH });
  const file = openFile(path, region, upstream);
  let isWritable = true;
  return {
    path,
    add(event, fields) {
      const at = Date.now();
      counts.set(event, (counts.get(event) ?? 0) + 1);
      try {
        if (isWritable) file.add(at, event, fields);
      } catch (error) {
        // Forwarding is more important than recording, so it continues.
        isWritable = false;
        screen.note(`warning: the recording has stopped: ${describeError(error)}`);
      }
      if (event === "telemetry") return;
      const { message: _, ...printed } = fields;
      screen.print(
        flags.format === "json"
          ? printableJson({ time: new Date(at).toISOString(), event, ...printed })
          : timeline.format({ time: new Date(at), ...describeEntry(event, fields) }),
      );
    },
    close: () => file.close(),
    summary() {
      const number = (event: TranscriptEntry["event"], one: string, many = `${one}s`) => {
        const count = counts.get(event) ?? 0;
        return `${count} ${count === 1 ? one : many}`;
      };
      const duration = formatDuration(Date.now() - startedAt);
      return `\nRecorded ${number("connected", "connection")}, ` +
        `${number("sent", "message")} to the agent and ${counts.get("received") ?? 0} from it, ` +
        `${number("refused", "refusal")} in ${duration}: ${path}`;
    },
  };
}

function openFile(path: string, region: string, upstream: URL): TraceFile {
  const origin = { producer: `acs record ${VERSION}`, region, upstream: upstream.href };
  try {
    return TraceFile.create(path, { ...origin, at: Date.now() });
  } catch (error) {
    if (!(error instanceof TraceFileError)) throw error;
    throw new CommandFailure(error.message, EXIT_USAGE, { cause: error });
  }
}

function targetOf(recorder: Recorder, region: string): EmulatorTarget {
  const url = recorder.url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
  const credentials = EXAMPLE_CREDENTIALS;
  return { url, region, credentials, clusterArn: undefined, containerInstances: undefined };
}

/**
 * The agent's environment. Its credentials are replaced; its identity is not, since the service
 * must know it.
 */
function agentVariables(target: EmulatorTarget): Record<string, string> {
  const { ACS_CONTAINER_INSTANCE_ARN: arn, ECS_CLUSTER: cluster } = process.env;
  return {
    ...agentEnvironment(target, process.env),
    ...(arn && { ACS_CONTAINER_INSTANCE_ARN: arn }),
    ...(cluster && { ECS_CLUSTER: cluster }),
  };
}

interface Start {
  readonly recorder: Recorder;
  readonly target: EmulatorTarget;
  readonly upstream: URL;
  readonly agent: readonly string[];
  readonly flags: RecordFlags;
  readonly screen: Screen;
  readonly trace: string;
}

function printStart({ recorder, target, upstream, agent, flags, screen, trace }: Start): void {
  const { hostname } = new URL(recorder.url);
  if (!isLoopback(hostname)) {
    screen.note(
      "warning: every program that can connect to this address can call ECS with your credentials",
    );
  }
  if (flags.format === "json") {
    const { url } = recorder;
    const where = { url, upstream: upstream.href, region: target.region, trace };
    screen.print(
      printableJson({
        time: new Date().toISOString(),
        event: "listening",
        version: VERSION,
        ...where,
      }),
    );
    return;
  }
  const title = screen.out.paint("bold", `acs record ${VERSION}`);
  screen.print(
    `${title}: from ${target.url} to ${upstream.origin}, into ${trace}. Ctrl-C stops it.`,
  );
  screen.print("");
  if (agent.length > 0) return;
  const exports = agentExports(target).filter((line) => !line.includes("CONTAINER_INSTANCE_ARN"));
  screen.print(
    ["To record an agent, set these variables and start it:", "", ...exports, ""]
      .map((line, index) => index < 2 || line === "" ? line : `  ${line}`).join("\n"),
  );
}
