/**
 * Converts the log of a real agent to a scenario: what the service did, as far as the log shows it.
 *
 * @module
 */

import type { Fault } from "../faults/fault.ts";
import type { ScenarioStep } from "../scenario/scenario.ts";
import { type LogLine, parseAgentLog } from "./agent_log.ts";
import { callFault, endFault, STALL, upgradeFault } from "./logged_faults.ts";
import { type BuiltScenario, type Moment, ScenarioBuilder } from "./scenario_builder.ts";
import type { ConversionOptions } from "./scenario_from_trace.ts";

/** A scenario that was made from a log. */
export interface LogScenario extends BuiltScenario {
  /**
   * Log lines that could not be converted, or that not every agent repeats, each described in one
   * line with its line number.
   */
  readonly notes: readonly string[];
}

/**
 * Converts a log of amazon-ecs-agent to a scenario.
 *
 * @param content The log; lines of other programs are skipped.
 * @param options The scenario's name, and how many times faster than in the log the service acts.
 * @returns The scenario; `undefined` if the log has no line about ACS.
 */
export function scenarioFromLog(
  content: string,
  { name, speed = 1 }: ConversionOptions,
): LogScenario | undefined {
  return new LogConversion(parseAgentLog(content), new ScenarioBuilder(speed)).run(name);
}

/** Converts a line of the log. */
type Rule = readonly [
  pattern: RegExp,
  convert: (conversion: LogConversion, line: LogLine, match: RegExpExecArray) => void,
];

/** The agent could not connect to ACS. */
const REFUSED = /(?:Failed to connect to ACS|Error connecting to ACS)(.*)/i;

/** The agent has connected to ACS. */
const CONNECTED = /^Connected to ACS endpoint/;

/** Patterns of lines that show what the service did. The first match applies. */
const RULES: readonly Rule[] = [
  [/^Loading configuration/, (log, line) => log.restarted(line)],
  [
    /\b(?:Establishing a Websocket connection|Creating poll dialer)\b/,
    (log, line) => log.connecting(line),
  ],
  [CONNECTED, (log, line) => log.connected(line)],
  [
    /^Error creating a websocket client: (.*)/,
    (log, line, [, reason = ""]) => log.notDialed(line, reason),
  ],
  [
    REFUSED,
    (log, line, [, rest = ""]) => log.refused(line, line.fields.get("error") ?? rest),
  ],
  [
    /^(?:acs: )?unable to discover poll endpoint(.*)/i,
    (log, line, [, rest = ""]) =>
      log.notDiscovered(line, line.fields.get("error") ?? line.fields.get("err") ?? rest),
  ],
  [
    /(?:Unable to register as a container instance|Could not register|Error re-?registering)(.*)/,
    (log, line, [, rest = ""]) =>
      log.notRegistered(line, line.fields.get("error") ?? line.fields.get("err") ?? rest),
  ],
  [/^ACS Connection hasn't had any activity for too long/i, (log, line) => log.silent(line)],
  [
    /^ACS Web[Ss]ocket connection closed for a valid reason/,
    (log, line) => log.disconnected(line, "valid reason"),
  ],
  [
    /^(?:ACS Web[Ss]ocket connection closed|Error: lost websocket connection with Agent Communication Service|Error from acs; backing off)(.*)/,
    (log, line, [, rest = ""]) =>
      log.disconnected(line, line.fields.get("error") ?? line.fields.get("err") ?? rest),
  ],
  [
    /^Connection closed for a valid reason: (.*)/,
    (log, line, [, reason = ""]) => log.closed(line, reason),
  ],
  [
    /^Error getting message from (?:acs|ws backend)(.*)/,
    (log, line, [, rest = ""]) => log.lastError(line, line.fields.get("err") ?? rest),
  ],
  [/^Received task payload from ACS/, (log, line) => log.payload(line)],
  [
    /Task: ([\w-]+):(\d+) (arn:[^,\s]+), Status: \(NONE->RUNNING\)/,
    (log, line, [, family, version, arn]) => log.task(line, { arn, family, version }),
  ],
  // Agents of 2018 to 2021 do not log payloads, but what they do with them.
  [
    /^Task engine \[(arn:[^\]\s]+)\]: pulling (?:container|image) /,
    (log, line, [, arn]) => log.task(line, { arn }),
  ],
  [
    /^Managed task \[(arn:[^\]\s]+)\]: new acs transition to: STOPPED/,
    (log, line, [, arn]) => log.stop(line, arn),
  ],
  [
    /^Received message of type: (\w+)/,
    (log, line, [, type = ""]) => log.message(line, type),
  ],
  [/^ACS activity occurred/, (log, line) => log.activity(line)],
];

