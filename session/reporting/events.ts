/**
 * What a session tells about itself while it runs.
 *
 * @module
 */

import type { TypedEventListener } from "../../internal/typed_event_target.ts";
import type { ConnectionEnd } from "../../wsclient/client.ts";
import type { DiscoverPollEndpointOutput } from "../discovery/discover_poll_endpoint.ts";
import type { LastingFailure } from "./failure_tracker.ts";
import type { PollEndpointSource } from "../discovery/poll_endpoint_cache.ts";
import type { ReconnectDecision } from "../reconnect_policy.ts";
import type { LostAnswers } from "../answer_watch.ts";
import type { SessionState } from "../state.ts";

/** Why a received message was not answered. */
export type DropReason =
  /** The frame is no message. */
  | "undecodable"
  /** The frame is larger than the option `limits.maxFrameSize` allows. */
  | "oversized"
  /** Its type is not known. */
  | "unknown"
  /** It breaks a rule, or is out of date. */
  | "invalid"
  /** No handler is registered for it. */
  | "unhandled"
  /** Its handler failed. */
  | "failed"
  /** Too much was waiting, or went on in the background, already. */
  | "overflow"
  /** The session is stopping. */
  | "stopping";

/** The detail of each event. None holds the content of a message. */
export interface SessionEventMap {
  /** The state has changed. */
  statechange: { readonly state: SessionState };
  /** It is known where ACS is. */
  discovered: DiscoverPollEndpointOutput & {
    /** Whether it was asked for now. */
    readonly source: PollEndpointSource;
  };
  /** A connection is being opened. */
  connecting: {
    /** Where to. */
    readonly host: string;
    /** Whether the service is asked to send all credentials. */
    readonly sendCredentials: boolean;
  };
  /** A connection is open. */
  connected: {
    /** Where to. */
    readonly host: string;
    /** How long connecting took, in ms. */
    readonly connectMs: number;
    /** How long the session was without a connection, in ms; missing for the first. */
    readonly disconnectedMs?: number | undefined;
  };
  /** Discovery or a connect has failed. */
  connectfailed: {
    /** What failed. */
    readonly stage: "discover" | "connect";
    /** Why; its `retryable` tells whether somebody has to act. */
    readonly error: Error;
  };
  /** A message has been decoded. */
  received: {
    /** Its type. */
    readonly type: string;
    /** Its id, if it has one. */
    readonly messageId?: string | undefined;
    /** The frame's length, in characters; in bytes for a binary frame. */
    readonly size: number;
  };
  /** A message has been handed to the connection. */
  sent: {
    /** Its type. */
    readonly type: string;
    /** The id of the message that it answers. */
    readonly messageId?: string | undefined;
  };
  /**
   * A message came over a third connection or a later one although it was answered over those
   * before: what the session sends does not arrive. Reported when it begins.
   */
  answerslost: LostAnswers;
  /** A message is not answered as it is; what the service still waits for, it sends again. */
  dropped: {
    /** Why. */
    readonly reason: DropReason;
    /** Why, in words. */
    readonly description: string;
    /** Its type, if it was decoded. */
    readonly type?: string | undefined;
    /** Its id, if it has one. */
    readonly messageId?: string | undefined;
  };
  /** A connection has ended. */
  disconnected: {
    /** How it ended: `kind`, and the close code, the error or the lane that belongs to it. */
    readonly end: ConnectionEnd;
    /** The same in words. */
    readonly reason: string;
    /** Whether it ended cleanly. */
    readonly clean: boolean;
    /** How long it lived, in ms. */
    readonly livedMs: number;
  };
  /** The session waits before the next attempt. */
  waiting: {
    /** How long, in ms. */
    readonly delayMs: number;
    /** Why. */
    readonly reason: ReconnectDecision["reason"];
  };
  /**
   * The machine was suspended, or its clock was set forward: nothing is waited for any more, and the
   * session connects anew.
   */
  suspended: {
    /** For how long, in ms. */
    readonly suspendedMs: number;
  };
  /** The service says that the container instance is deregistered. */
  inactive: Record<never, never>;
  /**
   * Discovery or connecting has been failing for a minute or more; once a minute. A connection that
   * turned out to be useless counts as a failure, and one that serves as the end of it.
   */
  failing: LastingFailure & {
    /** What fails. */
    readonly stage: "discover" | "connect";
  };
  /** A handler has been holding its lane for too long. */
  stuck: {
    /** The lane. */
    readonly lane: string;
    /** The message being handled. */
    readonly type: string;
    /** Its id, if it has one. */
    readonly messageId?: string | undefined;
  };
  /**
   * A message has been waiting in its lane for longer than `timing.laneBacklogMs`: the handler does not
   * keep up. Once, until nothing waits in the lane.
   */
  backlogged: {
    /** The lane. */
    readonly lane: string;
    /** How many messages wait in it. */
    readonly waiting: number;
    /** How long the oldest of them has been waiting, in ms. */
    readonly oldestWaitingMs: number;
  };
  /**
   * A lane is full: it refuses what this connection brings, handles what it holds, and then has the
   * session connect again, so that the service sends again what was refused.
   */
  overflowed: {
    /** The lane. */
    readonly lane: string;
    /** How many messages it holds. */
    readonly waiting: number;
  };
  /** The session has ended. */
  stopped: {
    /** Why, in words. */
    readonly reason: string;
  };
}

/** An event of a session. */
export type SessionEvent<K extends keyof SessionEventMap> = CustomEvent<SessionEventMap[K]>;

/** Listens to one kind of event; may be async. What it returns is ignored. */
export type SessionEventListener<K extends keyof SessionEventMap> = TypedEventListener<
  SessionEventMap[K]
>;
