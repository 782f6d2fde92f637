/**
 * SIGINT and SIGTERM: the first stops gracefully, the second immediately.
 *
 * @module
 */

import process from "node:process";

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** What a signal has requested. */
export interface SignalStop {
  /** Aborted by the first signal, with an error that names it. */
  readonly signal: AbortSignal;
  /** The exit code for the signal, once there has been one. */
  readonly exitCode: number | undefined;
  /** Stops listening. */
  release(): void;
}

/** Aborts on the first signal and ends the process on the second. */
export function stopOnSignals(): SignalStop {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const listeners = (["SIGINT", "SIGTERM"] as const).map((name) => {
    const listener = () => {
      if (controller.signal.aborted) process.exit(EXIT_CODES[name]);
      exitCode = EXIT_CODES[name];
      controller.abort(new DOMException(`received ${name}`, "AbortError"));
    };
    process.on(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release() {
      for (const { name, listener } of listeners) process.off(name, listener);
    },
  };
}
