/**
 * What the processes of a soak tell each other: plain data, one JSON object a line.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";

/** What a process that holds sessions has taken of the machine at one moment, garbage collected. */
export interface Figures {
  /** Bytes of the JavaScript heap in use. */
  readonly heapBytes: number;
  /** Bytes of the process in memory. */
  readonly rssBytes: number;
  /** Open sockets, as the system counts them; missing where it does not tell. */
  readonly sockets?: number | undefined;
  /** Timers that keep the process alive. */
  readonly timers: number;
  /** Everything else that keeps the process alive, as the runtime counts it. */
  readonly otherResources: number;
  /** Listeners to the process and to the signal that all sessions share. */
  readonly listeners: number;
  /** Sessions that are not stopped, or not collected. */
  readonly sessions: number;
  /** Connections that are not collected. */
  readonly connections: number;
}

/** What the sessions of a process have done so far. */
export interface AgentCounts {
  /** Sessions that were started. */
  sessions: number;
  /** Connections that were opened. */
  connects: number;
  /** Attempts that failed. */
  failedAttempts: number;
  /** Messages that were decoded. */
  received: number;
  /** Calls of handlers, well or not. */
  handled: number;
  /** Calls of handlers that failed. */
  handlerFailures: number;
  /** Messages that were sent, most of them answers. */
  sent: number;
  /** Messages and frames that were not answered. */
  dropped: number;
  /** Handlers that held their lane for too long. */
  stuck: number;
  /** Times that the service called the instance inactive. */
  inactive: number;
  /** Rejections that nobody handled, and errors that nobody caught. */
  unhandled: number;
}

/** What a service has done so far. */
export interface PeerCounts {
  /** Messages that ask for an answer. */
  readonly posted: number;
  /** Of these, the ones that were answered. */
  readonly answered: number;
  /** Faults, by what goes wrong. */
  readonly faults: Readonly<Record<string, number>>;
}

/** What a process that holds sessions says. */
export type AgentReport =
  /** What has happened so far. */
  | { readonly kind: "progress"; readonly counts: AgentCounts; readonly figures: Figures }
  /** No session has been made yet. */
  | { readonly kind: "before"; readonly figures: Figures }
  /** All sessions of the warm-up have stopped. */
  | { readonly kind: "warm"; readonly figures: Figures }
  /** All sessions have stopped. */
  | { readonly kind: "stopped"; readonly counts: AgentCounts; readonly figures: Figures }
  /** The service has gone, too. */
  | { readonly kind: "alone"; readonly figures: Figures };

/** What it is told. */
export type AgentCommand = "warmed" | "stop" | "alone";

/** What a process that plays the service says. */
export type PeerReport =
  /** It listens: at the URL of the ECS API, and at one that tells the keys to sign with. */
  | { readonly kind: "listening"; readonly url: string; readonly keysUrl: string }
  /** There are no more faults, and all that was posted is answered, or time is up. */
  | { readonly kind: "calm"; readonly counts: PeerCounts };

/** What it is told. */
export type PeerCommand = "calm" | "exit";

/** Says something to the process that started this one. */
export function report(message: AgentReport | PeerReport): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/**
 * Listens to the process that started this one, and ends when that one has gone. Ctrl-C is left to it.
 *
 * @param command Is called with each line.
 */
export function onCommand(command: (line: string) => void): void {
  process.on("SIGINT", () => {});
  const lines = createInterface(process.stdin);
  lines.on("line", command);
  lines.on("close", () => process.exit(1));
}