/** The fields of a task that are in the log. */
interface LoggedTask {
  readonly arn: string | undefined;
  readonly family?: string | undefined;
  readonly version?: string | undefined;
}

/** The host of ACS in the URL of a connection. The host of TCS begins with `ecs-t-`. */
const ACS_HOST = /\b(ecs-a-[\w-]+)(?=\.)|host="(ecs-a-[\w-]+)/;

/** The oldest agents log each connection in these words, and nothing when it has succeeded. */
const DIALER = /^Creating poll dialer/;

/** Errors of calls and upgrades, which the oldest agents log twice, the second time like a close. */
const FAILED_REQUEST =
  /^(?!.*websocket: close).*(?:RequestError|Exception\b|dial tcp|unable to dial|bad handshake)/s;

/** Errors of the AWS SDK before it has sent a request. */
const NO_CREDENTIALS =
  /NoCredentialProviders|failed to (?:refresh|retrieve) (?:cached )?credentials/;

/** Activity within this time of a message is that message, in ms. */
const SAME_MESSAGE_MS = 1_000;

class LogConversion {
  readonly #lines: readonly LogLine[];
  readonly #builder: ScenarioBuilder;
  readonly #notes: string[] = [];
  readonly #taskNames = new Map<string, string>();
  readonly #stopped = new Set<string>();
  /** Whether the log has the type of each message, as it does at level debug. */
  readonly #hasTypes: boolean;
  /** Whether the log has each message, with or without its type. */
  readonly #hasActivity: boolean;
  /** Whether the log shows when the agent connects, which agents of 2016 and 2017 do not log. */
  readonly #hasConnects: boolean;
  #isConnected = false;
  #hasConnected = false;
  #isSilent = false;
  #isStalled = false;
  #isAcs = false;
  #host: string | undefined;
  #error = "";
  /** Why the agent could not connect, from the line before the one that is converted. */
  #dialError = "";
  readonly #unregistered: LogLine[] = [];
  /** The index of the line that is converted. */
  #index = 0;
  #messageAt = 0;
  #lastAt = 0;
  #count = 0;

  constructor(lines: readonly LogLine[], builder: ScenarioBuilder) {
    this.#lines = lines;
    this.#builder = builder;
    this.#hasTypes = lines.some(({ text }) => text.startsWith("Received message of type: "));
    this.#hasActivity = this.#hasTypes ||
      lines.some(({ text }) => text.startsWith("ACS activity occurred"));
    this.#hasConnects = lines.some(({ text }) => CONNECTED.test(text) || DIALER.test(text));
  }

