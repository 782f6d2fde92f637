/**
 * The messages between the processes of a soak: plain data, one JSON object per line.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";

/** The resources used by a process with sessions at one moment, after garbage collection. */
export interface Figures {
  /** Bytes of the JavaScript heap in use. */
  readonly heapBytes: number;
  /** Resident memory of the process, in bytes. */
  readonly rssBytes: number;
  /** Open sockets, as counted by the operating system; missing if it does not expose them. */
  readonly sockets?: number | undefined;
  /** Timers that keep the process alive. */
  readonly timers: number;
  /** Everything else that keeps the process alive, as the runtime counts it. */
  readonly otherResources: number;
  /** Listeners on the process and on the signal that all sessions share. */
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
  /** Calls to handlers, successful or not. */
  handled: number;
  /** Calls to handlers that failed. */
  handlerFailures: number;
  /** Messages that were sent, most of them answers. */
  sent: number;
  /** Messages and frames that were not answered. */
  dropped: number;
  /** Handlers that occupied their lane for too long. */
  stuck: number;
  /** Times that the service called the instance inactive. */
  inactive: number;
  /** Unhandled rejections and uncaught errors. */
  unhandled: number;
}

/** What a service has done so far. */
export interface PeerCounts {
  /** Messages that require an answer. */
  readonly posted: number;
  /** The answered ones of these. */
  readonly answered: number;
  /** Faults, by kind. */
  readonly faults: Readonly<Record<string, number>>;
}

/** The reports of a process with sessions. */
export type AgentReport =
  /** What has happened so far. */
  | { readonly kind: "progress"; readonly counts: AgentCounts; readonly figures: Figures }
  /** No session has been created yet. */
  | { readonly kind: "before"; readonly figures: Figures }
  /** All sessions of the warm-up have stopped. */
  | { readonly kind: "warm"; readonly figures: Figures }
  /** All sessions have stopped. */
  | { readonly kind: "stopped"; readonly counts: AgentCounts; readonly figures: Figures }
  /** The service has stopped, too. */
  | { readonly kind: "alone"; readonly figures: Figures };

/** Its commands. */
export type AgentCommand = "warmed" | "stop" | "alone";

/** The reports of a process that plays the service. */
export type PeerReport =
  /**
   * It is listening: at the URL of the ECS API, and at a URL that returns the keys to sign with.
   */
  | { readonly kind: "listening"; readonly url: string; readonly keysUrl: string }
  /** There are no more faults, and everything sent is answered, or time is up. */
  | { readonly kind: "calm"; readonly counts: PeerCounts };

/** Its commands. */
export type PeerCommand = "calm" | "exit";

/** Sends a report to the parent process. */
export function report(message: AgentReport | PeerReport): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/**
 * Listens to the parent process, and exits when that is gone. Ctrl-C is left to the parent.
 *
 * @param command Called with each line.
 */
export function onCommand(command: (line: string) => void): void {
  process.on("SIGINT", () => {});
  const lines = createInterface(process.stdin);
  lines.on("line", command);
  lines.on("close", () => process.exit(1));
}
