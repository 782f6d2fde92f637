/**
 * Describes the end of a connection.
 *
 * @module
 */

import type { ConnectionEnd } from "../../wsclient/client.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";
import { oneLine } from "../../internal/one_line.ts";

/** Describes how a connection ended, in one line. */
export function describeEnd(end: ConnectionEnd): string {
  switch (end.kind) {
    case "close":
      return `the peer closed with code ${end.code}` +
        (end.reason === "" ? "" : `: ${oneLine(end.reason)}`);
    case "eof":
      return "the peer ended the stream without a close frame";
    case "error":
      return describeError(end.error);
    case "idle":
      return "no frame was received within the idle timeout";
    case "write-stalled":
      return "the peer read nothing of what was sent within the write timeout";
    case "write-overflow":
      return "the peer reads too slowly: more data is waiting to be sent than the" +
        " option limits.maxSendBufferSize allows";
    case "expired":
      return "the connection reached its maximum lifetime";
    case "caught-up":
      return `the lane ${end.lane} has been worked off, and the service is to resend what` +
        " it refused";
    case "suspended":
      return "the machine was suspended";
    case "left":
      return end.reason;
  }
}
