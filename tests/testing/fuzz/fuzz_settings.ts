/**
 * Shared by all fuzz tests: their seeds, and what must hold after each of them.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";

/**
 * The seed. The same each time unless `ACS_FUZZ_SEED` is set, so that a failure in CI is caused by
 * the change at hand; a search for new failures sets other seeds.
 */
export const FUZZ_SEED: number = Number(process.env["ACS_FUZZ_SEED"] ?? 20_261_124);

/** How much longer than in CI a fuzz test runs: `ACS_FUZZ_FACTOR`. Default: 1. */
export const FUZZ_FACTOR: number = Number(process.env["ACS_FUZZ_FACTOR"] ?? 1);

/**
 * Checks a property, and says how to repeat a failure: its values are too large to print.
 *
 * @param property The property.
 * @param numRuns The number of runs, before {@linkcode FUZZ_FACTOR}.
 * @param seed The seed of its randomness.
 */
export async function fuzz<T>(
  property: fc.IAsyncProperty<T>,
  numRuns: number,
  seed: number = FUZZ_SEED,
): Promise<void> {
  const parameters = { seed, numRuns: FUZZ_FACTOR * numRuns, endOnFailure: true };
  const { failed, counterexamplePath, errorInstance } = await fc.check(property, parameters);
  if (!failed) return;
  throw new Error(`failed with seed ${seed}, path ${counterexamplePath}: set ACS_FUZZ_SEED to it`, {
    cause: errorInstance,
  });
}

const PRISTINE = [Object.prototype, Array.prototype, Function.prototype].map((prototype) => ({
  prototype,
  keys: Reflect.ownKeys(prototype),
}));

/** Asserts that nothing was added to the prototypes that all objects share. */
export function assertNoPollution(): void {
  for (const { prototype, keys } of PRISTINE) {
    assert.deepEqual(Reflect.ownKeys(prototype), keys);
  }
  const fresh: object = {};
  assert.equal("polluted" in fresh, false);
  assert.equal(Object.getPrototypeOf(fresh), Object.prototype);
}
