/**
 * The events of an emulator, typed, without message contents.
 *
 * @module
 */

import type { ReceivedMessageType } from "../protocol/messages.ts";
import type { TypedEventListener } from "../internal/typed_event_target.ts";
import type { AgentMessage } from "./acs/agent_message.ts";
import type { EmulatorConnection } from "./acs/emulator_connection.ts";
import type { HealthStatus, TaskStatus } from "./ecs/task_record.ts";
import type { Fault } from "./faults/fault.ts";
import type { SentRequest } from "./http/refused_request.ts";
import type { Refusal } from "./http/service_error.ts";

/** A frame that the emulator sent. */
export interface SentDetail {
  /** The connection that it was sent over. */
  readonly connectionId: number;
  /** The container instance that it was sent to. */
  readonly containerInstanceArn: string;
  /** The message's type; `undefined` for a raw frame. */
  readonly type: ReceivedMessageType | undefined;
  /** The message's id; empty if it has none. */
  readonly messageId: string;
  /** The frame's size in bytes. */
  readonly bytes: number;
  /** Whether it was sent before, over an earlier connection, and not acknowledged. */
  readonly resent: boolean;
}

/** A request that the emulator refused. */
export interface RefusedDetail extends Refusal {
  /**
   * Which request: `"upgrade"`, `"telemetry upgrade"`, or the operation of the ECS API, such as
   * `"DiscoverPollEndpoint"`. The whole `X-Amz-Target` if it belongs to another API; without one,
   * method and path.
   */
  readonly request: string;
  /** The container instance in the query of an upgrade; empty for other requests. */
  readonly containerInstanceArn: string;
  /** The request, without its body and without secrets. */
  readonly sent: SentRequest;
}

/** A DiscoverPollEndpoint that was answered with an endpoint. */
export interface DiscoveredDetail {
  /** The container instance that called; empty if the request has none. */
  readonly containerInstance: string;
  /** Its cluster, as a name or an ARN; empty if the request has none. */
  readonly cluster: string;
}

/** A violation of the protocol by the agent. */
export interface ProblemDetail {
  /** The connection it happened on. */
  readonly connectionId: number;
  /** The container instance it happened to. */
  readonly containerInstanceArn: string;
  /** The description, without message contents. */
  readonly problem: string;
}

/** An injected fault that took effect. */
export interface FaultDetail {
  /** The fault. */
  readonly fault: Fault;
  /** The container instance that it hit; empty if the request has none. */
  readonly containerInstanceArn: string;
  /** The connection that it hit; `undefined` for a request. */
  readonly connectionId: number | undefined;
}

/** An action that the emulator could not take because it could not write its state file. */
export interface FailureDetail {
  /** The connection it happened on; `undefined` if it happened on none. */
  readonly connectionId: number | undefined;
  /** The container instance that it happened to; empty if there is none. */
  readonly containerInstanceArn: string;
  /** The action, and why it failed. */
  readonly reason: string;
}

/** A call to the ECS API that was carried out. */
export interface ApiCallDetail {
  /** The operation. */
  readonly operation: string;
  /** The container instance that it is about; empty if it is about none, or about several. */
  readonly containerInstanceArn: string;
  /** The task that it is about; empty if it is about none, or about several. */
  readonly taskArn: string;
  /** Its input without secrets: environments, commands and the values of maps are `[redacted]`. */
  readonly input: unknown;
}

/** A task whose status, or whose containers' status, has changed. */
export interface TaskStateDetail {
  /** The task. */
  readonly taskArn: string;
  /** Its container instance; empty while it waits for one. */
  readonly containerInstanceArn: string;
  /** Its desired status. */
  readonly desiredStatus: "RUNNING" | "STOPPED";
  /** Its status, as its agent reported it. */
  readonly lastStatus: TaskStatus;
  /** Its health, as its agent reported it. */
  readonly healthStatus: HealthStatus;
  /** Why it was stopped; `undefined` until it is to be stopped. */
  readonly stopCode: string | undefined;
  /** The reason why it was stopped, as text. */
  readonly stoppedReason: string | undefined;
  /** Its containers. */
  readonly containers: readonly TaskContainerState[];
}

/** One container of a task. */
export interface TaskContainerState {
  /** Its name. */
  readonly name: string;
  /** Its status, as its agent reported it. */
  readonly lastStatus: TaskStatus;
  /** Its exit code; `undefined` while it runs, and if it never ran. */
  readonly exitCode: number | undefined;
  /** Why it stopped or did not start. */
  readonly reason: string | undefined;
}

/** A frame of telemetry that was accepted. */
export interface TelemetryDetail {
  /**
   * The telemetry connection that it arrived over; telemetry connections are counted separately.
   */
  readonly connectionId: number;
  /** The container instance that sent it. */
  readonly containerInstanceArn: string;
  /** The type of its message, such as `PublishMetricsRequest`. */
  readonly type: string;
  /** The frame's size in bytes. */
  readonly bytes: number;
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
  /** The emulator has answered a DiscoverPollEndpoint call with an endpoint. */
  discovered: DiscoveredDetail;
  /** The emulator has carried out another call to the ECS API. */
  apiCall: ApiCallDetail;
  /** A task was run, is to be stopped, or its agent has reported something new. */
  taskStateChanged: TaskStateDetail;
  /** An agent has sent telemetry. */
  telemetry: TelemetryDetail;
  /** The agent has violated the protocol. */
  problem: ProblemDetail;
  /** An injected fault has taken effect. */
  fault: FaultDetail;
  /** The emulator could not write its state file. */
  failure: FailureDetail;
}

/** The name of an emulator's event. */
export type EmulatorEventType = keyof EmulatorEvents;

/** The names of all events. */
export const EVENT_TYPES: Readonly<Record<EmulatorEventType, true>> = {
  apiCall: true,
  connected: true,
  disconnected: true,
  discovered: true,
  failure: true,
  fault: true,
  problem: true,
  received: true,
  refused: true,
  sent: true,
  taskStateChanged: true,
  telemetry: true,
};

/** A listener for one type of event; may be async. Its return value is ignored. */
export type EmulatorEventListener<T extends EmulatorEventType> = TypedEventListener<
  EmulatorEvents[T]
>;
