/**
 * Converts a trace to a scenario: the service's actions become steps, the agents' become
 * expectations.
 *
 * @module
 */

import { isJsonObject } from "../../internal/json.ts";
import { CONNECTION_REPLACED } from "../../protocol/close.ts";
import { withoutSecrets } from "../../protocol/secrets.ts";
import { isReceivedMessageType } from "../../protocol/message_types.ts";
import { expectedAnswer } from "../../protocol/answers.ts";
import type { TranscriptEntry } from "../acs/transcript_entry.ts";
import { filledFields } from "../acs/filled_fields.ts";
import { isApiOperation } from "../api/api_input.ts";
import { checkFault } from "../faults/check_fault.ts";
import type { Fault } from "../faults/fault.ts";
import type { ScenarioStep } from "../scenario/scenario.ts";
import type { Trace } from "../trace/trace.ts";
import { type BuiltScenario, type Moment, ScenarioBuilder } from "./scenario_builder.ts";

/** How a trace is converted to a scenario. */
export interface ConversionOptions {
  /**
   * Factor by which the service acts faster than recorded.
   *
   * @default 1
   */
  readonly speed?: number;
  /** The name of the scenario. */
  readonly name: string;
}

/**
 * Converts a trace to a scenario.
 *
 * @param trace The trace.
 * @param options The scenario's name and speed.
 * @returns The scenario, and the line of the trace for each step.
 */
export function scenarioFromTrace(
  trace: Trace,
  { speed = 1, name }: ConversionOptions,
): BuiltScenario {
  const conversion = new Conversion(trace, new ScenarioBuilder(speed));
  return conversion.run(name);
}

/** API calls of agents. All others are made by tools. */
const AGENT_CALLS: ReadonlySet<string> = new Set([
  "RegisterContainerInstance",
  "SubmitTaskStateChange",
  "SubmitContainerStateChange",
  "SubmitAttachmentStateChanges",
  "UpdateContainerInstancesState",
  "ListTagsForResource",
]);

/** Faults that end a connection. */
const ENDING: ReadonlySet<Fault["action"]> = new Set(["close", "end", "reset", "halfFrame"]);

/** Time at the end of a scenario in which no more answers may arrive, in ms. */
const QUIET_MS = 200;

/** One agent of a trace. */
interface Agent {
  /** The name of the step for its first connection; `undefined` before that. */
  name: string | undefined;
  /** Whether an endpoint was discovered for it. */
  hasDiscovered: boolean;
}

class Conversion {
  readonly #trace: Trace;
  readonly #builder: ScenarioBuilder;
  /** The agents by the ARNs of their container instances. */
  readonly #agents = new Map<string, Agent>();
  readonly #hasSeveral: boolean;
  /** References to the ids of messages, by the recorded ids. */
  readonly #ids = new Map<string, string>();
  /** The types of the service's messages, by the recorded ids. */
  readonly #types = new Map<string, string>();
  /** The connection that each message was last sent on, by the recorded ids. */
  readonly #sentOver = new Map<string, number | undefined>();
  /** Connections that an injected fault ends. */
  readonly #ending = new Set<number>();
  /** Whether the next `refused` entry was caused by an injected fault. */
  #hasHitRequest = false;
  #newestConnection = 0;
  #hasResent = false;
  readonly #received = new Set<string>();
  #names = 0;

  constructor(trace: Trace, builder: ScenarioBuilder) {
    this.#trace = trace;
    this.#builder = builder;
    const connected = trace.entries.filter(({ event }) => event === "connected");
    const arns = new Set(connected.map(({ containerInstanceArn }) => containerInstanceArn));
    this.#hasSeveral = arns.size > 1;
  }

