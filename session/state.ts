/**
 * What a session is doing, and whether that is well.
 *
 * @module
 */

import type { LaneHealth } from "./dispatch/lane.ts";
import type { ReconnectDecision } from "./reconnect_policy.ts";

/** What a session is doing. Times are ms since the epoch. */
export type SessionState =
  /** Not started. */
  | { readonly status: "idle" }
  /** Asking ECS where ACS is. */
  | { readonly status: "discovering"; readonly since: number }
  /** Opening a connection. */
  | { readonly status: "connecting"; readonly since: number; readonly host: string }
  /** Connected, receiving. */
  | { readonly status: "connected"; readonly since: number; readonly host: string }
  /** Waiting before the next attempt. */
  | {
    readonly status: "waiting";
    readonly since: number;
    /** How long in all, in ms. */
    readonly delayMs: number;
    /** Why it waits. */
    readonly reason: ReconnectDecision["reason"];
  }
  /** Ended for good. */
  | { readonly status: "stopped"; readonly since: number };

/** Work that goes on after its message was answered. */
export interface BackgroundHealth {
  /** How many pieces. */
  readonly count: number;
  /** How long ago the message of the oldest was received, in ms; 0 when there is none. */
  readonly oldestAgeMs: number;
}

/** A snapshot of a session's health, for a readiness probe. */
export interface SessionHealth {
  /** Whether the session is connected, hears from the service, and handles what it receives. */
  readonly ready: boolean;
  /** Why it is not ready, in words; empty when it is. */
  readonly problems: readonly string[];
  /** What the session is doing. */
  readonly state: SessionState;
  /** When the last frame was received or the connection opened, in ms since the epoch. */
  readonly lastReceivedAt: number | undefined;
  /** The lanes that messages are handled in. */
  readonly lanes: readonly LaneHealth[];
  /** Work that goes on after its message was answered, such as waiting for a network interface. */
  readonly background: BackgroundHealth;
  /** Why the last attempt failed, until the next success. */
  readonly lastError: Error | undefined;
}

/** The times that a session remembers; each is missing until it has happened. */
export interface SessionTimes {
  /** When it was first connected. */
  readonly firstConnectedAt?: Date;
  /** When it was last connected. */
  readonly lastConnectedAt?: Date;
  /** When it last lost its connection. */
  readonly lastDisconnectedAt?: Date;
}
