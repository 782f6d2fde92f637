/**
 * How a control call fails, and with which status.
 *
 * @module
 */

import { safeGet } from "../../internal/safe_get.ts";

/** A control call that is refused before anything is done. */
export class ControlError extends Error {
  /** The error's name in the response. */
  override readonly name: string;
  /** The HTTP status. */
  readonly status: number;
  /** Headers of the response. */
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param status The HTTP status.
   * @param name The error's name in the response.
   * @param message The reason, as text.
   * @param headers Headers of the response.
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

/** The HTTP status of each error, by its name, which is the same in every copy of this package. */
const STATUSES: ReadonlyMap<unknown, number> = new Map([
  ["InvalidInputError", 400],
  ["RangeError", 400],
  ["ScenarioError", 400],
  ["EcsApiError", 400],
  ["InactiveInstanceError", 400],
  ["UnknownTaskError", 404],
  // The agent refused the message, or its answer was lost.
  ["MessageNackedError", 409],
  ["AnswerLostError", 409],
  ["TaskStoppedError", 409],
  ["AckTimeoutError", 504],
  ["EventTimeoutError", 504],
  ["EmulatorClosedError", 503],
]);

/** The HTTP status that stands for an error. */
export function statusOf(error: unknown): number {
  if (error instanceof ControlError) return error.status;
  return STATUSES.get(safeGet(error, "name")) ?? 500;
}
