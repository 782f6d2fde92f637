/**
 * Runs the dry-run agent of `acs run` until it is stopped, and reports what it does.
 *
 * @module
 */

import type { LogLevel } from "@logtape/logtape";
import { Session } from "../session/session.ts";
import { DEFAULT_TIMING } from "../session/timing.ts";
import { proxyUse } from "../wsclient/transports/proxy_use.ts";
import { askMetadataDirectly } from "./direct_metadata.ts";
import { DryRunAgent } from "./dry_run_agent.ts";
import { formatDuration } from "./duration.ts";
import { UsageError } from "./exit.ts";
import { configureLog } from "./logging.ts";
import { type MetricsServer, serveMetrics } from "./metrics_server.ts";
import { loadCredentialsProvider } from "./provider_chain.ts";
import type { CredentialsFunction } from "./remembered_credentials.ts";
import { ReportedCredentials } from "./reported_credentials.ts";
import { jsonOutput, type RunOutput, textOutput } from "./run_output.ts";
import type { RunSettings } from "./run_settings.ts";
import { pendingWork, type RunStatus, statusLines } from "./run_status.ts";
import { type RunEnding, RunTally } from "./run_tally.ts";
import type { Screen } from "./screen.ts";
import { reportSession } from "./session_report.ts";
import { type SignalStop, stopOnSignals } from "./signals.ts";
import type { ColorChoice } from "./terminal.ts";

/** The flags of `acs run`. */
export interface RunFlags {
  readonly endpointUrl?: string;
  readonly region?: string;
  readonly cluster?: string;
  readonly containerInstanceArn?: string;
  readonly agentVersion: string;
  readonly agentHash: string;
  readonly dockerVersion: string;
  readonly allowInsecureEndpoint: boolean;
  readonly fips?: boolean;
  readonly dualstack?: boolean;
  readonly until?: "connected";
  readonly within?: number;
  readonly metricsPort?: number;
  readonly metricsHost: string;
  readonly format: "text" | "json";
  readonly color: ColorChoice;
  readonly status: boolean;
  readonly relative: boolean;
  readonly logLevel: LogLevel;
}

/** What to run. */
export interface RunAgentOptions {
  /** The agent's identity and where it connects. */
  readonly settings: RunSettings;
  /** The URL of the ECS API. */
  readonly ecsUrl: string;
  /** Whether the FIPS endpoint is used. */
  readonly useFipsEndpoint: boolean;
  /** Whether the dual-stack endpoint is used. */
  readonly useDualstackEndpoint: boolean;
  /** The command's flags. */
  readonly flags: RunFlags;
  /** Where the report goes. */
  readonly screen: Screen;
  /** When the command began. */
  readonly start: Date;
}

/** Interval of checks for slow operations if there is no live status, in ms. */
const CHECK_MS = 1_000;

/** How often a line says that an operation is still slow, without a live status, in ms. */
const REMIND_MS = 60_000;

/**
 * Runs the agent until a signal stops it, or until the event it should wait for has happened.
 *
 * @returns The exit code: 0 if it was connected at any time, else 1.
 * @throws {CommandFailure} If an option, or the port for metrics, cannot be used.
 */
export async function runAgent(options: RunAgentOptions): Promise<number> {
  const { settings, ecsUrl, flags, screen, start } = options;
  const stop = stopOnSignals();
  const tally = new RunTally();
  const output = flags.format === "json"
    ? jsonOutput(screen, tally)
    : textOutput(screen, tally, flags.relative ? start : undefined);
  await configureLog({
    lowestLevel: flags.logLevel,
    write: (text) => screen.note(text.replace(/\n$/, "")),
    withoutEvents: true,
  });
  const agent = new DryRunAgent((note, task) => output.agent(note, task));
  const credentials = new ReportedCredentials((keys) => output.credentials(keys));
  let session: Session | undefined;
  let metrics: MetricsServer | undefined;
  let ending: RunEnding;
  try {
    metrics = flags.metricsPort === undefined ? undefined : await serveMetrics({
      port: flags.metricsPort,
      hostname: flags.metricsHost,
      health: () => session?.health(),
    });
    output.started({ settings, ecsUrl, metricsUrl: metrics?.url });
    askMetadataDirectly();
    session = createSession(options, {
      agent,
      credentials: credentials.wrap(await loadCredentialsProvider()),
      meterProvider: metrics?.meterProvider,
    });
    ending = await runSession(session, { options, stop, agent, credentials, tally, output });
  } finally {
    stop.release();
    screen.close();
    await metrics?.close();
  }
  output.ended(ending);
  return tally.exitCode;
}

