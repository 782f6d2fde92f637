/**
 * `test(title, fn)` on both runtimes: on Deno with the leak sanitizers that its `node:test` leaves
 * out, on Node with `node:test`.
 *
 * @module
 */

import { test as nodeTest } from "node:test";

/** What a test may ask for. */
export interface TestOptions {
  /**
   * Set where the runtime itself cannot let go of a socket (Deno, a peer that never answers a
   * close): such a test is not checked for leaks.
   */
  readonly leavesSocket?: boolean;
}

/** Registers one test. */
export function test(
  title: string,
  fn: () => void | Promise<void>,
  options: TestOptions = {},
): void {
  if (!("Deno" in globalThis)) {
    nodeTest(title, fn);
    return;
  }
  const sanitize = !options.leavesSocket;
  Deno.test({ name: title, fn, sanitizeOps: sanitize, sanitizeResources: sanitize });
}
