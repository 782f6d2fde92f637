/**
 * All events of the emulator, without secrets.
 *
 * @module
 */

import { heldBytes } from "../../internal/held_bytes.ts";
import type { HealthStatus, TaskStatus } from "../ecs/task_record.ts";
import type { EmulatorEvents, EmulatorEventType, TaskContainerState } from "../events.ts";
import type { Fault } from "../faults/fault.ts";
import { withoutSecrets } from "../../protocol/secrets.ts";
import { History, type HistoryLimits } from "../history.ts";
import { AgentMessageRecord } from "./agent_message.ts";

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
  /**
   * The message, or the input of a call, its secrets replaced by `[redacted]`: keys, session
   * tokens, environments, Docker configurations. Absent for a raw frame.
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
   * `refused` and `apiCall`: which request, `"upgrade"`, `"telemetry upgrade"` or an operation of
   * the ECS API.
   */
  readonly request?: string | undefined;
  /** `refused`: the HTTP status of the answer; missing when the request has none. */
  readonly status?: number | undefined;
  /** `refused`: the exception's name. */
  readonly exception?: string | undefined;
  /** `fault`: the fault's `action`. */
  readonly fault?: Fault["action"] | undefined;
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

/**
 * Creates an entry when it is first read, which is rare, and then keeps the entry instead of the
 * event.
 */
interface Recorded {
  describe: () => TranscriptEntry;
}

/** Records events, within limits. */
export class Transcript {
  readonly #recorded: History<Recorded>;
  readonly #listeners = new Set<() => void>();
  #count = 0;

  /**
   * @param limits How much is kept.
   */
  constructor(limits: HistoryLimits) {
    this.#recorded = new History(limits);
  }

  /** The entries, the newest last. */
  get entries(): readonly TranscriptEntry[] {
    return this.#recorded.entries.map(described);
  }

  /** The number of the newest entry; 0 if there is none. */
  get lastNumber(): number {
    return this.#count;
  }

  /** The number of the oldest entry that is kept; 1 if there is none yet. */
  get firstNumber(): number {
    return this.#count - this.#recorded.entries.length + 1;
  }

  /**
   * The first entries after a number, the oldest first; forgotten ones are missing.
   *
   * @param number The number.
   * @param limit Maximum number of entries.
   */
  after(number: number, limit: number): readonly TranscriptEntry[] {
    const start = Math.max(0, number - this.firstNumber + 1);
    return this.#recorded.entries.slice(start, start + limit).map(described);
  }

  /**
   * Calls a function after each record, within the call that records; it must not throw.
   *
   * @param listener The function.
   * @returns Ends the calls.
   */
  onRecord(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Records an event.
   *
   * @param type The event's name.
   * @param detail The event's detail.
   * @param at When, in ms since the epoch.
   * @param frame The frame of a `sent` event.
   */
  record<T extends EmulatorEventType>(
    type: T,
    detail: EmulatorEvents[T],
    at: number,
    frame?: string | Uint8Array,
  ): void {
    const number = ++this.#count;
    const describe = () => ({ number, at, event: type, ...DESCRIBE[type](detail, frame) });
    const received = detail instanceof AgentMessageRecord ? heldBytes(detail.message) : 0;
    const input = "input" in detail ? heldBytes(detail.input) : 0;
    const sent = typeof frame === "string" ? heldBytes(frame) : frame?.byteLength ?? 0;
    this.#recorded.push({ describe }, ENTRY_BYTES + received + input + sent);
    for (const listener of this.#listeners) listener();
  }
}

function described(recorded: Recorded): TranscriptEntry {
  const entry = recorded.describe();
  recorded.describe = () => entry;
  return entry;
}

/** The memory of an entry without its message, in bytes: its fields and short texts. */
const ENTRY_BYTES = 2_048;

type Describe<T extends EmulatorEventType> = (
  detail: EmulatorEvents[T],
  frame: string | Uint8Array | undefined,
) => Omit<TranscriptEntry, "number" | "at" | "event">;

const DESCRIBE: { readonly [T in EmulatorEventType]: Describe<T> } = {
  connected: ({ id, containerInstanceArn, query }) => ({
    connectionId: id,
    containerInstanceArn,
    sendCredentials: query.sendCredentials,
  }),
  disconnected: ({ id, containerInstanceArn, closeCode, closeReason }) => ({
    connectionId: id,
    containerInstanceArn,
    closeCode,
    closeReason,
  }),
  discovered: ({ containerInstance }) => ({ containerInstanceArn: containerInstance }),
  refused: ({ request, status, exception, reason }) => ({ request, status, exception, reason }),
  apiCall: ({ operation, containerInstanceArn, taskArn, input }) => ({
    request: operation,
    containerInstanceArn: containerInstanceArn || undefined,
    taskArn: taskArn || undefined,
    message: input,
  }),
  taskStateChanged: ({ containerInstanceArn, ...state }) => ({
    ...state,
    containerInstanceArn: containerInstanceArn || undefined,
  }),
  telemetry: ({ connectionId, containerInstanceArn, type, bytes }) => ({
    connectionId,
    containerInstanceArn,
    type,
    bytes,
  }),
  problem: ({ connectionId, containerInstanceArn, problem }) => ({
    connectionId,
    containerInstanceArn,
    reason: problem,
  }),
  fault: ({ connectionId, containerInstanceArn, fault }) => ({
    connectionId,
    containerInstanceArn,
    fault: fault.action,
  }),
  failure: ({ connectionId, containerInstanceArn, reason }) => ({
    connectionId,
    containerInstanceArn,
    reason,
  }),
  received: ({ connectionId, containerInstanceArn, type, messageId, bytes, answers, message }) => ({
    connectionId,
    containerInstanceArn,
    type,
    messageId,
    bytes,
    ...(answers && { answers }),
    message: withoutSecrets(message),
  }),
  sent: ({ connectionId, containerInstanceArn, type, messageId, bytes, resent }, frame) => ({
    connectionId,
    containerInstanceArn,
    type,
    messageId,
    bytes,
    resent,
    ...(type !== undefined && typeof frame === "string" && {
      message: withoutSecrets(messageIn(frame)),
    }),
  }),
};

/** The message in a frame of the emulator. */
function messageIn(frame: string): unknown {
  const { message } = JSON.parse(frame);
  return message;
}