  run(name: string): BuiltScenario {
    const { entries, header } = this.#trace;
    const over = trailingEnds(entries);
    this.#createClusters();
    for (const [index, entry] of entries.entries()) {
      if (over.has(index)) continue;
      this.#convert(entry, { at: entry.at, line: index + 2 });
    }
    this.#builder.finally(this.#lastSteps(), entries.length + 1);
    return this.#builder.build({
      name,
      description: `Made from a trace of ${header.producer}, ${header.recordedAt}.`,
      emulator: {
        // The steps contain everything that the service sends, so it must not send anything itself.
        heartbeatIntervalMs: 0,
        maxConnectionMs: 0,
        answerTaskStopVerification: false,
        ...(header.region !== undefined && { region: header.region }),
      },
    });
  }

  #convert(entry: TranscriptEntry, moment: Moment): void {
    switch (entry.event) {
      case "discovered":
        return this.#discovered(entry, moment);
      case "connected":
        return this.#connected(entry, moment);
      case "disconnected":
        return this.#disconnected(entry, moment);
      case "sent":
        return this.#sent(entry, moment);
      case "received":
        return this.#receivedFrom(entry, moment);
      case "apiCall":
        return this.#apiCall(entry, moment);
      case "refused":
        return this.#refused(entry, moment);
      case "fault":
        return this.#fault(entry, moment);
      case "problem":
        return this.#builder.expect({ expect: "problem", ...this.#of(entry) }, moment);
      case "failure":
      case "taskStateChanged":
      case "telemetry":
        return;
    }
  }

  /** Creates the clusters that agents register in; only `default` exists already. */
  #createClusters(): void {
    const names = this.#trace.entries.flatMap(({ event, request, message }) => {
      if (event !== "apiCall" || request !== "RegisterContainerInstance") return [];
      const cluster = isJsonObject(message) ? message.cluster : undefined;
      return typeof cluster === "string" && cluster !== "default" ? [cluster] : [];
    });
    for (const name of new Set(names)) {
      const clusterName = name.split("/").at(-1);
      const input = { operation: "CreateCluster", input: { clusterName } };
      const [first] = this.#trace.entries;
      this.#builder.act({ do: "call-api", with: input }, { at: first?.at ?? 0, line: 1 });
    }
  }

  #discovered(entry: TranscriptEntry, moment: Moment): void {
    const agent = this.#agentOf(entry);
    if (!agent.hasDiscovered && agent.name === undefined) {
      this.#builder.expect({ expect: "discovered" }, moment);
    }
    agent.hasDiscovered = true;
    this.#builder.succeeded("discover");
  }

  #connected(entry: TranscriptEntry, moment: Moment): void {
    const agent = this.#agentOf(entry);
    this.#endPrevious(entry, moment);
    const { connectionId = 0, sendCredentials } = entry;
    const isFirst = agent.name === undefined;
    this.#newestConnection = Math.max(this.#newestConnection, connectionId);
    this.#builder.expect({
      expect: "connected",
      ...(isFirst ? {} : this.#of(entry)),
      // Only the first connection after an agent's start requests credentials; a replay may not
      // restart it.
      ...(isFirst && sendCredentials !== undefined && { match: { sendCredentials } }),
      ...(isFirst && { as: this.#name("agent") }),
    }, moment);
    agent.name ??= this.#lastName;
    this.#builder.succeeded("upgrade");
    this.#builder.succeeded("connection");
  }

  /**
   * Ends the agent's previous connection, if the trace has its end only after the new connection.
   */
  #endPrevious({ number, containerInstanceArn }: TranscriptEntry, moment: Moment): void {
    for (const later of this.#trace.entries) {
      const isOfPrevious = later.number > number && later.event === "disconnected" &&
        later.containerInstanceArn === containerInstanceArn &&
        (later.connectionId ?? 0) <= this.#newestConnection;
      if (isOfPrevious) this.#end(later, moment);
    }
  }

  /** Ends a connection as the service did, unless that has been done. */
  #end(entry: TranscriptEntry, moment: Moment): void {
    const { connectionId = 0 } = entry;
    const fault = serviceEndFault(entry);
    if (fault === undefined || this.#ending.has(connectionId)) return;
    this.#builder.act({ do: "inject-fault", with: { fault, ...this.#of(entry) } }, moment);
    this.#ending.add(connectionId);
  }

  #disconnected(entry: TranscriptEntry, moment: Moment): void {
    const { connectionId = 0, closeCode, serviceEnd } = entry;
    this.#end(entry, moment);
    // An agent's response to a close frame does not matter, but the code with which it closes does.
    const isAgentsOwn = serviceEnd === undefined && !this.#ending.has(connectionId) &&
      closeCode !== undefined && closeCode !== 1006;
    this.#builder.expect({
      expect: "disconnected",
      ...this.#of(entry),
      ...(isAgentsOwn && { match: { closeCode } }),
    }, moment);
  }

  #sent(entry: TranscriptEntry, moment: Moment): void {
    const { type, messageId = "", connectionId, raw } = entry;
    const wasSentOver = this.#sentOver.get(messageId);
    if (messageId !== "") this.#sentOver.set(messageId, connectionId);
    if (entry.resent) {
      this.#hasResent = true;
      // The emulator itself resends unanswered messages on a new connection.
      if (wasSentOver !== connectionId) return this.#builder.skip(moment);
    }
    if (raw !== undefined || type === undefined || !isReceivedMessageType(type)) {
      return this.#builder.act(
        { do: "send-raw", with: { ...this.#of(entry), ...rawInput(entry) } },
        moment,
      );
    }
    const isAnswered = expectedAnswer(type) !== undefined;
    const known = this.#ids.get(messageId);
    const as = isAnswered && known === undefined ? this.#name("m") : undefined;
    if (as !== undefined && messageId !== "") this.#ids.set(messageId, `$${as}.messageId`);
    this.#types.set(messageId, type);
    const named = as === undefined ? {} : { as };
    if (type === "HeartbeatMessage" && known === undefined) {
      const to = this.#of(entry);
      const input = Object.keys(to).length === 0 ? {} : { with: to };
      return this.#builder.act({ do: "send-heartbeat", ...input, ...named }, moment);
    }
    const content = this.#content(entry.message, type, known);
    const input = { ...this.#of(entry), type, message: content, plain: true };
    this.#builder.act({ do: "send", with: input, ...named }, moment);
  }

  /** A message without the fields that the emulator fills in. */
  #content(
    message: unknown,
    type: Parameters<typeof filledFields>[0],
    messageId: string | undefined,
  ): object {
    if (!isJsonObject(message)) return {};
    const filled = filledFields(type);
    const { messageId: _, ...rest } = message;
    const dropped = new Set([
      ...(filled.arns ? ["clusterArn", "containerInstanceArn"] : []),
      ...(filled.generatedAt ? ["generatedAt"] : []),
      ...(filled.seqNum ? ["seqNum"] : []),
      ...(filled.timeline ? ["timeline"] : []),
    ]);
    const content = Object.entries(rest).filter(([name]) => !dropped.has(name));
    return {
      ...Object.fromEntries(content.map(([name, value]) => [name, escaped(value)])),
      ...(messageId !== undefined && { messageId }),
    };
  }

  #receivedFrom(entry: TranscriptEntry, moment: Moment): void {
    const { type, messageId = "", answers, message, connectionId = 0, raw } = entry;
    // It is a race whether an agent still answers while the connection ends.
    if (this.#ending.has(connectionId)) return this.#builder.skip(moment);
    if (type === undefined || raw !== undefined) {
      // Only the recorder records such a frame; the emulator reports a problem.
      return this.#builder.expect({ expect: "problem", ...this.#of(entry) }, moment);
    }
    const reference = this.#ids.get(messageId);
    const answered = this.#types.get(messageId);
    const title = answered === undefined ? type : `${type} for the ${answered}`;
    if (answers && type !== "NackRequest" && reference !== undefined) {
      const content = contentOf(message);
      this.#builder.expect({
        title,
        expect: "ack",
        type,
        messageId: reference,
        ...(content !== undefined && { match: { message: content } }),
      }, moment);
    } else {
      const content = contentOf(message);
      const as = reference === undefined && messageId !== "" ? this.#name("r") : undefined;
      if (as !== undefined) this.#ids.set(messageId, `$${as}.messageId`);
      this.#builder.expect({
        title,
        expect: "message",
        type,
        ...this.#of(entry),
        ...(reference !== undefined && { messageId: reference }),
        ...(content !== undefined && { match: { message: content } }),
        ...(as !== undefined && { as }),
      }, moment);
    }
    this.#received.add(type);
  }

  #apiCall({ request = "", message }: TranscriptEntry, moment: Moment): void {
    if (!AGENT_CALLS.has(request)) return;
    const content = reported(message);
    const { status } = { status: undefined, ...content };
    this.#builder.expect({
      title: status === undefined ? request : `${request} ${status}`,
      expect: "apiCall",
      match: { request, ...(content !== undefined && { message: content }) },
    }, moment);
    this.#builder.succeeded(`api ${request}`);
  }

  #refused(entry: TranscriptEntry, moment: Moment): void {
    const { request = "", status, exception } = entry;
    const isRecordedFault = this.#hasHitRequest;
    this.#hasHitRequest = false;
    const fault = isRecordedFault ? undefined : refusalFault(entry);
    if (fault === undefined && !isRecordedFault) return;
    if (fault !== undefined) this.#builder.arm(kindOf(fault), fault, moment);
    const answer = [status ?? "no answer", exception].filter((part) => part).join(" ");
    this.#builder.expect({
      title: `refused ${request}: ${answer}`,
      expect: "refused",
      match: {
        request,
        ...(status !== undefined && { status }),
        ...(exception !== undefined && exception !== "" && { exception: escaped(exception) }),
      },
    }, moment);
  }

  #fault({ injected: recorded, connectionId }: TranscriptEntry, moment: Moment): void {
    const injected = recorded === undefined ? undefined : checked(escaped(recorded));
    if (injected === undefined) return;
    if (injected.at !== "connection") {
      this.#hasHitRequest = injected.action !== "endpoint";
      return this.#builder.arm(kindOf(injected), injected, moment);
    }
    const { afterMs: _, ...fault } = injected;
    if (ENDING.has(fault.action) && connectionId !== undefined) this.#ending.add(connectionId);
    // A fault that was injected before the connection existed comes before `connected`.
    if ((connectionId ?? 0) > this.#newestConnection) {
      return this.#builder.arm("connection", fault, moment);
    }
    this.#builder.act({ do: "inject-fault", with: { fault } }, moment);
  }

  /** Expects that nothing else happened. */
  #lastSteps(): ScenarioStep[] {
    const problem: ScenarioStep[] = this.#hasUnrecordedProblems()
      ? []
      : [{ expectNo: "problem", for: 0, since: "start" }];
    // It is a race whether an agent answers a message before or after its connection ends.
    if (this.#hasResent || this.#ending.size > 0) return problem;
    const quiet = ["AckRequest", "NackRequest", "IAMRoleCredentialsAckRequest"].map(
      (type, index): ScenarioStep => ({
        expectNo: "message",
        type,
        for: index === 0 ? QUIET_MS : 0,
        since: "start",
        title: `no other ${type}`,
      }),
    );
    return [...quiet, ...problem];
  }

  /**
   * Whether the emulator will report problems that the trace does not have: the recorder does not
   * judge what an agent sends.
   */
  #hasUnrecordedProblems(): boolean {
    const { entries, header } = this.#trace;
    if (header.upstream === undefined) return false;
    return entries.some(({ event, type, answers, messageId = "" }) =>
      event === "received" && !answers && type !== "TaskStopVerificationMessage" &&
      !(type === "IAMRoleCredentialsAckRequest" && this.#types.get(messageId) === "PayloadMessage")
    );
  }

  /** Selects the agent of an entry, if the trace has more than one. */
  #of(entry: TranscriptEntry): { readonly containerInstanceArn?: string } {
    const { name } = this.#agentOf(entry);
    if (!this.#hasSeveral || name === undefined) return {};
    return { containerInstanceArn: `$${name}.containerInstanceArn` };
  }

  #agentOf({ containerInstanceArn = "" }: TranscriptEntry): Agent {
    const known = this.#agents.get(containerInstanceArn);
    const agent = known ?? { name: undefined, hasDiscovered: false };
    this.#agents.set(containerInstanceArn, agent);
    return agent;
  }

  #lastName = "";

  #name(prefix: string): string {
    this.#names += 1;
    this.#lastName = `${prefix}${this.#names}`;
    return this.#lastName;
  }
}

