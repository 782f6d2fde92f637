/**
 * One event of the emulator as plain data, in the transcript and in a trace.
 *
 * @module
 */

import type { HealthStatus, TaskStatus } from "../ecs/task_record.ts";
import type { EmulatorEventType, TaskContainerState } from "../events.ts";
import type { ExpectedSignature, SentRequest } from "../http/refused_request.ts";
import type { Fault } from "../faults/fault.ts";
import type { ServiceEnd } from "./emulator_connection.ts";

/** One event. Fields that do not apply are absent. */
export interface TranscriptEntry {
  /** The entry's sequence number, from 1. Entries that were dropped from memory count. */
  readonly number: number;
  /** Time of the event by the emulator's clock, in ms since the epoch. */
  readonly at: number;
  /** The name of the emulator's event. */
  readonly event: EmulatorEventType;
  /** The connection it happened on. */
  readonly connectionId?: number | undefined;
  /** The container instance it happened to. */
  readonly containerInstanceArn?: string | undefined;
  /** The type of the message that was sent or received. */
  readonly type?: string | undefined;
  /** That message's id. */
  readonly messageId?: string | undefined;
  /** The size of the frame, in bytes. */
  readonly bytes?: number | undefined;
  /** Whether the message had already been sent before. */
  readonly resent?: boolean | undefined;
  /** Whether the frame was text or binary; only in a trace, for a raw frame. */
  readonly raw?: "text" | "binary" | undefined;
  /**
   * The message, or the input of a call. Secrets (keys, session tokens, environments, Docker
   * configurations) are replaced by `[redacted]`. Absent for a raw frame. In a trace, secrets are
   * replaced by placeholders of the same length.
   */
  readonly message?: unknown;
  /** `connected`: whether the agent requested the credentials of all its tasks. */
  readonly sendCredentials?: boolean | undefined;
  /**
   * `disconnected`: the code of the agent's close frame; 1005 if the frame had no code, 1006 if
   * there was no close frame.
   */
  readonly closeCode?: number | undefined;
  /** `disconnected`: the reason in the agent's close frame. */
  readonly closeReason?: string | undefined;
  /**
   * `disconnected`: how the service ended the connection, with a close frame, the end of the stream
   * (FIN) or a reset (RST); absent if the agent ended it. In a trace also on `refused`, for a
   * request that got no response.
   */
  readonly serviceEnd?: ServiceEnd | undefined;
  /** `disconnected`: the code of the service's close frame; `null` if the frame had no code. */
  readonly serviceCloseCode?: number | null | undefined;
  /** `disconnected`: the reason in the service's close frame. */
  readonly serviceCloseReason?: string | undefined;
  /**
   * `refused` and `apiCall`: the request: `"upgrade"`, `"telemetry upgrade"` or an operation of the
   * ECS API.
   */
  readonly request?: string | undefined;
  /** `refused`: the HTTP status of the response; absent if there was no response. */
  readonly status?: number | undefined;
  /** `refused`: the exception's name. */
  readonly exception?: string | undefined;
  /** `refused`: the request, without its body and without secrets. */
  readonly sent?: SentRequest | undefined;
  /**
   * `refused`: the signature that was expected; absent if the request was refused for another
   * reason.
   */
  readonly expected?: ExpectedSignature | undefined;
  /** `fault`: the fault's `action`. */
  readonly fault?: Fault["action"] | undefined;
  /** `fault`: the whole fault. */
  readonly injected?: Fault | undefined;
  /** `received`: `true` if this answers a queued message. */
  readonly answers?: boolean | undefined;
  /** `apiCall` and `taskStateChanged`: the task. */
  readonly taskArn?: string | undefined;
  /** `taskStateChanged`: the desired status. */
  readonly desiredStatus?: "RUNNING" | "STOPPED" | undefined;
  /** `taskStateChanged`: the status that the agent reported. */
  readonly lastStatus?: TaskStatus | undefined;
  /** `taskStateChanged`: the health that the agent reported. */
  readonly healthStatus?: HealthStatus | undefined;
  /** `taskStateChanged`: the API's stop code, such as `UserInitiated`. */
  readonly stopCode?: string | undefined;
  /** `taskStateChanged`: why the task was stopped, as text. */
  readonly stoppedReason?: string | undefined;
  /** `taskStateChanged`: the containers. */
  readonly containers?: readonly TaskContainerState[] | undefined;
  /** `refused`, `problem` and `failure`: the reason, as text. */
  readonly reason?: string | undefined;
}
