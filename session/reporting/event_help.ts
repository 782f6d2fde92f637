/**
 * Maps events to failures of the catalogue.
 *
 * @module
 */

import { type FailureHelp, failureHelp, helpFor } from "../../failures/failure_help.ts";
import { CONNECTION_REPLACED } from "../../protocol/close.ts";
import type { SessionConnectionEnd } from "../session_connection_end.ts";
import type { SessionEventMap } from "./events.ts";

/** The close code for a connection that violates a policy, such as one connection per instance. */
const POLICY_VIOLATION = 1008;

/**
 * Explains the end of a connection.
 *
 * @param end How it ended.
 * @returns `undefined` for an end that is part of normal operation, or that explains nothing.
 */
export function endHelp(end: SessionConnectionEnd): FailureHelp | undefined {
  switch (end.kind) {
    case "close":
      return end.code === POLICY_VIOLATION && end.reason.startsWith(CONNECTION_REPLACED)
        ? helpFor("ACS-S01")
        : undefined;
    case "idle":
    case "write-stalled":
    case "write-overflow":
      return helpFor("ACS-S02");
    case "error":
      return failureHelp(end.error);
    default:
      return undefined;
  }
}

/**
 * Explains why a message was not answered.
 *
 * @param dropped The reason, and the message's type if it was decoded.
 * @returns The help; `undefined` if no action is needed, or the description names it.
 */
export function dropHelp(
  { reason, type }: Pick<SessionEventMap["dropped"], "reason" | "type">,
): FailureHelp | undefined {
  switch (reason) {
    case "failed":
      return helpFor("ACS-S04");
    case "undecodable":
      return helpFor("ACS-S06");
    case "oversized":
      // A message that is too large for its lane is a message of ACS.
      return type === undefined ? helpFor("ACS-S06") : undefined;
    default:
      return undefined;
  }
}
