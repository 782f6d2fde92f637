/**
 * Passes everything that happens in a world to the invariants, and to the trace.
 *
 * @module
 */

import type { LogRecord } from "@logtape/logtape";
import type { SessionEventMap } from "../../session/reporting/events.ts";
import type { MetricAttributes } from "../../session/reporting/meter_provider.ts";
import type { AgentWatch } from "./agent.ts";
import type { Network, NetworkWatch } from "./network.ts";
import type { Trace } from "./trace.ts";
import type { World } from "./world.ts";

/** A message in transit. */
export interface PassingMessage {
  readonly type: string;
  readonly messageId: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The callbacks of an invariant; each is optional. */
export interface Checks {
  /** After each step of the simulation. */
  step?(): void;
  /** Every ten seconds of true time while the machine runs. */
  look?(): void;
  /** A process of the agent has started. */
  started?(): void;
  /** The session begins to connect to this host, and may ask for all credentials. */
  connecting?(host: string, asksForCredentials: boolean): void;
  /** The session calls ECS. */
  asking?(): void;
  /** An answer of ECS has reached the session. */
  answered?(body: string): void;
  /** The session has sent a message. */
  sent?(message: PassingMessage): void;
  /** A frame has reached the session's socket, whatever it contains. */
  heard?(): void;
  /** A message has reached the session's socket. */
  arrived?(message: PassingMessage): void;
  /** A message of the session has reached the service. */
  delivered?(): void;
  /** A handler has begun; a payload has a sequence number, a manifest a timeline. */
  handlerBegan?(lane: string, type: string, messageId: string, number: number | undefined): void;
  /** The handler of a message has done its work. */
  handled?(messageId: string): void;
  /** A handler has ended. */
  handlerEnded?(lane: string): void;
  /** A handler has begun to wait for an attachment. */
  attachmentBegan?(attachmentArn: string): void;
  /** It has ended. */
  attachmentEnded?(attachmentArn: string): void;
  /** The session has reported an event. */
  reported?(type: keyof SessionEventMap, detail: object): void;
  /** The session has logged a record. */
  logged?(record: LogRecord): void;
  /** A user stops the session. */
  stopping?(): void;
  /** The session calls the credentials function. */
  keysCalled?(isForced: boolean): void;
  /** That call has returned keys, after this time in ms. */
  keysArrived?(afterMs: number): void;
  /** The session has recorded a measurement. */
  measured?(instrument: string, attributes: MetricAttributes): void;
  /** The service complains about the agent. */
  complained?(problem: string): void;
  /** Agent and service have stopped permanently, and nothing is in transit any more. */
  over?(): void;
}

/** Observes one world. */
export class Observer implements NetworkWatch, AgentWatch {
  readonly #trace: Trace;
  #checks: readonly Checks[] = [];
  #loggedChecks: readonly Checks[] = [];
  #steps: readonly (() => void)[] = [];
  #world: World | undefined;
  #network: Network | undefined;
  /** What was counted. */
  readonly counts = { connects: 0, messages: 0 };

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  /** Observes a world; called once. */
  observe(world: World): void {
    this.#world = world;
    this.#network = world.network;
    const { events } = world.service.emulator;
    events.addEventListener("received", ({ detail: { type, messageId } }) => {
      this.#trace.add("service", `received ${type} ${messageId ?? ""}`);
      for (const check of this.#checks) check.delivered?.();
    });
    events.addEventListener("connected", ({ detail: { id } }) => {
      this.#trace.add("service", `connected ${id}`);
    });
    events.addEventListener("disconnected", ({ detail: { id, closeCode } }) => {
      this.#trace.add("service", `disconnected ${id} ${closeCode}`);
    });
    events.addEventListener("problem", ({ detail: { problem } }) => {
      this.#trace.add("service", `problem: ${problem}`);
      for (const check of this.#checks) check.complained?.(problem);
    });
  }

  /** Notifies these from now on. */
  notify(checks: readonly Checks[]): void {
    this.#checks = checks;
    this.#loggedChecks = checks.filter((check) => check.logged !== undefined);
    this.#steps = checks.flatMap((check) => check.step === undefined ? [] : [() => check.step?.()]);
  }

  step(): void {
    for (const step of this.#steps) step();
  }

  look(): void {
    for (const check of this.#checks) check.look?.();
  }

  over(): void {
    for (const check of this.#checks) check.over?.();
  }

  started(): void {
    this.#trace.add("agent", "started");
    for (const check of this.#checks) check.started?.();
  }

  connecting(process: number, host: string, asksForCredentials: boolean): void {
    if (process !== this.#network?.process) return;
    this.counts.connects += 1;
    this.#trace.add("agent", `connecting to ${host}`);
    for (const check of this.#checks) check.connecting?.(host, asksForCredentials);
  }

  asking(process: number): void {
    if (process !== this.#network?.process) return;
    this.#trace.add("agent", "asks ECS");
    for (const check of this.#checks) check.asking?.();
  }

  answered(process: number, body: string): void {
    if (process !== this.#network?.process) return;
    for (const check of this.#checks) check.answered?.(body);
  }

  sent(process: number, text: string): void {
    if (process !== this.#network?.process) return;
    const message = passing(text);
    if (message === undefined) return;
    for (const check of this.#checks) check.sent?.(message);
  }

  arrived(process: number, data: string | Uint8Array): void {
    if (process !== this.#network?.process) return;
    this.counts.messages += 1;
    for (const check of this.#checks) check.heard?.();
    const message = passing(data);
    if (message === undefined) return;
    for (const check of this.#checks) check.arrived?.(message);
  }

  handlerBegan(lane: string, type: string, messageId: string, number: number | undefined): void {
    for (const check of this.#checks) check.handlerBegan?.(lane, type, messageId, number);
  }

  handled(messageId: string): void {
    this.#trace.add("agent", `handled ${messageId}`);
    for (const check of this.#checks) check.handled?.(messageId);
  }

  handlerEnded(lane: string): void {
    for (const check of this.#checks) check.handlerEnded?.(lane);
  }

  attachmentBegan(attachmentArn: string): void {
    for (const check of this.#checks) check.attachmentBegan?.(attachmentArn);
  }

  attachmentEnded(attachmentArn: string): void {
    for (const check of this.#checks) check.attachmentEnded?.(attachmentArn);
  }

  logged(record: LogRecord): void {
    for (const check of this.#loggedChecks) check.logged?.(record);
  }

  stopping(): void {
    this.#trace.add("agent", "stops");
    for (const check of this.#checks) check.stopping?.();
  }

  keysCalled(isForced: boolean): void {
    for (const check of this.#checks) check.keysCalled?.(isForced);
  }

  keysArrived(afterMs: number): void {
    for (const check of this.#checks) check.keysArrived?.(afterMs);
  }

  measured(instrument: string, attributes: MetricAttributes): void {
    for (const check of this.#checks) check.measured?.(instrument, attributes);
  }

  reported<K extends keyof SessionEventMap>(type: K, detail: SessionEventMap[K]): void {
    this.#trace.add("session", `${type} ${summaryOf(detail)}`);
    if (type === "inactive") this.#world?.wasInactive();
    for (const check of this.#checks) check.reported?.(type, detail);
  }
}

/** The fields of an event that are short and the same on each runtime. */
const SUMMARY = [
  "type",
  "messageId",
  "reason",
  "description",
  "delayMs",
  "stage",
  "clean",
  "livedMs",
  "lane",
];

function summaryOf(detail: object): string {
  const words: string[] = [];
  for (const name of SUMMARY) {
    const value: unknown = Reflect.get(detail, name);
    if (value === undefined || typeof value === "object") continue;
    words.push(`${name}=${String(value)}`);
  }
  const end: unknown = Reflect.get(detail, "end");
  if (typeof end === "object" && end !== null) {
    words.push(`end=${String(Reflect.get(end, "kind"))}`);
  }
  const error: unknown = Reflect.get(detail, "error");
  if (error instanceof Error) words.push(`error=${error.name}`);
  return words.join(" ");
}

function passing(data: string | Uint8Array): PassingMessage | undefined {
  if (typeof data !== "string") return undefined;
  let frame: unknown;
  try {
    frame = JSON.parse(data);
  } catch {
    // Noise is not a message.
    return undefined;
  }
  if (!isFields(frame) || typeof frame["type"] !== "string" || !isFields(frame["message"])) {
    return undefined;
  }
  const fields = frame["message"];
  const { messageId } = fields;
  return { type: frame["type"], messageId: typeof messageId === "string" ? messageId : "", fields };
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
