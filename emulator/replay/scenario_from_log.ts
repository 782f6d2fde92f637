/**
 * Makes a scenario from the log of a real agent: what the service did to it then, as far as the log
 * shows.
 *
 * @module
 */

import { CONNECTION_EXPIRED } from "../../protocol/close.ts";
import type { Fault } from "../faults/fault.ts";
import type { ScenarioStep } from "../scenario/scenario.ts";
import { type LogLine, parseAgentLog } from "./agent_log.ts";
import { type BuiltScenario, type Moment, ScenarioBuilder } from "./scenario_builder.ts";
import type { ConversionOptions } from "./scenario_from_trace.ts";

/** A scenario that was made from a log. */
export interface LogScenario extends BuiltScenario {
  /** What is in the log but not in the scenario, each in one line, with its line in the log. */
  readonly notes: readonly string[];
}

/**
 * Makes a scenario from a log of amazon-ecs-agent.
 *
 * @param content The log, with any other lines between.
 * @param options The scenario's name, and how many times faster than in the log the service acts.
 * @returns The scenario; `undefined` if the log has no line about ACS.
 */
export function scenarioFromLog(
  content: string,
  { name, speed = 1 }: ConversionOptions,
): LogScenario | undefined {
  return new LogConversion(parseAgentLog(content), new ScenarioBuilder(speed)).run(name);
}

/** How a line of the log is converted. */
type Rule = readonly [
  pattern: RegExp,
  convert: (conversion: LogConversion, line: LogLine, match: RegExpExecArray) => void,
];