/**
 * The indices of the entries at the end in which agents disconnect because the recording was
 * stopped.
 */
function trailingEnds(entries: readonly TranscriptEntry[]): ReadonlySet<number> {
  const ends = new Set<number>();
  const seen = new Set<string>();
  for (let index = entries.length - 1; index >= 0; index--) {
    const { event, containerInstanceArn = "", serviceEnd, request } = entries[index] ?? {};
    if (event === "telemetry" || event === "taskStateChanged") continue;
    // Agents drain their instance when they are stopped.
    if (event === "apiCall" && request === "UpdateContainerInstancesState") {
      if (ends.size > 0) ends.add(index);
      continue;
    }
    if (!seen.has(containerInstanceArn) && event === "disconnected" && serviceEnd === undefined) {
      ends.add(index);
    }
    seen.add(containerInstanceArn);
  }
  return ends;
}

/**
 * How the service ended a connection, as a fault; `undefined` if the agent ended it or a newer
 * connection replaced it.
 */
function serviceEndFault(entry: TranscriptEntry): Fault | undefined {
  const { serviceEnd, serviceCloseCode = null, serviceCloseReason = "" } = entry;
  if (serviceEnd === undefined) return undefined;
  if (serviceEnd !== "close") return { at: "connection", action: serviceEnd };
  if (serviceCloseReason.startsWith(CONNECTION_REPLACED)) return undefined;
  const reason = escapedText(serviceCloseReason);
  return { at: "connection", action: "close", code: serviceCloseCode, reason };
}

