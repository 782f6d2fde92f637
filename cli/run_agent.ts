/**
 * Runs the dry-run agent of `acs run` until it is stopped, and reports what it does.
 *
 * @module
 */

import type { AwsCredentialIdentity } from "../wsclient/signing/credentials.ts";
import type { LogLevel } from "@logtape/logtape";
import { Session } from "../session/session.ts";
import { DEFAULT_TIMING } from "../session/timing.ts";
import { askMetadataDirectly } from "./direct_metadata.ts";
import { DryRunAgent } from "./dry_run_agent.ts";
import { formatDuration } from "./duration.ts";
import { EXIT_FAILURE, UsageError } from "./exit.ts";
import { FailureFold } from "./failure_fold.ts";
import { configureLog } from "./logging.ts";
import { type MetricsServer, serveMetrics } from "./metrics_server.ts";
import { loadCredentialsProvider } from "./provider_chain.ts";
import type { CredentialsFunction } from "./remembered_credentials.ts";
import type { RunSettings } from "./run_settings.ts";
import { pendingWork, type RunStatus, statusLines } from "./run_status.ts";
import type { Screen } from "./screen.ts";
import { formatJson, type ReportedEvent, reportSession } from "./session_report.ts";
import { stopOnSignals } from "./signals.ts";
import type { ColorChoice } from "./terminal.ts";
import { Timeline, type TimelineEntry } from "./timeline.ts";
import { VERSION } from "./version.ts";

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

/** How often slow operations are checked for, without a live status, in ms. */
const CHECK_MS = 1_000;

/** How often a line says that an operation is still slow, without a live status, in ms. */
const REMIND_MS = 60_000;

/** What has happened so far. */
class Tally {
  attempts = 0;
  failures = 0;
  connections = 0;
  received = 0;
  sent = 0;
  dropped = 0;
  code: string | undefined;
  #connectedMs = 0;
  #connectedAt: number | undefined;

  /** Counts an event. */
  take({ event, time, fields }: ReportedEvent): void {
    switch (event) {
      case "discovering":
        this.attempts += 1;
        return;
      case "connected":
        this.connections += 1;
        this.failures = 0;
        this.#connectedAt = time.getTime();
        this.code = undefined;
        return;
      case "disconnected":
        this.#connectedMs = this.connectedMs(time.getTime());
        this.#connectedAt = undefined;
        return;
      case "connectfailed":
        this.failures += 1;
        this.code = String(fields["code"]);
        return;
      case "received":
        this.received += 1;
        return;
      case "sent":
        this.sent += 1;
        return;
      case "dropped":
        this.dropped += 1;
    }
  }

  /** How long it has been connected, in ms. */
  connectedMs(now: number): number {
    return this.#connectedMs + (this.#connectedAt === undefined ? 0 : now - this.#connectedAt);
  }
}

/**
 * Runs the agent until a signal stops it, or until the event it should wait for has happened.
 *
 * @returns The exit code: 0 if it was connected at any time, else 1.
 */
