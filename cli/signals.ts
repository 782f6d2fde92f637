/**
 * SIGINT and SIGTERM: the first stops in order, the second at once.
 *
 * @module
 */

import process from "node:process";

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Aborts on the first signal and ends the process on the second.
 *
 * @returns `signal`, aborted with an error that names the signal; `release` stops listening.
 */
export function stopOnSignals(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const listeners = (["SIGINT", "SIGTERM"] as const).map((name) => {
    const listener = () => {
      if (controller.signal.aborted) process.exit(EXIT_CODES[name]);
      controller.abort(new DOMException(`received ${name}`, "AbortError"));
    };
    process.on(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    release() {
      for (const { name, listener } of listeners) process.off(name, listener);
    },
  };
}
