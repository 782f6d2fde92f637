/**
 * What all fuzz tests share: where their randomness begins, and what must hold after each of them.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";

/**
 * The seed. The same each time unless `ACS_FUZZ_SEED` says otherwise, so that what fails in CI is what
 * the change at hand has broken; a search for what nobody has thought of gives it other seeds.
 */
export const FUZZ_SEED: number = Number(process.env["ACS_FUZZ_SEED"] ?? 20_261_124);

/** How much longer than in CI a fuzz test runs: `ACS_FUZZ_FACTOR`, 1 unless given. */
export const FUZZ_FACTOR: number = Number(process.env["ACS_FUZZ_FACTOR"] ?? 1);

/**
 * Runs a property, and says how to run it again where it fails: its values are too large to print.
 *
 * @param property The property.
 * @param numRuns How often, before {@linkcode FUZZ_FACTOR}.
 * @param seed Where its randomness begins.
 */
export async function fuzz<T>(
  property: fc.IAsyncProperty<T>,
  numRuns: number,
  seed: number = FUZZ_SEED,
): Promise<void> {
  const parameters = { seed, numRuns: FUZZ_FACTOR * numRuns, endOnFailure: true };
  const { failed, counterexamplePath, errorInstance } = await fc.check(property, parameters);
  if (!failed) return;
  throw new Error(`failed by seed ${seed}, path ${counterexamplePath}: set ACS_FUZZ_SEED to it`, {
    cause: errorInstance,
  });
}

const PRISTINE = [Object.prototype, Array.prototype, Function.prototype].map((prototype) => ({
  prototype,
  keys: Reflect.ownKeys(prototype),
}));

/** Sees that nothing has put anything on the prototypes that all objects share. */
export function assertNoPollution(): void {
  for (const { prototype, keys } of PRISTINE) {
    assert.deepEqual(Reflect.ownKeys(prototype), keys);
  }
  const fresh: object = {};
  assert.equal("polluted" in fresh, false);
  assert.equal(Object.getPrototypeOf(fresh), Object.prototype);
}
