/**
 * What `acs run` is doing, in a line or two that are redrawn while it continues.
 *
 * @module
 */

import type { SessionHealth } from "../session/state.ts";
import { formatDuration } from "./duration.ts";
import type { Signs } from "./terminal.ts";

/** The inputs of the status. */
export interface RunStatus {
  /** The session's health. */
  readonly health: SessionHealth;
  /** Whether the session was asked to stop. */
  readonly isStopping: boolean;
  /** The host of the ECS API. */
  readonly ecsHost: string;
  /** The host of the session's proxy; `undefined` if it connects directly. */
  readonly proxy: string | undefined;
  /** The time limit of one DiscoverPollEndpoint, in ms. */
  readonly discoverTimeoutMs: number;
  /** The time limit for opening a connection, in ms. */
  readonly connectTimeoutMs: number;
  /**
   * Start of the running search for AWS credentials, in ms since the epoch; `undefined` if there is
   * none.
   */
  readonly credentialsSince: number | undefined;
  /** How many attempts have failed since the last connection. */
  readonly failures: number;
  /** The code of the last failure, if there was one. */
  readonly code: string | undefined;
  /** How many tasks the agent has. */
  readonly tasks: number;
  /** How many messages were received. */
  readonly received: number;
  /** How many were sent. */
  readonly sent: number;
  /** How many were not answered. */
  readonly dropped: number;
}

/** When a hint is shown, in ms after the operation started. */
const HINTS_MS = [5_000, 15_000, 60_000] as const;

/**
 * The status.
 *
 * @param status Its inputs.
 * @param now The time, in ms since the epoch.
 * @param signs The symbols that the terminal can show.
 * @returns Its lines: what is in progress, and below it a hint if one helps.
 */
export function statusLines(status: RunStatus, now: number, signs: Signs): string[] {
  const { health: { state } } = status;
  const spinner = signs.spinner[Math.floor(now / 250) % signs.spinner.length] ?? "";
  const join = (sign: string, parts: readonly string[]) =>
    `${sign} ${parts.join(` ${signs.separator} `)}`;
  if (status.isStopping) {
    const running = status.health.lanes.filter(({ depth }) => depth > 0).length;
    const handlers = running === 0 ? [] : [`${count(running, "lane")} still handling messages`];
    return [join(signs.stopping, ["stopping", ...handlers, "^C again stops immediately"])];
  }
  if (state.status === "connected") {
    const { sign, parts } = connectedParts(status, now, signs);
    return [join(sign, parts)];
  }
  if (state.status === "waiting") {
    const left = Math.max(0, state.since + state.delayMs - now);
    const parts = [
      `next attempt in ${formatDuration(Math.ceil(left / 1000) * 1000)}`,
      ...(status.failures > 0 ? [count(status.failures, "failure")] : []),
      ...(status.code === undefined ? [] : [status.code]),
    ];
    return [join(signs.waiting, parts)];
  }
  const pending = pendingWork(status, now);
  if (pending === undefined) return [join(spinner, ["starting"])];
  const { what, elapsedMs, limitMs, host, hint } = pending;
  const limit = limitMs === undefined ? "" : ` of ${formatDuration(limitMs)}`;
  const elapsed = elapsedMs < 1000 ? [] : [`${formatDuration(elapsedMs)}${limit}`];
  const first = join(spinner, [what, ...elapsed, ...(host === undefined ? [] : [host])]);
  return hint === undefined ? [first] : [first, `  ${hint}`];
}

/** Something that the session waits for. */
export interface PendingWork {
  /** Such as `connecting`. */
  readonly what: string;
  /** When it began, in ms since the epoch. */
  readonly since: number;
  /** The time taken so far, in ms. */
  readonly elapsedMs: number;
  /** The time limit, in ms, if there is one. */
  readonly limitMs: number | undefined;
  /** The host that has to respond. */
  readonly host: string | undefined;
  /** The possible reason, once it takes unusually long. */
  readonly hint: string | undefined;
}

/**
 * Returns what the session is waiting for, if it waits for a response.
 *
 * @param status The inputs of the status.
 * @param now The time, in ms since the epoch.
 */
export function pendingWork(
  status: Omit<RunStatus, "tasks" | "received" | "sent" | "dropped">,
  now: number,
): PendingWork | undefined {
  const { health: { state }, credentialsSince } = status;
  if (state.status !== "discovering" && state.status !== "connecting") return undefined;
  if (credentialsSince !== undefined) {
    return pending("looking for AWS credentials", credentialsSince, now, {
      hints: [
        "the source of the credentials has not responded yet",
        "the metadata service or STS does not respond: check AWS_PROFILE and NO_PROXY",
        "run npx @acs/session doctor to find out which step fails",
      ],
    });
  }
  if (state.status === "discovering") {
    return pending("discovering ACS", state.since, now, {
      limitMs: status.discoverTimeoutMs,
      host: status.ecsHost,
      hints: hintsFor(status.ecsHost, status.proxy),
    });
  }
  return pending("connecting to ACS", state.since, now, {
    limitMs: status.connectTimeoutMs,
    host: state.host,
    hints: hintsFor(state.host, status.proxy),
  });
}

/** Hints, each short enough for 80 columns. */
function hintsFor(host: string, proxy: string | undefined): readonly string[] {
  return [
    `no answer from ${host} yet`,
    proxy === undefined
      ? "a firewall drops packets, or the host hangs: try npx @acs/session doctor"
      : `the proxy ${proxy} or the host behind it does not respond`,
    "run npx @acs/session doctor to find out which step fails",
  ];
}

function pending(
  what: string,
  since: number,
  now: number,
  { limitMs, host, hints }: {
    readonly limitMs?: number;
    readonly host?: string;
    readonly hints: readonly string[];
  },
): PendingWork {
  const elapsedMs = Math.max(0, now - since);
  const due = HINTS_MS.filter((ms) => elapsedMs >= ms).length;
  const hint = due === 0 ? undefined : hints[Math.min(due, hints.length) - 1];
  return { what, since, elapsedMs, limitMs, host, hint };
}

function connectedParts(
  status: RunStatus,
  now: number,
  signs: Signs,
): { sign: string; parts: string[] } {
  const { health, tasks, received, sent, dropped } = status;
  const [problem] = health.problems;
  const since = formatDuration(Math.floor((now - sinceOf(health)) / 1000) * 1000);
  // Before the first message there is a problem that resolves itself within a moment.
  if (problem !== undefined && health.lastMessageAt !== undefined) {
    return { sign: signs.warning, parts: ["connected", `not ready: ${problem}`] };
  }
  const heard = health.lastReceivedAt === undefined
    ? []
    : [`heard ${formatDuration(Math.floor((now - health.lastReceivedAt) / 1000) * 1000)} ago`];
  return {
    sign: signs.connected,
    parts: [
      `connected ${since}`,
      ...heard,
      count(tasks, "task"),
      `${signs.received} ${received} ${signs.sent} ${sent}`,
      ...(dropped === 0 ? [] : [`${dropped} not answered`]),
      "^C stops",
    ],
  };
}

function sinceOf({ state }: SessionHealth): number {
  return state.status === "connected" ? state.since : Date.now();
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}
