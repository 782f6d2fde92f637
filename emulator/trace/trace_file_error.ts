/**
 * The error for a trace file that cannot be written.
 *
 * @module
 */

/** A trace file cannot be created, or can no longer be written. */
export class TraceFileError extends Error {
  /** Always `"TraceFileError"`. */
  override readonly name = "TraceFileError";
  /** The file's path. */
  readonly path: string;

  /**
   * Creates the error.
   *
   * @param path The file's path.
   * @param why The reason, as text.
   * @param options The error from the file system, as `cause`.
   */
  constructor(path: string, why: string, options?: ErrorOptions) {
    super(`The trace ${path} cannot be written: ${why}`, options);
    this.path = path;
  }
}