/** The parts of a run. */
interface RunParts {
  readonly options: RunAgentOptions;
  readonly stop: SignalStop;
  readonly agent: DryRunAgent;
  readonly credentials: ReportedCredentials;
  readonly tally: RunTally;
  readonly output: RunOutput;
}

/** Runs the session to its end, and shows what it is doing. */
async function runSession(session: Session, parts: RunParts): Promise<RunEnding> {
  const { options: { flags, screen, start }, stop, tally, output } = parts;
  const end = new AbortController();
  const signal = AbortSignal.any([stop.signal, end.signal]);
  let expiredMs: number | undefined;
  const limit = flags.within === undefined ? undefined : setTimeout(() => {
    expiredMs = flags.within;
    end.abort(new DOMException("not connected in time", "TimeoutError"));
  }, flags.within);
  reportSession(session, (event) => {
    tally.take(event);
    output.event(event);
    if (event.event === "connected" && flags.until === "connected") {
      end.abort(new DOMException("connected", "AbortError"));
    }
  });
  const status = () => statusOf(session, parts, signal.aborted);
  const reminder = screen.hasStatus ? undefined : remind(status, (text) => screen.note(text));
  try {
    const ended = session.start({ signal });
    screen.showStatus(() => statusLines(status(), Date.now(), screen.err.signs));
    await ended;
  } finally {
    clearInterval(reminder);
    clearTimeout(limit);
  }
  return {
    runMs: Date.now() - start.getTime(),
    connectedMs: Math.round(tally.connectedMs(Date.now())),
    expiredMs,
    isUntilConnected: flags.until === "connected",
  };
}

function statusOf(
  session: Session,
  { options: { ecsUrl }, agent, credentials, tally }: RunParts,
  isStopping: boolean,
): RunStatus {
  const { failures, code, received, sent, dropped } = tally;
  const proxy = proxyUse(ecsUrl);
  return {
    health: session.health(),
    isStopping,
    ecsHost: new URL(ecsUrl).host,
    proxy: proxy?.isUsed ? proxy.host : undefined,
    discoverTimeoutMs: DEFAULT_TIMING.discoverTimeoutMs,
    connectTimeoutMs: DEFAULT_TIMING.connectTimeoutMs,
    credentialsSince: credentials.pendingSince,
    failures,
    code,
    tasks: agent.taskArns.length,
    received,
    sent,
    dropped,
  };
}

/** Reports slow operations on stderr, for logs and pipes. */
function remind(
  status: () => RunStatus,
  note: (text: string) => void,
): ReturnType<typeof setInterval> {
  let last: { since: number; hint: string | undefined; at: number } | undefined;
  return setInterval(() => {
    const now = Date.now();
    const pending = pendingWork(status(), now);
    if (pending?.hint === undefined) return;
    const { what, since, elapsedMs, hint } = pending;
    const isNew = last?.since !== since || last.hint !== hint;
    if (!isNew && now - (last?.at ?? 0) < REMIND_MS) return;
    last = { since, hint, at: now };
    note(`still ${what} after ${formatDuration(elapsedMs)}: ${hint}`);
  }, CHECK_MS);
}

/** The inputs of the session in addition to settings and flags. */
interface SessionParts {
  readonly agent: DryRunAgent;
  readonly credentials: CredentialsFunction;
  readonly meterProvider: MetricsServer["meterProvider"] | undefined;
}

function createSession(
  { settings, flags, useFipsEndpoint, useDualstackEndpoint }: RunAgentOptions,
  { agent, credentials, meterProvider }: SessionParts,
): Session {
  const { region, cluster, containerInstanceArn, endpoint } = settings;
  try {
    return new Session({
      region: region.value,
      cluster: cluster.value,
      containerInstanceArn: containerInstanceArn.value,
      agentVersion: flags.agentVersion,
      agentHash: flags.agentHash,
      ...(flags.dockerVersion ? { dockerVersion: flags.dockerVersion } : {}),
      allowInsecureEndpoint: flags.allowInsecureEndpoint,
      useFipsEndpoint,
      useDualstackEndpoint,
      ...(endpoint === undefined ? {} : { endpoint: endpoint.value }),
      ...(meterProvider === undefined ? {} : { meterProvider }),
      credentials,
      handlers: agent,
    });
  } catch (error) {
    // An option that the session rejects came from a flag or the environment.
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message);
  }
}
