/**
 * The error for a connection that opened but was useless.
 *
 * @module
 */

import { AcsError } from "../errors.ts";
import { describeEnd } from "./reporting/describe_end.ts";
import type { SessionConnectionEnd } from "./session_connection_end.ts";

/** A connection ended before it had been useful, and not for the first time. */
export class UselessConnectionError extends AcsError {
  /** Always `"UselessConnectionError"`. */
  override readonly name = "UselessConnectionError";
  /** How it ended. */
  readonly end: SessionConnectionEnd;
  /** How long it lasted, in ms. */
  readonly livedMs: number;

  /**
   * Creates the error.
   *
   * @param end How it ended; its error, if it has one, becomes the cause.
   * @param livedMs How long it lasted, in ms.
   */
  constructor(end: SessionConnectionEnd, livedMs: number) {
    super(
      `The connection to ACS was useless. It ended after ${livedMs} ms: ${describeEnd(end)}`,
      { cause: end.kind === "error" ? end.error : undefined },
    );
    this.end = end;
    this.livedMs = livedMs;
  }
}