export async function runAgent(options: RunAgentOptions): Promise<number> {
  const { settings, ecsUrl, flags, screen, start } = options;
  const isJson = flags.format === "json";
  const timeline = new Timeline({
    terminal: screen.out,
    start: flags.relative ? start : undefined,
  });
  const printEntry = (entry: TimelineEntry) => screen.print(timeline.format(entry));
  const tally = new Tally();
  const printJson = (event: string, fields: object) =>
    screen.print(formatJson({
      time: new Date(),
      event,
      fields: { version: VERSION, attempt: tally.attempts, code: null, retryable: null, ...fields },
    }));
  const stop = stopOnSignals();
  const end = new AbortController();
  const signal = AbortSignal.any([stop.signal, end.signal]);
  let credentialsSince: number | undefined;
  let knownKey: string | undefined;
  const withReport = (ask: CredentialsFunction): CredentialsFunction => async (properties) => {
    credentialsSince = Date.now();
    try {
      const keys = await ask(properties);
      if (keys.accessKeyId !== knownKey) reportKeys(keys);
      knownKey = keys.accessKeyId;
      return keys;
    } finally {
      credentialsSince = undefined;
    }
  };
  const reportKeys = ({ accessKeyId, expiration }: AwsCredentialIdentity) => {
    const keyId = shortKeyId(accessKeyId);
    if (isJson) return printJson("credentials", { keyId, expiration });
    const left = expiration === undefined
      ? ""
      : `, expire in ${formatDuration(expiration.getTime() - Date.now())}`;
    printEntry({ time: new Date(), direction: " ", what: "credentials", note: `${keyId}${left}` });
  };

  const agent = new DryRunAgent((note, about) => {
    if (isJson) return printJson("agent", { note, ...about });
    printEntry({ time: new Date(), direction: " ", what: "agent", note });
  });
  let metrics: MetricsServer | undefined;
  let session: Session | undefined;
  let reminder: ReturnType<typeof setInterval> | undefined;
  let limit: ReturnType<typeof setTimeout> | undefined;
  try {
    await configureLog({
      lowestLevel: flags.logLevel,
      write: (text) => screen.note(text.replace(/\n$/, "")),
      withoutEvents: true,
    });
    askMetadataDirectly();
    const ask = await loadCredentialsProvider();
    metrics = flags.metricsPort === undefined ? undefined : await serveMetrics({
      port: flags.metricsPort,
      hostname: flags.metricsHost,
      health: () => session?.health(),
    });
    session = createSession(options, {
      agent,
      credentials: withReport(ask),
      meterProvider: metrics?.meterProvider,
    });
    if (isJson) {
      printJson("started", {
        region: settings.region.value,
        cluster: settings.cluster.value,
        containerInstanceArn: settings.containerInstanceArn.value,
        endpoint: ecsUrl,
        ...(metrics && { metrics: metrics.url }),
      });
    } else if (metrics !== undefined) {
      printEntry({
        time: new Date(),
        direction: " ",
        what: "metrics",
        note: `${metrics.url}/metrics, /healthz and /readyz`,
      });
    }
    const running = session;
    const fold = new FailureFold(printEntry);
    reportSession(running, (event) => {
      tally.take(event);
      if (isJson) screen.print(formatJson(event));
      else if (event.event !== "stopped" && !event.isRoutine) fold.take(event);
      if (event.event === "connected" && flags.until === "connected") {
        end.abort(new DOMException("connected", "AbortError"));
      }
    });
    const status = (): RunStatus => ({
      health: running.health(),
      isStopping: signal.aborted,
      ecsHost: new URL(ecsUrl).host,
      discoverTimeoutMs: DEFAULT_TIMING.discoverTimeoutMs,
      connectTimeoutMs: DEFAULT_TIMING.connectTimeoutMs,
      credentialsSince,
      failures: tally.failures,
      code: tally.code,
      tasks: agent.taskArns.length,
      received: tally.received,
      sent: tally.sent,
      dropped: tally.dropped,
    });
    if (flags.within !== undefined) {
      const reason = new DOMException("not connected in time", "TimeoutError");
      limit = setTimeout(() => end.abort(reason), flags.within);
    }
    reminder = screen.hasStatus ? undefined : remind(status, (text) => screen.note(text));
    const ended = running.start({ signal });
    screen.showStatus(() => statusLines(status(), Date.now(), screen.err.signs));
    await ended;
  } finally {
    clearInterval(reminder);
    clearTimeout(limit);
    stop.release();
    screen.close();
    await metrics?.close();
  }
  const exitCode = tally.connections > 0 ? 0 : EXIT_FAILURE;
  const runMs = Date.now() - start.getTime();
  const connectedMs = Math.round(tally.connectedMs(Date.now()));
  if (isJson) {
    const { connections, received, sent, dropped, code = null } = tally;
    printJson("summary", {
      code,
      exitCode,
      runMs,
      connectedMs,
      connections,
      received,
      sent,
      dropped,
    });
  } else {
    screen.print(
      lastWords(tally, { runMs, connectedMs, until: flags.until, within: flags.within }),
    );
  }
  return exitCode;
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

/** What the session needs besides settings and flags. */
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

/** The part of an access key's id that identifies it to its owner. */
function shortKeyId(id: string): string {
  return id.length < 12 ? `…${id.slice(-4)}` : `${id.slice(0, 4)}…${id.slice(-4)}`;
}

interface Ending {
  readonly runMs: number;
  readonly connectedMs: number;
  readonly until: "connected" | undefined;
  readonly within: number | undefined;
}

function lastWords(tally: Tally, { runMs, connectedMs, until, within }: Ending): string {
  const { attempts, connections, received, sent, dropped, code } = tally;
  const tries = `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  if (connections === 0) {
    const what = until === undefined || within === undefined
      ? `Stopped. Never connected`
      : `Not connected within ${formatDuration(within)}`;
    const why = code === undefined ? "no answer yet" : code;
    return `${what}: ${why} (${tries} in ${formatDuration(runMs)}). Try: acs doctor`;
  }
  if (until !== undefined) return `Connected after ${formatDuration(runMs)} and ${tries}.`;
  const again = connections === 1 ? "" : ` (${connections} connections)`;
  const unanswered = dropped === 0 ? "" : `, ${dropped} not answered`;
  return `Stopped. Connected for ${formatDuration(connectedMs)} of ${
    formatDuration(runMs)
  }${again}, ` +
    `${received} messages received, ${sent} sent${unanswered}.`;
}
