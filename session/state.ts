/**
 * What a session is doing, and whether it is healthy.
 *
 * @module
 */

import type { LaneHealth } from "./dispatch/lane.ts";
import type { FailingHandler } from "./reporting/handler_watch.ts";
import type { ReconnectDecision } from "./reconnect_policy.ts";

/** What a session is doing. Times are ms since the epoch. */
export type SessionState =
  /** Not started. */
  | { readonly status: "idle" }
  /** Calling ECS for the ACS endpoint. */
  | { readonly status: "discovering"; readonly since: number }
  /** Opening a connection. */
  | { readonly status: "connecting"; readonly since: number; readonly host: string }
  /** Connected, receiving. */
  | { readonly status: "connected"; readonly since: number; readonly host: string }
  /** Waiting before the next attempt. */
  | {
    readonly status: "waiting";
    readonly since: number;
    /** The whole delay, in ms. */
    readonly delayMs: number;
    /** Why it waits. */
    readonly reason: ReconnectDecision["reason"];
  }
  /** Ended for good. */
  | { readonly status: "stopped"; readonly since: number };

/** Work that continues after its message was answered. */
export interface BackgroundHealth {
  /** The number of background jobs. */
  readonly count: number;
  /** How long ago the message of the oldest was received, in ms; 0 if there is none. */
  readonly oldestAgeMs: number;
}

/** Why a session is not ready. */
export type UnreadyReason =
  /** It was asked to stop. */
  | "stopping"
  /** It has no connection, beyond a routine reconnect. */
  | "not-connected"
  /** Discovery or connecting keeps failing. */
  | "failing"
  /** The connection, or those before it, delivered no message for too long. */
  | "silent"
  /** Connection after connection was lost within `timing.minUsefulConnectionMs`. */
  | "short-lived"
  /** The service resends messages that were answered over several connections. */
  | "answers-lost"
  /** A handler has been running for too long. */
  | "stuck"
  /** A message has been waiting for its handler for too long. */
  | "backlogged"
  /** A lane is full and refuses messages. */
  | "overflow";

/** Something that keeps a session from being ready. */
export interface HealthProblem {
  /** Its kind. */
  readonly reason: UnreadyReason;
  /** What it is, as text. */
  readonly text: string;
}

/** A snapshot of a session's health, for a readiness probe: plain data, for `JSON.stringify`. */
export interface SessionHealth {
  /**
   * Whether the service can reach the session and the session is working: it is connected, or has
   * been reconnecting for no longer than `timing.reconnectGraceMs` after a clean end; a message
   * arrived within the idle timeout, on this connection or the one before; its answers arrive; and
   * no lane is stuck, backlogged or full. Failing handlers do not count: a restart, which is what a
   * failed probe usually causes, does not fix the message that they fail on.
   */
  readonly ready: boolean;
  /** Why it is not ready, as text; empty if it is. */
  readonly problems: readonly string[];
  /** The reason of each of the problems, in the same order. */
  readonly reasons: readonly UnreadyReason[];
  /** What the session is doing. */
  readonly state: SessionState;
  /** When the last frame was received or the connection opened, in ms since the epoch. */
  readonly lastReceivedAt: number | undefined;
  /**
   * When the last message arrived that only a working service sends, in ms since the epoch: not
   * noise, not an ErrorMessage or another refusal, not a CloseMessage.
   */
  readonly lastMessageAt: number | undefined;
  /** The lanes in which messages are handled. */
  readonly lanes: readonly LaneHealth[];
  /**
   * Work that continues after its message was answered, such as waiting for a network interface.
   */
  readonly background: BackgroundHealth;
  /** The handlers whose last call failed, and how often in a row. */
  readonly failingHandlers: readonly FailingHandler[];
  /** Why the last attempt failed, until the next success. */
  readonly lastError: HealthError | undefined;
}

/** An error as plain data. */
export interface HealthError {
  /** Its name, such as `"ConnectError"`. */
  readonly name: string;
  /** Its message. */
  readonly message: string;
  /** The failure's code, such as `"ACS-N02"`, if it has one. */
  readonly code?: string | undefined;
  /** Whether retrying can succeed without human intervention. */
  readonly retryable: boolean;
}

/** The times that a session remembers; each is missing until the event has happened. */
export interface SessionTimes {
  /** When it first connected. */
  readonly firstConnectedAt?: Date;
  /** When it last connected. */
  readonly lastConnectedAt?: Date;
  /** When it last lost its connection. */
  readonly lastDisconnectedAt?: Date;
}