/** A refusal as a fault; `undefined` if it cannot be injected. */
function refusalFault(entry: TranscriptEntry): Fault | undefined {
  const { request = "", status, serviceEnd } = entry;
  const [exception, reason] = [entry.exception, entry.reason].map((text = "") => escapedText(text));
  const place = placeOf(request);
  if (place === undefined) return undefined;
  if (status === undefined) {
    return checked({ ...place, action: serviceEnd === "end" ? "end" : "reset" });
  }
  // A response without an exception's name came from a proxy, not from the service.
  const content = exception === "" ? { body: reason } : { exception, message: reason };
  return checked({ ...place, action: "refuse", status, ...content });
}

/** Where the fault of a request is injected. */
function placeOf(request: string): Readonly<Record<string, string>> | undefined {
  if (request === "upgrade") return { at: "upgrade" };
  if (request === "telemetry upgrade") return { at: "upgrade", service: "tcs" };
  if (request === "DiscoverPollEndpoint") return { at: "discover" };
  return isApiOperation(request) ? { at: "api", operation: request } : undefined;
}

/** The fault, or `undefined` if its values are out of range, such as a status of 101. */
function checked(candidate: unknown): Fault | undefined {
  try {
    checkFault(candidate);
    return candidate;
  } catch {
    // Cannot be injected, so it is left out.
    return undefined;
  }
}

