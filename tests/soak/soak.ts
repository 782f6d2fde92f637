/**
 * One soak on one runtime, from the first session to the verdict.
 *
 * @module
 */

import { brokenBounds, CRITERIA, type Evidence, inMib } from "./criteria.ts";
import { startChild } from "./child.ts";
import type { AgentCommand, AgentCounts, AgentReport, PeerCommand, PeerReport } from "./report.ts";
import { denoArgs, type SoakRuntime } from "./runtimes.ts";

/** How a soak is run. */
export interface SoakOptions {
  /** How long the sessions are exposed to faults, in minutes. */
  readonly minutes: number;
  /** The number of sessions at a time. */
  readonly sessions: number;
  /** Chooses the faults. */
  readonly seed: number;
  /** Ends the soak early and cleanly. */
  readonly signal: AbortSignal;
  /** Prints a line. */
  readonly print: (line: string) => void;
}

/** The fraction of the time used for the warm-up, before the measurement. */
const WARM_UP = 0.2;

/**
 * Runs the soak and prints its progress.
 *
 * @returns The criteria that did not hold, as sentences; empty if it has passed.
 */
export async function soak(runtime: SoakRuntime, options: SoakOptions): Promise<string[]> {
  const { minutes, sessions, seed, signal } = options;
  const print = (line: string) => options.print(`${runtime.name.padEnd(13)}  ${line}`);
  const startedAt = performance.now();
  const minutesPassed = () => (performance.now() - startedAt) / 60_000;
  const numbers = [String(sessions), String(seed)];

  const peer = startChild<PeerReport, PeerCommand>({
    command: Deno.execPath(),
    args: [...denoArgs("tests/soak/peer.ts"), ...numbers],
  });
  const { url, keysUrl } = await peer.next("listening");
  const agent = startChild<AgentReport, AgentCommand>({
    ...runtime,
    args: [...runtime.args, url, keysUrl, ...numbers],
  }, (report) => print(describe(report)));
  try {
    const before = await agent.next("before");
    await pause(minutes * WARM_UP * 60_000, signal);
    const [warm] = [agent.next("warm"), agent.send("warmed")];
    const warmed = await warm;
    await pause((minutes - minutesPassed()) * 60_000, signal);
    const lasted = minutesPassed();
    const [calm] = [peer.next("calm"), peer.send("calm")];
    const { counts } = await calm;
    const [stop] = [agent.next("stopped"), agent.send("stop")];
    const stopped = await stop;
    peer.send("exit");
    const [alone] = [agent.next("alone"), agent.send("alone")];
    const evidence: Evidence = {
      minutes: lasted,
      sessions,
      before: before.figures,
      warm: warmed.figures,
      stopped: stopped.figures,
      alone: (await alone).figures,
      agent: stopped.counts,
      peer: counts,
    };
    for (const line of verdict(evidence)) print(line);
    return brokenBounds(evidence);
  } finally {
    peer.kill();
    agent.kill();
  }
}

/** One line: what has happened, if given, and the resources of the process. */
function describe(report: AgentReport): string {
  const { heapBytes, rssBytes, sockets, timers } = report.figures;
  const figures = [
    `heap ${inMib(heapBytes)}`,
    `rss ${inMib(rssBytes)}`,
    `sockets ${sockets ?? "unknown"}`,
    `timers ${timers}`,
  ].join(", ");
  if (!("counts" in report)) return `${report.kind}: ${figures}`;
  const { connects, failedAttempts, received, handled, sent } = report.counts;
  const counts = [
    `connects ${connects} (${failedAttempts} failed)`,
    `received ${received}`,
    `handled ${handled}`,
    `sent ${sent}`,
  ].join(", ");
  return `${report.kind}: ${counts}, ${figures}`;
}

function* verdict(evidence: Evidence): Iterable<string> {
  yield `faults: ${listed(evidence.peer.faults)}`;
  yield `in total: ${listed(evidence.agent)}`;
  for (const { what, found, holds } of CRITERIA) {
    yield `${holds(evidence) ? "holds" : "FAILS"}: ${what}: ${found(evidence)}`;
  }
}

function listed(counts: Readonly<Record<string, number>> | AgentCounts): string {
  return Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(", ");
}

/** Waits this many milliseconds, or less if the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || ms <= 0) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
