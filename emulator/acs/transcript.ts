/**
 * All events of the emulator, without secrets.
 *
 * @module
 */

import type { EmulatorEvents, EmulatorEventType } from "../events.ts";
import type { Fault } from "../faults/fault.ts";
import { withoutSecrets } from "../../internal/redaction/secrets.ts";

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
   * The message, its secrets replaced by `[redacted]`: keys, session tokens, environments, Docker
   * configurations. Absent for a raw frame.
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
  /** `refused`: which request, `"upgrade"` or an operation of the ECS API. */
  readonly request?: string | undefined;
  /** `refused`: the HTTP status of the answer; missing when the request has none. */
  readonly status?: number | undefined;
  /** `refused`: the exception's name. */
  readonly exception?: string | undefined;
  /** `fault`: the fault's `action`. */
  readonly fault?: Fault["action"] | undefined;
  /** `received`: `true` for the answer that a queued message waited for. */
  readonly answers?: boolean | undefined;
  /** `refused`, `problem` and `failure`: why, in words. */
  readonly reason?: string | undefined;
}

/** Creates an entry when it is first read, which is rare, and caches it. */
interface Recorded {
  describe: () => TranscriptEntry;
}

/** Records events, up to a limit. */
export class Transcript {
  readonly #limit: number;
  #recorded: Recorded[] = [];
  #count = 0;

  /**
   * @param limit Maximum number of entries; the oldest are forgotten first.
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The entries, the newest last. */
  get entries(): readonly TranscriptEntry[] {
    return this.#recorded.slice(-this.#limit).map((recorded) => {
      const entry = recorded.describe();
      recorded.describe = () => entry;
      return entry;
    });
  }

  /** The number of the newest entry; 0 if there is none. */
  get lastNumber(): number {
    return this.#count;
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
    this.#recorded.push({ describe });
    if (this.#recorded.length >= 2 * this.#limit) {
      this.#recorded = this.#recorded.slice(-this.#limit);
    }
  }
}

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
