/**
 * The latest sequence number that the agent knows, shared by payloads and manifests.
 *
 * @module
 */

/** Keeps the sequence number. An agent that survives restarts keeps it on disk. */
export interface SequenceNumberAccessor {
  /** The latest known sequence number; 0 before the first. */
  getLatestSequenceNumber(): number;
  /** Saves it. Throwing means that the message is not acknowledged. */
  setLatestSequenceNumber(sequenceNumber: number): void | Promise<void>;
}

/**
 * Keeps the sequence number in memory.
 *
 * @returns An accessor that starts at 0, as an agent without a state file does.
 */
export function memorySequenceNumber(): SequenceNumberAccessor {
  let latest = 0;
  return {
    getLatestSequenceNumber: () => latest,
    setLatestSequenceNumber(sequenceNumber) {
      latest = sequenceNumber;
    },
  };
}
