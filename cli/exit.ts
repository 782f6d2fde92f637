/**
 * Ending the process without losing output.
 *
 * @module
 */

import process from "node:process";

/** The exit code of a process ended by SIGPIPE, for output that nobody reads any more. */
const EXIT_PIPE = 141;

/**
 * Ends the process once its output has been written. It does not wait for sockets: one whose peer
 * never answers would keep the process alive.
 *
 * @param exitCode The exit code.
 */
export function exitWhenFlushed(exitCode: number): void {
  // Where the output cannot be written, the callback may never come.
  process.exitCode = exitCode;
  process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
}

/**
 * Ends the process when its output can no longer be written: quietly when whoever read it has gone, as
 * `acs demo | head` does. A log that nobody reads any more is no reason to end.
 */
export function exitOnClosedOutput(): void {
  process.stderr.on("error", () => {});
  process.stdout.on("error", (error: Error & { code?: string }) => {
    if (error.code === "EPIPE") process.exit(EXIT_PIPE);
    process.stderr.write(`error: cannot write the output: ${error.message}\n`);
    process.exit(1);
  });
}
