/**
 * Work that continues after its message has been answered.
 *
 * @module
 */

import { LimitExceededError } from "../../errors.ts";
import { heldBytes } from "../../internal/held_bytes.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";
import { secretsIn } from "../../protocol/secrets.ts";
import type { ReceivedMessageType } from "../../protocol/messages.ts";
import type { BackgroundHealth } from "../state.ts";

/** The message that started the work. */
export interface BackgroundSource {
  /** The message's type. */
  readonly type: ReceivedMessageType;
  /** The message's id, if it has one. */
  readonly messageId: string | undefined;
}

/** The limits of background work. */
export interface BackgroundLimits {
  /** Maximum number of background jobs. */
  readonly maxCount: number;
  /** Maximum memory of what they hold, in bytes, see `heldBytes`. */
  readonly maxBytes: number;
  /** The option that `maxBytes` is derived from, for errors. */
  readonly bytesOption: { readonly name: string; readonly value: number };
  /** Called when work fails. */
  readonly onFailed: (source: BackgroundSource, description: string) => void;
}

interface Work {
  readonly type: ReceivedMessageType;
  /** When it started, in ms of `performance.now()`. */
  readonly startedAt: number;
  readonly bytes: number;
}

/** The background work of one session. It keeps only the type and the id of a message. */
export class BackgroundWork {
  readonly #limits: BackgroundLimits;
  /** Oldest first. Created on first use, since most sessions have no background work. */
  #work: Map<Promise<void>, Work> | undefined;
  #bytes = 0;
  #ofHeartbeats = 0;

  /**
   * Creates an empty set of work.
   *
   * @param limits The limits.
   */
  constructor(limits: BackgroundLimits) {
    this.#limits = limits;
  }

  /** A snapshot. */
  health(): BackgroundHealth {
    const [oldest] = this.#work?.values() ?? [];
    const oldestAgeMs = oldest === undefined ? 0 : Math.round(performance.now() - oldest.startedAt);
    return { count: this.#count, oldestAgeMs };
  }

  /** The types of the messages that started it. */
  get types(): ReceivedMessageType[] {
    return [...this.#work?.values() ?? []].map(({ type }) => type);
  }

  /**
   * Starts work.
   *
   * @param source The message that starts it.
   * @param begin Starts the work.
   * @param held What it holds until it ends. If it fails, the secrets in there are redacted.
   * @throws {LimitExceededError} If too much work is running.
   */
  start(source: BackgroundSource, begin: () => unknown, held: unknown): void {
    const bytes = heldBytes(held, this.#limits.maxBytes + 1);
    const isOfHeartbeat = source.type === "HeartbeatMessage";
    // One run of health checks is always possible, so that its heartbeat is answered.
    if (!isOfHeartbeat || this.#ofHeartbeats > 0) this.#requireRoom(bytes);
    const begun: Work = { type: source.type, startedAt: performance.now(), bytes };
    const work = this.#work ??= new Map();
    const watched: Promise<void> = run(begin)
      .catch((error) => this.#limits.onFailed(source, describeError(error, secretsIn(held))))
      .finally(() => {
        work.delete(watched);
        this.#account(begun, -1);
      });
    work.set(watched, begun);
    this.#account(begun, 1);
  }

  get #count(): number {
    return this.#work?.size ?? 0;
  }

  #account({ type, bytes }: Work, sign: 1 | -1): void {
    this.#bytes += sign * bytes;
    if (type === "HeartbeatMessage") this.#ofHeartbeats += sign;
  }

  /** Settles when the work that is running now has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#work?.keys() ?? []);
  }

  #requireRoom(bytes: number): void {
    const { maxCount, maxBytes, bytesOption } = this.#limits;
    const count = `${this.#count} handlers of attachments are still running`;
    if (this.#count >= maxCount) {
      throw new LimitExceededError(
        `${count}: find out why they do not finish`,
        "limits.maxBackgroundWork",
        maxCount,
      );
    }
    if (this.#bytes + bytes <= maxBytes) return;
    throw new LimitExceededError(
      `${count}, and with ${bytes} more bytes they would hold more than ${maxBytes}: find out why they ` +
        "do not finish",
      bytesOption.name,
      bytesOption.value,
    );
  }
}

/** Starts the work now; an exception rejects the promise. */
async function run(work: () => unknown): Promise<void> {
  await work();
}
