/**
 * The latest sequence number that the agent knows, shared by payloads and manifests.
 *
 * @module
 */

import { describeType } from "../internal/describe_type.ts";
import { ignoreRejection } from "../internal/ignore_rejection.ts";

/** Stores the sequence number. An agent that survives restarts stores it on disk. */
export interface SequenceNumberAccessor {
  /** The latest known sequence number; 0 before the first. */
  getLatestSequenceNumber(): number;
  /** Saves it. Throwing means that the message is not acknowledged. */
  setLatestSequenceNumber(sequenceNumber: number): void | Promise<void>;
}

/**
 * Stores the sequence number in memory.
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

/**
 * The latest known sequence number, checked: a manifest must not look new because an accessor
 * returns a value that cannot be compared with a number.
 *
 * @param accessor The agent's accessor; one that returns nothing knows no number.
 * @returns The number; 0 before the first.
 * @throws {TypeError} If it is not a number.
 */
export function latestSequenceNumber(accessor: SequenceNumberAccessor): number {
  const latest: unknown = accessor.getLatestSequenceNumber();
  if (latest === undefined || latest === null) return 0;
  if (typeof latest === "number" && !Number.isNaN(latest)) return latest;
  void ignoreRejection(latest);
  throw new TypeError(
    `getLatestSequenceNumber returned ${
      describeType(latest)
    }: return the number itself, without a` +
      " promise",
  );
}
