/**
 * How a control call fails, and with which status.
 *
 * @module
 */

import {
  AckTimeoutError,
  AnswerLostError,
  EmulatorClosedError,
  EventTimeoutError,
  InactiveInstanceError,
  MessageNackedError,
  UnknownTaskError,
} from "../errors.ts";
import { InvalidInputError } from "./input_error.ts";

/** A control call that is refused before anything is done. */
export class ControlError extends Error {
  /** What it is called in the answer. */
  override readonly name: string;
  /** The HTTP status. */
  readonly status: number;
  /** Headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param status The HTTP status.
   * @param name What it is called in the answer.
   * @param message Why, in words.
   * @param headers Headers of the answer.
   */
  constructor(
    status: number,
    name: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.name = name;
    this.headers = headers;
  }
}

/** The HTTP status that stands for an error. */
export function statusOf(error: unknown): number {
  if (error instanceof ControlError) return error.status;
  if (error instanceof InvalidInputError || error instanceof RangeError) return 400;
  if (error instanceof InactiveInstanceError) return 400;
  if (error instanceof UnknownTaskError) return 404;
  // The agent's answer, or its absence, is the answer.
  if (error instanceof MessageNackedError || error instanceof AnswerLostError) return 409;
  if (error instanceof AckTimeoutError || error instanceof EventTimeoutError) return 504;
  if (error instanceof EmulatorClosedError) return 503;
  return 500;
}
