/**
 * The source of the emulator's ids and random delays.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** Makes ids and random numbers. */
export interface Entropy {
  /** A UUID of version 4. */
  uuid(): string;
  /** A number from 0 up to, not including, 1. */
  random(): number;
}

/** The runtime's randomness: different in each run. */
export const SYSTEM_ENTROPY: Entropy = {
  uuid: () => crypto.randomUUID(),
  random: () => Math.random(),
};

/**
 * The same ids and numbers in the same order for the same seed, so that two runs can be compared.
 *
 * @param seed Any number.
 * @param next Returns the number of the next id. It starts at 1 and, if there is a state file,
 * continues after a restart, so that no id is used twice.
 */
export function seededEntropy(seed: number, next: () => number): Entropy {
  const digest = () => createHash("sha256").update(`${seed}:${next()}`).digest();
  return {
    uuid() {
      const digits = digest().toString("hex");
      // The version and the variant have fixed places in a UUID.
      return [
        digits.slice(0, 8),
        digits.slice(8, 12),
        `4${digits.slice(13, 16)}`,
        `8${digits.slice(17, 20)}`,
        digits.slice(20, 32),
      ].join("-");
    },
    random: () => digest().readUInt32BE(0) / 2 ** 32,
  };
}
