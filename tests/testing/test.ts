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

/** A digest that takes longer than this, in ms, shows that the machine is busy. */
const SLOW_DIGEST_MS = 2;

/**
 * A pending signature cannot be cancelled when a test ends, and would count as a leak. It consists
 * of about ten digests in a row; twelve digests here let each of them finish. On a busy machine the
 * threads that compute them do not keep the order, so that more are needed.
 */
async function finishSigning(): Promise<void> {
  let digests = 12;
  for (let digest = 0; digest < digests; digest++) {
    const startedAt = performance.now();
    await crypto.subtle.digest("SHA-256", new Uint8Array(1));
    if (performance.now() - startedAt > SLOW_DIGEST_MS) digests = Math.min(digests + 6, 60);
  }
}
