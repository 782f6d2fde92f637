/**
 * Work that goes on after its message was answered.
 *
 * @module
 */

import { LimitExceededError } from "../../errors.ts";
import { heldBytes } from "../../internal/held_bytes.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";
import { secretsIn } from "../../internal/redaction/secrets.ts";
import type { ReceivedMessageType } from "../../protocol/messages.ts";
import type { BackgroundHealth } from "../state.ts";

/** Whose work it is. */
export interface BackgroundSource {
  /** The message's type. */
  readonly type: ReceivedMessageType;
  /** The message's id, if it has one. */
  readonly messageId: string | undefined;
}

/** How much may be going on. */
export interface BackgroundLimits {
  /** How many pieces of work. */
  readonly maxCount: number;
  /** How much memory what they hold may take, in bytes, see `heldBytes`. */
  readonly maxBytes: number;
  /** The option that `maxBytes` comes from, for errors. */
  readonly bytesOption: { readonly name: string; readonly value: number };
  /** Called when work fails. */
  readonly onFailed: (source: BackgroundSource, description: string) => void;
}

interface Work {
  readonly type: ReceivedMessageType;
  /** When it began, in ms of `performance.now()`. */
  readonly startedAt: number;
  readonly bytes: number;
}

/** The work in the background of one session. Of a message it keeps type and id. */
export class BackgroundWork {
  readonly #limits: BackgroundLimits;
  /** In the order in which it began. */
  readonly #work: Map<Promise<void>, Work> = new Map();
  #bytes = 0;
  #ofHeartbeats = 0;

  /**
   * Starts without any.
   *
   * @param limits How much may be going on.
   */
  constructor(limits: BackgroundLimits) {
    this.#limits = limits;
  }

  /** A snapshot. */
  health(): BackgroundHealth {
    const [oldest] = this.#work.values();
    const oldestAgeMs = oldest === undefined ? 0 : Math.round(performance.now() - oldest.startedAt);
    return { count: this.#work.size, oldestAgeMs };
  }

  /** The types of the messages that started it. */
  get types(): ReceivedMessageType[] {
    return [...this.#work.values()].map(({ type }) => type);
  }

  /**
   * Starts work.
   *
   * @param source Whose it is.
   * @param work The work.
   * @param held What it holds on to for as long as it lasts. If it fails, the secrets in there are
   * redacted.
   * @throws {LimitExceededError} If too much is going on.
   */
  start(source: BackgroundSource, work: () => unknown, held: unknown): void {
    const bytes = heldBytes(held, this.#limits.maxBytes + 1);
    const isOfHeartbeat = source.type === "HeartbeatMessage";
    // There is room for one run of health checks in any case: its heartbeat is answered.
    if (!isOfHeartbeat || this.#ofHeartbeats > 0) this.#requireRoom(bytes);
    const begun: Work = { type: source.type, startedAt: performance.now(), bytes };
    const watched: Promise<void> = run(work)
      .catch((error) => this.#limits.onFailed(source, describeError(error, secretsIn(held))))
      .finally(() => {
        this.#work.delete(watched);
        this.#count(begun, -1);
      });
    this.#work.set(watched, begun);
    this.#count(begun, 1);
  }

  #count({ type, bytes }: Work, sign: 1 | -1): void {
    this.#bytes += sign * bytes;
    if (type === "HeartbeatMessage") this.#ofHeartbeats += sign;
  }

  /** Settles when all has ended that goes on now. */
  async idle(): Promise<void> {
    await Promise.all(this.#work.keys());
  }

  #requireRoom(bytes: number): void {
    const { maxCount, maxBytes, bytesOption } = this.#limits;
    const count = `${this.#work.size} handlers of attachments have not finished`;
    if (this.#work.size >= maxCount) {
      throw new LimitExceededError(
        `${count}: see why they do not end`,
        "limits.maxBackgroundWork",
        maxCount,
      );
    }
    if (this.#bytes + bytes <= maxBytes) return;
    throw new LimitExceededError(
      `${count}, and with ${bytes} bytes more they would hold more than ${maxBytes}: see why they do ` +
        "not end",
      bytesOption.name,
      bytesOption.value,
    );
  }
}

/** Starts now; whatever it throws, the promise rejects with. */
async function run(work: () => unknown): Promise<void> {
  await work();
}
