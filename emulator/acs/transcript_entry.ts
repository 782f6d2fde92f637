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

/** One event. Absent fields do not apply. */
export interface TranscriptEntry {
  /** The entry's number, from 1, counting forgotten entries. */
  readonly number: number;
  /** When, in ms since the epoch, by the emulator's clock. */
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
  /** Whether the message was sent before. */
  readonly resent?: boolean | undefined;
  /** Whether the frame was text or bytes; only in a trace, for a raw frame. */
  readonly raw?: "text" | "binary" | undefined;
  /**
   * The message, or the input of a call, its secrets replaced by `[redacted]`: keys, session
   * tokens, environments, Docker configurations. Absent for a raw frame. In a trace, secrets are
   * replaced by placeholders of the same length.
   */
  readonly message?: unknown;
  /** `connected`: whether the agent asks for the credentials of all its tasks. */
  readonly sendCredentials?: boolean | undefined;
  /**
   * `disconnected`: the code of the agent's close frame, 1005 for none in it, 1006 for no frame.
   */
  readonly closeCode?: number | undefined;
  /** `disconnected`: the reason in the agent's close frame. */
  readonly closeReason?: string | undefined;
  /**
   * `disconnected`: how the service ended the connection, with a close frame, the end of the stream
   * (FIN) or a reset (RST); missing if it did not. In a trace also `refused`, for a request that got
   * no answer.
   */
  readonly serviceEnd?: ServiceEnd | undefined;
  /** `disconnected`: the code of the service's close frame; `null` for none in it. */
  readonly serviceCloseCode?: number | null | undefined;
  /** `disconnected`: the reason in the service's close frame. */
  readonly serviceCloseReason?: string | undefined;
  /**
   * `refused` and `apiCall`: which request, `"upgrade"`, `"telemetry upgrade"` or an operation of
   * the ECS API.
   */
  readonly request?: string | undefined;
  /** `refused`: the HTTP status of the answer; missing when the request has none. */
  readonly status?: number | undefined;
  /** `refused`: the exception's name. */
  readonly exception?: string | undefined;
  /** `refused`: the request, without its body and without secrets. */
  readonly sent?: SentRequest | undefined;
  /** `refused`: the signature that was expected; missing if the refusal has another reason. */
  readonly expected?: ExpectedSignature | undefined;
  /** `fault`: the fault's `action`. */
  readonly fault?: Fault["action"] | undefined;
  /** `fault`: the whole fault. */
  readonly injected?: Fault | undefined;
  /** `received`: `true` for the answer that a queued message waited for. */
  readonly answers?: boolean | undefined;
  /** `apiCall` and `taskStateChanged`: the task. */
  readonly taskArn?: string | undefined;
  /** `taskStateChanged`: the desired status. */
  readonly desiredStatus?: "RUNNING" | "STOPPED" | undefined;
  /** `taskStateChanged`: the status that the agent reported. */
  readonly lastStatus?: TaskStatus | undefined;
  /** `taskStateChanged`: the health that the agent reported. */
  readonly healthStatus?: HealthStatus | undefined;
  /** `taskStateChanged`: who stopped the task. */
  readonly stopCode?: string | undefined;
  /** `taskStateChanged`: the reason why it was stopped, as text. */
  readonly stoppedReason?: string | undefined;
  /** `taskStateChanged`: the containers. */
  readonly containers?: readonly TaskContainerState[] | undefined;
  /** `refused`, `problem` and `failure`: the reason, as text. */
  readonly reason?: string | undefined;
}
