/**
 * Describes the end of a connection.
 *
 * @module
 */

import { describeError } from "../../internal/redaction/describe_error.ts";
import { oneLine } from "../../internal/one_line.ts";
import type { SessionConnectionEnd } from "../session_connection_end.ts";

/** Describes how a connection ended, in one line. */
export function describeEnd(end: SessionConnectionEnd): string {
  switch (end.kind) {
    case "close":
      return `the peer closed with code ${end.code}` +
        (end.reason === "" ? "" : `: ${oneLine(end.reason)}`);
    case "eof":
      return "the peer ended the stream without a close frame";
    case "error":
      return describeError(end.error);
    case "idle":
      return "no frame was received within the idle timeout (timing.idleTimeoutMs and jitter)";
    case "write-stalled":
      return "the peer accepted no data within the write timeout (timing.writeTimeoutMs)";
    case "write-overflow":
      return "the peer accepts data too slowly: the send buffer is larger than" +
        " limits.maxSendBufferSize";
    case "expired":
      return "the connection reached its maximum lifetime";
    case "lane-overflow":
      return `the lane ${end.lane} was full and has now handled its messages; the service resends those` +
        " that it rejected";
    case "suspended":
      return "the machine was suspended";
    case "closed":
      return end.reason;
  }
}