/** The kind of request that a fault hits. */
function kindOf(fault: Fault): string {
  switch (fault.at) {
    case "api":
      return `api ${fault.operation ?? ""}`;
    case "upgrade":
      return fault.service === "tcs" ? "telemetry upgrade" : "upgrade";
    case "discover":
    case "connection":
      return fault.at;
  }
}

/**
 * The input of `send-raw` for a frame that was not a message. Content that the trace lacks is
 * replaced by `x`s or zeros.
 */
function rawInput({ type, message, bytes = 0, raw }: TranscriptEntry): object {
  if (type !== undefined) return { text: escapedText(JSON.stringify({ type, message })) };
  if (raw === "binary") return { base64: zeros(bytes) };
  return { text: "x".repeat(bytes) };
}

/** Zero bytes in base64. */
function zeros(bytes: number): string {
  const rest = bytes % 3;
  const whole = "A".repeat((bytes - rest) / 3 * 4);
  return rest === 0 ? whole : `${whole}${rest === 1 ? "AA==" : "AAA="}`;
}

/** The contents of an agent's message without ids, which differ between runs. */
function contentOf(message: unknown): object | undefined {
  // The transcript that it is compared with has no secrets, either.
  const known = withoutSecrets(message);
  if (!isJsonObject(known)) return undefined;
  const { messageId: _, cluster: _cluster, containerInstance: _instance, ...rest } = known;
  const content = Object.entries(rest).filter(([, value]) => value !== null && value !== undefined);
  if (content.length === 0) return undefined;
  return Object.fromEntries(content.map(([name, value]) => [name, escaped(value)]));
}

/** The contents of a state change, without times and container ids, which differ between runs. */
function reported(input: unknown): object | undefined {
  if (!isJsonObject(input)) return undefined;
  const { task, status, containers } = input;
  const reports = Array.isArray(containers)
    ? containers.flatMap((container: unknown) => {
      if (!isJsonObject(container)) return [];
      const { containerName, status, exitCode } = container;
      return [withoutMissing({ containerName, status, exitCode })];
    })
    : [];
  const content = withoutMissing({ task, status });
  if (Object.keys(content).length === 0) return undefined;
  return { ...content, ...(reports.length > 0 && { containers: reports }) };
}

function withoutMissing(value: object): object {
  const known = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
  return Object.fromEntries(known.map(([name, field]) => [name, escaped(field)]));
}

/** Escapes strings that would otherwise be interpreted as references. */
function escaped(value: unknown): unknown {
  if (typeof value === "string") return escapedText(value);
  if (Array.isArray(value)) return value.map(escaped);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, escaped(field)]));
}

function escapedText(text: string): string {
  return text.startsWith("$") ? `$${text}` : text;
}
