/**
 * What an emulator tells about: typed events without message contents.
 *
 * @module
 */

import type { ReceivedMessageType } from "../protocol/messages.ts";
import type { TypedEventListener } from "../internal/typed_event_target.ts";
import type { AgentMessage } from "./acs/agent_message.ts";
import type { EmulatorConnection } from "./acs/emulator_connection.ts";
import type { Fault } from "./faults/fault.ts";
import type { Refusal } from "./http/service_error.ts";

/** A frame that the emulator sent. */
export interface SentDetail {
  /** The connection it went over. */
  readonly connectionId: number;
  /** The container instance it went to. */
  readonly containerInstanceArn: string;
  /** The message's type; `undefined` for a raw frame. */
  readonly type: ReceivedMessageType | undefined;
  /** The message's id; empty when it has none. */
  readonly messageId: string;
  /** The frame's size in bytes. */
  readonly bytes: number;
  /** Whether it was sent before, over an earlier connection, and not acknowledged. */
  readonly resent: boolean;
}

/** A request that the emulator refused. */
export interface RefusedDetail extends Refusal {
  /**
   * Which request: `"upgrade"`, or the operation of the ECS API, such as `"DiscoverPollEndpoint"`. The
   * whole `X-Amz-Target` if it belongs to another API; without one, method and path.
   */
  readonly request: string;
}

/** A DiscoverPollEndpoint that was answered with an endpoint. */
export interface DiscoveredDetail {
  /** The container instance that asked; empty when it did not say. */
  readonly containerInstance: string;
  /** Its cluster, as a name or an ARN; empty when it did not say. */
  readonly cluster: string;
}

/** Something that the agent did against the protocol. */
export interface ProblemDetail {
  /** The connection it happened on. */
  readonly connectionId: number;
  /** The container instance it happened to. */
  readonly containerInstanceArn: string;
  /** What, in words; without message contents. */
  readonly problem: string;
}

/** Something that the emulator got wrong because it was told to. */
export interface FaultDetail {
  /** What. */
  readonly fault: Fault;
  /** The container instance it hit; empty when a request did not say. */
  readonly containerInstanceArn: string;
  /** The connection it hit; `undefined` for a request. */
  readonly connectionId: number | undefined;
}

/** Something that the emulator should have done and could not, since its state file cannot be written. */
export interface FailureDetail {
  /** The connection it happened on. */
  readonly connectionId: number;
  /** The container instance it happened to. */
  readonly containerInstanceArn: string;
  /** What could not be done, and why. */
  readonly reason: string;
}

/** Every event of an emulator: its name and the `detail` of its `CustomEvent`. */
export interface EmulatorEvents {
  /** An agent has connected. */
  connected: EmulatorConnection;
  /** A connection has ended. */
  disconnected: EmulatorConnection;
  /** An agent has sent a message. */
  received: AgentMessage;
  /** The emulator has sent a frame. */
  sent: SentDetail;
  /** The emulator has refused a request. */
  refused: RefusedDetail;
  /** The emulator has told an agent where to connect. */
  discovered: DiscoveredDetail;
  /** The agent has done something against the protocol. */
  problem: ProblemDetail;
  /** The emulator has got something wrong because it was told to. */
  fault: FaultDetail;
  /** The emulator could not do something, since its state file cannot be written. */
  failure: FailureDetail;
}

/** The name of an emulator's event. */
export type EmulatorEventType = keyof EmulatorEvents;

/** Listens to one type of event; may be async. What it returns is ignored. */
export type EmulatorEventListener<T extends EmulatorEventType> = TypedEventListener<
  EmulatorEvents[T]
>;
