/**
 * Counts what happens while `acs run` runs, for its status, its last line and its exit code.
 *
 * @module
 */

import { formatDuration } from "./duration.ts";
import { EXIT_FAILURE } from "./exit.ts";
import type { ReportedEvent } from "./reported_event.ts";

/** What has happened so far. */
export class RunTally {
  /** How many attempts to connect have begun. */
  attempts = 0;
  /** How many of them have failed since the last connection. */
  failures = 0;
  /** How many connections there were. */
  connections = 0;
  /** How many messages were received. */
  received = 0;
  /** How many were sent. */
  sent = 0;
  /** How many were not answered. */
  dropped = 0;
  /** The code of the last failure, until the next connection. */
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

  /** 0 if there was a connection at any time, else 1. */
  get exitCode(): number {
    return this.connections > 0 ? 0 : EXIT_FAILURE;
  }

  /** How long it has been connected, in ms. */
  connectedMs(now: number): number {
    return this.#connectedMs + (this.#connectedAt === undefined ? 0 : now - this.#connectedAt);
  }
}

/** How a run ended. */
export interface RunEnding {
  /** How long it took, in ms. */
  readonly runMs: number;
  /** How long it was connected, in ms. */
  readonly connectedMs: number;
  /** The time limit for connecting that has passed, in ms; `undefined` if none has. */
  readonly expiredMs: number | undefined;
  /** Whether it was meant to end as soon as it was connected. */
  readonly isUntilConnected: boolean;
}

/** The last line: a summary of the run. */
export function lastLine(tally: RunTally, ending: RunEnding): string {
  const { attempts, connections, received, sent, dropped, code = "no answer yet" } = tally;
  const { connectedMs, expiredMs, isUntilConnected } = ending;
  const runTime = formatDuration(ending.runMs);
  const tries = count(attempts, "attempt");
  if (connections === 0) {
    const what = expiredMs === undefined
      ? "Stopped. Never connected"
      : `Not connected within ${formatDuration(expiredMs)}`;
    return `${what}: ${code} (${tries} in ${runTime}). Try: npx @acs/session doctor`;
  }
  if (isUntilConnected) return `Connected after ${runTime} and ${tries}.`;
  const again = connections === 1 ? "" : ` (${connections} connections)`;
  const messages = `${count(received, "message")} received, ${sent} sent`;
  const unanswered = dropped === 0 ? "" : `, ${dropped} not answered`;
  return `Stopped. Connected for ${formatDuration(connectedMs)} of ${runTime}${again}, ` +
    `${messages}${unanswered}.`;
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}
