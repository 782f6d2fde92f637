/**
 * `test(title, fn)` on both runtimes: on Deno with the leak sanitizers that its `node:test` leaves
 * out, on Node with `node:test`.
 *
 * @module
 */

import { test as nodeTest } from "node:test";

/** Options of a test. */
export interface TestOptions {
  /**
   * Set if the runtime itself cannot release a socket (Deno, a peer that never answers a close):
   * such a test is not checked for leaks.
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
  Deno.test({
    name: title,
    async fn() {
      await fn();
      await finishSigning();
    },
    sanitizeOps: sanitize,
    sanitizeResources: sanitize,
  });
}

/**
 * A pending signature cannot be cancelled when a test ends, and would count as a leak. It consists
 * of about ten digests in a row; ten digests here let each of them finish.
 */
async function finishSigning(): Promise<void> {
  for (let digest = 0; digest < 12; digest++) {
    await crypto.subtle.digest("SHA-256", new Uint8Array(1));
  }
}