/** The lines that show what the service did. The first rule that fits counts. */
const RULES: readonly Rule[] = [
  [/^Loading configuration/, (log, line) => log.restarted(line)],
  [
    /\b(?:Establishing a Websocket connection|Creating poll dialer)\b/,
    (log, line) => log.connecting(line),
  ],
  [/^Connected to ACS endpoint/, (log, line) => log.connected(line)],
  [
    /(?:Failed to connect to ACS|Error connecting to ACS)(.*)/i,
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
  [
    /^Received message of type: (\w+)/,
    (log, line, [, type = ""]) => log.message(line, type),
  ],
  [/^ACS activity occurred/, (log, line) => log.activity(line)],
];

/** Some fields of a task. */
interface LoggedTask {
  readonly arn: string | undefined;
  readonly family?: string | undefined;
  readonly version?: string | undefined;
}

/** The host of ACS in the URL of a connection. TCS has `ecs-t-1`. */
const ACS_HOST = /\b(ecs-a-[\w-]+)(?=\.)|host="(ecs-a-[\w-]+)/;

/** Activity this close to another message is that message, in ms. */
const SAME_MESSAGE_MS = 1_000;

class LogConversion {
  readonly #lines: readonly LogLine[];
  readonly #builder: ScenarioBuilder;
  readonly #notes: string[] = [];
  readonly #taskNames = new Map<string, string>();
  /** Whether the log has the type of each message, at level debug. */
  readonly #hasTypes: boolean;
  /** Whether the log has each message, with or without its type. */
  readonly #hasActivity: boolean;
  #isConnected = false;
  #hasConnected = false;
  #isSilent = false;
  #isAcs = false;
  #host: string | undefined;
  #error = "";
  #messageAt = 0;
  #lastAt = 0;
  #count = 0;

  constructor(lines: readonly LogLine[], builder: ScenarioBuilder) {
    this.#lines = lines;
    this.#builder = builder;
    this.#hasTypes = lines.some(({ text }) => text.startsWith("Received message of type: "));
    this.#hasActivity = this.#hasTypes ||
      lines.some(({ text }) => text.startsWith("ACS activity occurred"));
  }

  run(name: string): LogScenario | undefined {
    for (const line of this.#lines) {
      for (const [pattern, convert] of RULES) {
        const match = pattern.exec(line.text);
        if (match === null) continue;
        convert(this, line, match);
        break;
      }
    }
    if (this.#count === 0) return undefined;
    const [first, ...others] = this.#lines;
    const last = others.at(-1) ?? first;
    this.#builder.finally([{ expectNo: "problem", for: 0 }], last?.line ?? 1);
    const built = this.#builder.build({
      name,
      description: `Made from a log of amazon-ecs-agent, ${date(first)} to ${date(last)}.`,
      // Without messages in the log, the service's own pace is the best guess.
      emulator: { maxConnectionMs: 0, ...(this.#hasActivity && { heartbeatIntervalMs: 0 }) },
    });
    return { ...built, notes: this.#notes };
  }

  restarted(line: LogLine): void {
    if (this.#hasConnected) this.#note(line, "the agent was started again");
    this.#isConnected = false;
  }

  connecting(line: LogLine): void {
    const where = `${line.text} ${line.fields.get("url") ?? ""} ${line.fields.get("host") ?? ""}`;
    const [, inUrl, inField] = ACS_HOST.exec(where) ?? [];
    const host = inUrl ?? inField;
    this.#isAcs = host !== undefined;
    if (host === undefined) return;
    if (this.#host !== undefined && host !== this.#host) this.#rotate(line, host);
    this.#host = host;
    // The oldest agents do not say that they have connected.
    if (line.text.startsWith("Creating poll dialer")) this.connected(line);
  }

  connected(line: LogLine): void {
    if (this.#isConnected) return;
    this.#isConnected = true;
    this.#isSilent = false;
    this.#hasConnected = true;
    this.#expect({ expect: "connected" }, line);
    this.#builder.succeeded("upgrade");
    this.#builder.succeeded("discover");
  }

  disconnected(line: LogLine, reason: string): void {
    this.#assumeConnected(line);
    if (!this.#isConnected) return;
    this.#isConnected = false;
    // A connection that the agent itself closed is reported as closed here.
    const why = /closed network connection/.test(reason) && this.#error !== ""
      ? this.#error
      : reason;
    this.#error = "";
    if (!this.#isSilent) {
      const fault = endFault(why);
      this.#act({ do: "inject-fault", with: { fault } }, line);
    }
    this.#expect({ expect: "disconnected" }, line);
  }

  /** Older agents report closes of ACS and of TCS in the same words. What follows names TCS. */
  closed(line: LogLine, reason: string): void {
    const next = this.#lines[this.#lines.indexOf(line) + 1];
    if (next !== undefined && /\btcs\b/i.test(next.text)) return;
    this.disconnected(line, reason);
  }

  /** The reason for a disconnection that is reported next. */
  lastError(line: LogLine, reason: string): void {
    const isOfAcs = /acs/.test(line.fields.get("module") ?? "") || this.#isAcs;
    if (!isOfAcs) return;
    this.#error = reason;
    // The oldest agents report nothing else at once.
    if (line.text.startsWith("Error getting message from acs")) this.disconnected(line, reason);
  }

  /** The service sent nothing, not even heartbeats, until the agent closed the connection. */
  silent(line: LogLine): void {
    this.#assumeConnected(line);
    if (!this.#isConnected) return;
    if (!this.#hasActivity) {
      const at = Math.max(this.#lastAt, line.at - IDLE_TIMEOUT_MS);
      this.#act({ do: "inject-fault", with: { fault: STALL } }, { ...line, at });
    }
    this.#isSilent = true;
    this.disconnected(line, "");
  }

  refused(line: LogLine, reason: string): void {
    const fault = upgradeFault(reason);
    this.#count++;
    this.#builder.arm("upgrade", fault, moment(line));
    this.#expect({ expect: "refused", match: { request: "upgrade" } }, line);
    this.#isConnected = false;
  }

  notDiscovered(line: LogLine, reason: string): void {
    this.#count++;
    this.#builder.arm("discover", discoverFault(reason), moment(line));
    this.#expect({ expect: "refused", match: { request: "DiscoverPollEndpoint" } }, line);
  }

  notRegistered(line: LogLine, reason: string): void {
    const { exception = "ServerException", message = reason } = exceptionIn(reason);
    this.#builder.arm("api RegisterContainerInstance", {
      at: "api",
      operation: "RegisterContainerInstance",
      action: "refuse",
      status: /ServerException/.test(exception) ? 500 : 400,
      exception,
      message,
    }, moment(line));
    this.#note(line, "an agent that does not register is not refused");
  }

  payload(line: LogLine): void {
    const arn = line.fields.get("taskARN");
    const version = line.fields.get("taskVersion");
    if (line.fields.get("desiredStatus") === "STOPPED") return this.#stop(line, arn);
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

  /** A message at level debug. Payloads are in lines of their own, with their tasks. */
  message(line: LogLine, type: string): void {
    this.#assumeConnected(line);
    if (!this.#isConnected || type === "PayloadMessage") return;
    const newest = [...this.#taskNames.values()].at(-1);
    const name = `m${this.#count}`;
    const step = stepFor(type, newest);
    if (step === undefined) return this.#note(line, `the contents of a ${type} are not in the log`);
    this.#act({ ...step, as: name }, line);
    this.#expect({ expect: "ack", messageId: `$${name}.messageId` }, line);
  }

  /** Some message. Mostly a heartbeat, unless another line names it. */
  activity(line: LogLine): void {
    this.#assumeConnected(line);
    if (!this.#isConnected || this.#hasTypes) return;
    if (line.at - this.#messageAt < SAME_MESSAGE_MS) return;
    this.message(line, "HeartbeatMessage");
  }

  #stop(line: LogLine, arn: string | undefined): void {
    const name = this.#taskNames.get(arn ?? "");
    if (name === undefined) {
      return this.#note(line, "a task was stopped that was started before the log begins");
    }
    const stopped = `stop${this.#count}`;
    const taskArn = `$${name}.taskArn`;
    this.#act({ do: "stop-task", with: { taskArn }, as: stopped }, line);
    this.#expect({ expect: "ack", messageId: `$${stopped}.messageId` }, line);
  }

  /** The service gave another endpoint: the emulator serves it at a path. */
  #rotate(line: LogLine, host: string): void {
    this.#act({ do: "configure", with: { endpoint: `/${host}/` } }, line);
  }

  /** A truncated log may begin with the end of a connection. */
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

/** How long the agent takes to notice a silent service, in ms: one minute, and up to one of jitter. */
const IDLE_TIMEOUT_MS = 90_000;

const STALL: Fault = { at: "connection", action: "stall" };

function moment({ at, line }: Moment): Moment {
  return { at, line };
}

function date(line: LogLine | undefined): string {
  return line === undefined ? "?" : new Date(line.at).toISOString();
}

/** The step that sends a message of a type; `undefined` if the log does not have enough. */
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

/** How the service ended a connection, from the agent's words. */
function endFault(reason: string): Fault {
  const [, code, rest = ""] = /websocket: close (\d{4})(.*)/.exec(reason) ?? [];
  if (code !== undefined && code !== "1006") {
    const text = rest.replace(/^ \([^)]*\)/, "").replace(/^:? /, "").replace(/\].*$/, "");
    return { at: "connection", action: "close", code: Number(code), reason: text.slice(0, 100) };
  }
  if (/EOF/.test(reason) && reason !== "EOF") return { at: "connection", action: "end" };
  if (/reset by peer|broken pipe/.test(reason)) return { at: "connection", action: "reset" };
  if (/timeout/.test(reason)) return STALL;
  if (/^(?:valid reason|EOF|)$/.test(reason)) {
    return { at: "connection", action: "close", code: 1000, reason: CONNECTION_EXPIRED };
  }
  return { at: "connection", action: "end" };
}

/** Why an upgrade failed, as a fault. */
function upgradeFault(reason: string): Fault {
  const { exception, message } = exceptionIn(reason);
  if (exception !== undefined) {
    const status = /ServerException/.test(exception) ? 500 : 400;
    return { at: "upgrade", action: "refuse", status, exception, message };
  }
  if (/unexpected EOF|: EOF/.test(reason)) return { at: "upgrade", action: "end" };
  if (/timeout|deadline exceeded/i.test(reason)) return { at: "upgrade", action: "hang" };
  const [, body = ""] = /bad handshake.*?response: (.*)|response: (.*): websocket: bad handshake/
    .exec(reason) ?? [];
  if (/bad handshake/.test(reason)) return { at: "upgrade", action: "refuse", status: 503, body };
  return { at: "upgrade", action: "reset" };
}

/** Why DiscoverPollEndpoint failed, as a fault. */
function discoverFault(reason: string): Fault {
  const { exception, message } = exceptionIn(reason);
  if (exception !== undefined) {
    const [, status = /ServerException/.test(exception) ? "500" : "400"] =
      /status code: (\d{3})/i.exec(reason) ?? [];
    return { at: "discover", action: "refuse", status: Number(status), exception, message };
  }
  if (/timeout|deadline exceeded|canceled/i.test(reason)) return { at: "discover", action: "hang" };
  if (/EOF/.test(reason)) return { at: "discover", action: "end" };
  return { at: "discover", action: "reset" };
}

/** The service's exception in the agent's words: `InactiveInstanceException: …`. */
function exceptionIn(
  reason: string,
): { readonly exception?: string; readonly message: string } {
  const [, exception, message = ""] = /\b([A-Z]\w+Exception)\b:?\s*(.*)/s.exec(reason) ?? [];
  const [text = ""] = message.split("\n");
  return { ...(exception !== undefined && { exception }), message: text.trim() || "(no message)" };
}
