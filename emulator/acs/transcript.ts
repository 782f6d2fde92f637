/**
 * All events of the emulator, without secrets.
 *
 * @module
 */

import { heldBytes } from "../../internal/held_bytes.ts";
import type { EmulatorEvents, EmulatorEventType } from "../events.ts";
import { withoutSecrets } from "../../protocol/secrets.ts";
import { History, type HistoryLimits } from "../history.ts";
import { AgentMessageRecord } from "./agent_message.ts";
import { describeEvent } from "./describe_event.ts";
import type { TranscriptEntry } from "./transcript_entry.ts";

export type { TranscriptEntry } from "./transcript_entry.ts";

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

  /** The number of the oldest entry still in memory; 1 if there are no entries yet. */
  get firstNumber(): number {
    return this.#count - this.#recorded.entries.length + 1;
  }

  /**
   * Returns the first entries after a given number, oldest first. Entries that were dropped to save
   * memory are missing.
   *
   * @param number The entry number; 0 starts at the oldest entry.
   * @param limit Maximum number of entries.
   */
  after(number: number, limit: number): readonly TranscriptEntry[] {
    const start = Math.max(0, number - this.firstNumber + 1);
    return this.#recorded.entries.slice(start, start + limit).map(described);
  }

  /**
   * Registers a function that is called synchronously after each entry is recorded. It must not
   * throw.
   *
   * @param listener The function.
   * @returns A function that unregisters it.
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
    const describe = () => ({
      number,
      at,
      event: type,
      ...describeEvent(type, detail, frame, withoutSecrets),
    });
    const received = detail instanceof AgentMessageRecord ? heldBytes(detail.message) : 0;
    const input = "input" in detail ? heldBytes(detail.input) : 0;
    const refused = "sent" in detail ? heldBytes(detail.sent) + heldBytes(detail.expected) : 0;
    const sent = typeof frame === "string" ? heldBytes(frame) : frame?.byteLength ?? 0;
    this.#recorded.push({ describe }, ENTRY_BYTES + received + input + refused + sent);
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
