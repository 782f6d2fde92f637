/**
 * Ending the process without losing output.
 *
 * @module
 */

import process from "node:process";

/** The exit code after a failure. */
export const EXIT_FAILURE = 1;

/** The exit code for invalid flags or input files. */
export const EXIT_USAGE = 2;

/** A command cannot continue, for a reason that its user can fix. */
export class CommandFailure extends Error {
  /** Always `"CommandFailure"`. */
  override readonly name: string = "CommandFailure";
  /** The exit code. */
  readonly exitCode: number;

  /**
   * @param message The message for the user.
   * @param exitCode The exit code.
   * @param options The cause, if there is one.
   */
  constructor(message: string, exitCode: number = EXIT_FAILURE, options: ErrorOptions = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Invalid flags or variables; the error refers to the command's help. */
export class UsageError extends CommandFailure {
  /**
   * @param message What is wrong, and with which flag or variable.
   * @param options The cause, if there is one.
   */
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, EXIT_USAGE, options);
  }
}

/** The exit code of a process ended by SIGPIPE, for output that nobody reads any more. */
const EXIT_PIPE = 141;

/**
 * Ends the process once its output has been written. It does not wait for sockets: one whose peer
 * never answers would keep the process alive.
 *
 * @param exitCode The exit code.
 */
export function exitWhenFlushed(exitCode: number): void {
  // If the output cannot be written, the callback may never be called.
  process.exitCode = exitCode;
  process.stdout.write("", (error) => {
    // The listener of exitOnClosedOutput reports it, in a moment.
    if (error) return void setImmediate(() => process.exit(exitCode || EXIT_FAILURE));
    process.stderr.write("", () => process.exit(exitCode));
  });
}

/**
 * Ends the process when its output can no longer be written: quietly if the reader has gone, as in
 * `acs demo | head`. A log that nobody reads any more is not a reason to exit.
 */
export function exitOnClosedOutput(): void {
  process.stderr.on("error", () => {});
  process.stdout.on("error", (error: Error & { code?: string }) => {
    if (error.code === "EPIPE") process.exit(EXIT_PIPE);
    process.stderr.write(`error: cannot write the output: ${error.message}\n`);
    process.exit(1);
  });
}