  run(name: string): LogScenario | undefined {
    for (const [index, line] of this.#lines.entries()) {
      this.#index = index;
      for (const [pattern, convert] of RULES) {
        const match = pattern.exec(line.text);
        if (match === null) continue;
        convert(this, line, match);
        break;
      }
    }
    if (this.#count === 0) this.#expectUnregistered();
    if (this.#count === 0) return undefined;
    const [first, ...others] = this.#lines;
    const last = others.at(-1) ?? first;
    // Until the agent reconnects, nothing shows that it has noticed.
    if (this.#isStalled && last !== undefined) this.connected(last);
    this.#builder.finally([{ expectNo: "problem", for: 0 }], last?.line ?? 1);
    const built = this.#builder.build({
      name,
      description: `Made from a log of amazon-ecs-agent, ${date(first)} to ${date(last)}.`,
      // If the log does not show heartbeats, the emulator's own interval is the best guess.
      emulator: { maxConnectionMs: 0, ...(this.#hasActivity && { heartbeatIntervalMs: 0 }) },
    });
    return { ...built, notes: this.#notes };
  }

  restarted(line: LogLine): void {
    if (this.#hasConnected) {
      this.#note(
        line,
        "the agent was restarted; in the scenario, the service ends its connection instead",
      );
    }
    this.#endUnlogged(line);
  }

  connecting(line: LogLine): void {
    const where = `${line.text} ${line.fields.get("url") ?? ""} ${line.fields.get("host") ?? ""}`;
    const [, inUrl, inField] = ACS_HOST.exec(where) ?? [];
    const host = inUrl ?? inField;
    this.#isAcs = host !== undefined;
    if (host === undefined) return;
    this.#endUnlogged(line);
    if (this.#host !== undefined && host !== this.#host) this.#rotate(line, host);
    this.#host = host;
    if (DIALER.test(line.text) && this.#hasSucceeded()) this.connected(line);
  }

  connected(line: LogLine): void {
    if (this.#isConnected) return;
    this.#isConnected = true;
    this.#isSilent = false;
    this.#isStalled = false;
    this.#hasConnected = true;
    this.#expect({ expect: "connected" }, line);
    this.#builder.succeeded("upgrade");
    this.#builder.succeeded("discover");
  }

  disconnected(line: LogLine, reason: string): void {
    if (FAILED_REQUEST.test(reason)) return;
    this.#assumeConnected(line);
    // One end is logged several times, within the same second.
    const isNew = this.#count > 0 && line.at - this.#lastAt >= SAME_MESSAGE_MS;
    if (!this.#isConnected && !this.#hasConnects && isNew) {
      this.connected({ ...line, at: this.#lastAt });
    }
    if (!this.#isConnected) return;
    this.#isConnected = false;
    // After an error, the agent closes the connection itself and logs that here; the error is the
    // cause.
    const why = /closed network connection/.test(reason) && this.#error !== ""
      ? this.#error
      : reason;
    this.#error = "";
    const fault = this.#isSilent ? undefined : endFault(why);
    if (fault !== undefined) this.#act({ do: "inject-fault", with: { fault } }, line);
    this.#isStalled ||= fault?.action === "stall";
    // The emulator does not read from a stalled connection, so it does not see the agent close it.
    if (!this.#isStalled) this.#expect({ expect: "disconnected" }, line);
  }

  closed(line: LogLine, reason: string): void {
    if (!this.#isOfTcs(line)) this.disconnected(line, reason);
  }

  /** The reason for a disconnection that is logged next. */
  lastError(line: LogLine, reason: string): void {
    const isOfAcs = /acs/.test(line.fields.get("module") ?? "") || isAcsUrl(line) || this.#isAcs ||
      this.#host === undefined;
    if (!isOfAcs || this.#isOfTcs(line)) return;
    this.#error = reason;
    // The oldest agents log nothing else when the connection ends.
    if (line.text.startsWith("Error getting message from acs")) this.disconnected(line, reason);
  }

  /** The service sent nothing, not even heartbeats, until the agent closed the connection. */
  silent(line: LogLine): void {
    this.#assumeConnected(line);
    if (!this.#isConnected) return;
    if (!this.#hasActivity) {
      const at = Math.max(this.#lastAt, line.at - IDLE_TIMEOUT_MS);
      this.#act({ do: "inject-fault", with: { fault: STALL } }, { ...line, at });
      this.#isStalled = true;
    }
    this.#isSilent = true;
    this.disconnected(line, "");
  }

  /** The reason for a refusal that is logged next. */
  notDialed(line: LogLine, reason: string): void {
    if (!this.#isOfTcs(line)) this.#dialError = reason;
  }

  refused(line: LogLine, reason: string): void {
    this.#endUnlogged(line);
    this.#isStalled = false;
    // The reason is missing if the line was truncated.
    const fault = upgradeFault(reason.includes(this.#dialError) ? reason : this.#dialError);
    this.#dialError = "";
    this.#count++;
    this.#builder.arm("upgrade", fault, moment(line));
    this.#expect({ expect: "refused", match: { request: "upgrade" } }, line);
  }

  notDiscovered(line: LogLine, reason: string): void {
    if (this.#isOfTcs(line)) return;
    if (NO_CREDENTIALS.test(reason)) {
      return this.#note(line, "the agent had no credentials, so it sent no request");
    }
    this.#endUnlogged(line);
    this.#isStalled = false;
    this.#count++;
    if (this.#hasConnected) {
      this.#note(
        line,
        "an agent that still knows its endpoint does not call DiscoverPollEndpoint here, and fails " +
          "the step that expects it",
      );
    }
    this.#builder.arm("discover", { at: "discover", ...callFault(reason) }, moment(line));
    this.#expect({ expect: "refused", match: { request: "DiscoverPollEndpoint" } }, line);
  }

  notRegistered(line: LogLine, reason: string): void {
    // Agents log each failure twice.
    const last = this.#unregistered.at(-1);
    if (last !== undefined && line.at - last.at < SAME_MESSAGE_MS) return;
    this.#unregistered.push(line);
    const fault: Fault = {
      ...callFault(reason),
      at: "api",
      operation: "RegisterContainerInstance",
    };
    this.#builder.arm("api RegisterContainerInstance", fault, moment(line));
    this.#note(
      line,
      "this fault has no effect on an agent that does not call RegisterContainerInstance",
    );
  }

  payload(line: LogLine): void {
    const arn = line.fields.get("taskARN");
    const version = line.fields.get("taskVersion");
    if (line.fields.get("desiredStatus") === "STOPPED") return this.stop(line, arn);
    this.task(line, { arn, version });
  }

  task(line: LogLine, { arn, family, version }: LoggedTask): void {
    if (arn === undefined || this.#taskNames.has(arn)) return;
    const name = `task${this.#taskNames.size + 1}`;
    this.#taskNames.set(arn, name);
    const isWhole = /^arn:[^*]+:task\/[^*]+$/.test(arn);
    const task = {
      ...(isWhole && { arn }),
      ...(family !== undefined && { family }),
      ...(version !== undefined && version !== "" && { version }),
    };
    this.#act({ do: "run-task", with: { task }, as: name }, line);
    this.#expect({ expect: "ack", messageId: `$${name}.messageId` }, line);
  }

  /** A message, logged at level debug. Payloads are converted from the lines of their tasks. */
  message(line: LogLine, type: string): void {
    if (this.#isOfTcs(line)) return;
    this.#assumeConnected(line);
    if (!this.#isConnected || type === "PayloadMessage") return;
    const newest = [...this.#taskNames.values()].at(-1);
    const name = `m${this.#count}`;
    const step = stepFor(type, newest);
    if (step === undefined) return this.#note(line, `the contents of a ${type} are not in the log`);
    this.#act({ ...step, as: name }, line);
    this.#expect({ expect: "ack", messageId: `$${name}.messageId` }, line);
  }

  /** A message of unknown type: a heartbeat, unless another line says otherwise. */
  activity(line: LogLine): void {
    this.#assumeConnected(line);
    if (!this.#isConnected || this.#hasTypes) return;
    if (line.at - this.#messageAt < SAME_MESSAGE_MS) return;
    this.message(line, "HeartbeatMessage");
  }

  stop(line: LogLine, arn: string | undefined): void {
    const name = this.#taskNames.get(arn ?? "");
    if (name === undefined) {
      return this.#note(line, "the stopped task was started before the log begins");
    }
    if (this.#stopped.has(name)) return;
    this.#stopped.add(name);
    const stopped = `stop${this.#count}`;
    const taskArn = `$${name}.taskArn`;
    this.#act({ do: "stop-task", with: { taskArn }, as: stopped }, line);
    this.#expect({ expect: "ack", messageId: `$${stopped}.messageId` }, line);
  }

  /** Changes the endpoint: the emulator serves each host at its own path. */
  #rotate(line: LogLine, host: string): void {
    this.#act({ do: "configure", with: { endpoint: `/${host}/` } }, line);
  }

  /** Ends the connection if the log shows that it has ended, but not how. */
  #endUnlogged(line: LogLine): void {
    if (this.#isConnected) this.disconnected(line, this.#error || UNKNOWN_END);
  }

  /** If the agent could not even register, these failures are all that the log shows. */
  #expectUnregistered(): void {
    const request = "RegisterContainerInstance";
    for (const line of this.#unregistered) {
      this.#expect({ expect: "refused", match: { request } }, line);
    }
  }

  /** Whether a connection attempt of the oldest agents succeeded: no later line says otherwise. */
  #hasSucceeded(): boolean {
    for (let index = this.#index + 1; index < this.#lines.length; index++) {
      const { text = "", fields } = this.#lines[index] ?? {};
      if (REFUSED.test(text)) return false;
      const isNext = DIALER.test(text) && ACS_HOST.test(`host="${fields?.get("host")}"`);
      if (isNext || /\bfrom acs\b/.test(text)) return true;
    }
    return true;
  }

  /**
   * Whether a line is about TCS. Older agents log closes and failures of ACS and of TCS in the same
   * words; for TCS, the next line mentions it.
   */
  #isOfTcs(line: LogLine): boolean {
    if (isAcsUrl(line) || /^acs:/i.test(line.text)) return false;
    if (/\becs-t-/.test(urlOf(line))) return true;
    const next = this.#lines[this.#index + 1];
    return next !== undefined && /\btcs\b/i.test(next.text) && !isAcsUrl(next);
  }

  /** A log may begin after the agent connected. */
  #assumeConnected(line: LogLine): void {
    if (this.#count === 0 && this.#host === undefined) this.connected(line);
  }

  #act(step: ScenarioStep, line: Moment): void {
    this.#count++;
    this.#messageAt = line.at;
    this.#lastAt = line.at;
    this.#builder.act(step, moment(line));
  }

  #expect(step: Parameters<ScenarioBuilder["expect"]>[0], line: LogLine): void {
    this.#count++;
    this.#lastAt = line.at;
    this.#builder.expect(step, moment(line));
  }

  #note({ line }: LogLine, text: string): void {
    this.#notes.push(`line ${line}: ${text}`);
  }
}

/**
 * Average time after which the agent closes an idle connection, in ms: 1 min plus up to 1 min of
 * jitter.
 */
const IDLE_TIMEOUT_MS = 90_000;

/** The reason for an end that is not in the log. */
const UNKNOWN_END = "unknown";

function moment({ at, line }: Moment): Moment {
  return { at, line };
}

/** The URL of the connection that a line is about, if the agent logs it. */
function urlOf({ fields }: LogLine): string {
  return fields.get("URL") ?? fields.get("url") ?? "";
}

function isAcsUrl(line: LogLine): boolean {
  return ACS_HOST.test(urlOf(line));
}

function date(line: LogLine | undefined): string {
  return line === undefined ? "?" : new Date(line.at).toISOString();
}

/** The step that sends a message of a type; `undefined` if the log does not have its contents. */
function stepFor(type: string, task: string | undefined): DoStepOf | undefined {
  const taskArn = `$${task}.taskArn`;
  switch (type) {
    case "HeartbeatMessage":
      return { do: "send-heartbeat" };
    case "TaskManifestMessage":
      return { do: "send-task-manifest" };
    case "IAMRoleCredentialsMessage":
      return task === undefined ? undefined : { do: "rotate-credentials", with: { taskArn } };
    case "AttachTaskNetworkInterfacesMessage":
      return task === undefined ? undefined : { do: "attach-network-interface", with: { taskArn } };
    case "AttachInstanceNetworkInterfacesMessage":
      return { do: "attach-network-interface" };
    case "ConfirmAttachmentMessage":
      return task === undefined ? undefined : { do: "attach-volume", with: { taskArn } };
    default:
      return undefined;
  }
}

type DoStepOf = Extract<ScenarioStep, { readonly do: unknown }>;
