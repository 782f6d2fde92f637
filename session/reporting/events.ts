/**
 * The events of a session.
 *
 * @module
 */

import type { TypedEventListener } from "../../internal/typed_event_target.ts";
import type { SessionConnectionEnd } from "../session_connection_end.ts";
import type { DiscoverPollEndpointOutput } from "../../protocol/discover_poll_endpoint.ts";
import type { OngoingFailure } from "./failure_tracker.ts";
import type { PollEndpointSource } from "../discovery/poll_endpoint_cache.ts";
import type { ReconnectDecision } from "../reconnect_policy.ts";
import type { LostAnswers } from "../answer_watch.ts";
import type { SessionState } from "../state.ts";

/** Why a received message was not answered. */
export type DropReason =
  /** The frame is not a message. */
  | "undecodable"
  /** The frame or message is larger than the limits allow; the description names the option. */
  | "oversized"
  /** Its type is not known. */
  | "unknown"
  /** It violates a rule, or is out of date. */
  | "invalid"
  /** No handler is registered for it. */
  | "unhandled"
  /** Its handler failed. */
  | "failed"
  /** A queue or the background work was full. */
  | "overflow"
  /** The session is stopping. */
  | "stopping";

/** The detail of each event. None contains the content of a message. */
export interface SessionEventMap {
  /** The state has changed. */
  statechange: { readonly state: SessionState };
  /** An attempt to connect begins. */
  discovering: {
    /** The number of the attempt, from 1, counted since the session started. */
    readonly attempt: number;
    /** The host of the ECS API. */
    readonly host: string;
    /** Whether the endpoint of ACS is known from an earlier attempt, so that ECS is not called. */
    readonly cached: boolean;
  };
  /** The ACS endpoint is known. */
  discovered: DiscoverPollEndpointOutput & {
    /** Whether the endpoint was fetched now, cached or expired. */
    readonly source: PollEndpointSource;
  };
  /** A connection is being opened. */
  connecting: {
    /** The host. */
    readonly host: string;
    /** Whether the service is asked to send all credentials. */
    readonly sendCredentials: boolean;
  };
  /** A connection is open. */
  connected: {
    /** The host. */
    readonly host: string;
    /** How long connecting took, in ms. */
    readonly connectMs: number;
    /** How long the session was without a connection, in ms; missing for the first. */
    readonly disconnectedMs?: number | undefined;
  };
  /** Discovery or a connection attempt has failed. */
  connectfailed: {
    /** What failed. */
    readonly stage: "discover" | "connect";
    /** The error; `retryable` is false if a human has to act. */
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
   * A message arrived over a third connection or a later one although it was answered over those
   * before: what the session sends does not arrive. Emitted when this begins.
   */
  answerslost: LostAnswers;
  /** A message or frame was not answered; the service resends what it still needs answered. */
  dropped: {
    /** The reason. */
    readonly reason: DropReason;
    /** The reason as text. */
    readonly description: string;
    /** Its type, if it was decoded. */
    readonly type?: string | undefined;
    /** Its id, if it has one. */
    readonly messageId?: string | undefined;
  };
  /** A connection has ended. */
  disconnected: {
    /** How it ended: `kind`, and the close code, the error or the lane that belongs to it. */
    readonly end: SessionConnectionEnd;
    /** The same as text. */
    readonly reason: string;
    /** Whether it ended cleanly. */
    readonly clean: boolean;
    /** How long it lasted, in ms. */
    readonly livedMs: number;
  };
  /** The session waits before the next attempt. */
  waiting: {
    /** How long, in ms. */
    readonly delayMs: number;
    /** The reason. */
    readonly reason: ReconnectDecision["reason"];
  };
  /**
   * The machine was suspended, or its clock was set forward: pending waits end, and the session
   * reconnects.
   */
  suspended: {
    /** For how long, in ms. */
    readonly suspendedMs: number;
  };
  /** The service says that the container instance is deregistered. */
  inactive: Record<never, never>;
  /**
   * Discovery or connecting has been failing for a minute or more; emitted once a minute. A
   * connection that turned out to be useless counts as a failure, and one that is useful ends it.
   */
  failing: OngoingFailure & {
    /** What fails. */
    readonly stage: "discover" | "connect";
  };
  /** A handler has been running for too long and blocks its lane. */
  stuck: {
    /** The lane. */
    readonly lane: string;
    /** The message being handled. */
    readonly type: string;
    /** Its id, if it has one. */
    readonly messageId?: string | undefined;
  };
  /**
   * A message has been waiting in its lane for longer than `timing.laneBacklogMs`: the handler does
   * not keep up. Emitted once, until the lane's queue is empty.
   */
  backlogged: {
    /** The lane. */
    readonly lane: string;
    /** The number of messages queued in it. */
    readonly waiting: number;
    /** How long the oldest of them has been waiting, in ms. */
    readonly oldestWaitingMs: number;
  };
  /**
   * A lane is full: it refuses new messages on this connection, handles those that it has, and then
   * the session reconnects, so that the service resends the refused ones.
   */
  overflowed: {
    /** The lane. */
    readonly lane: string;
    /** The number of messages it has. */
    readonly waiting: number;
  };
  /** The session has ended. */
  stopped: {
    /** The reason as text. */
    readonly reason: string;
  };
}

/** An event of a session. */
export type SessionEvent<K extends keyof SessionEventMap> = CustomEvent<SessionEventMap[K]>;

/** A listener for one kind of event; may be async. Its return value is ignored. */
export type SessionEventListener<K extends keyof SessionEventMap> = TypedEventListener<
  SessionEventMap[K]
>;
