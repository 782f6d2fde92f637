/**
 * The end of a connection in words.
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
      return "nothing was received for the idle limit";
    case "write-stalled":
      return "the peer took nothing of what was sent for the write deadline";
    case "write-overflow":
      return "the peer took too little of what was sent, and more waits to be written than the" +
        " option limits.maxSendBufferSize allows";
    case "expired":
      return "the connection reached its longest life";
    case "caught-up":
      return `the lane ${end.lane} has handled what it held, and the service is to send again what` +
        " it refused";
    case "suspended":
      return "the machine was suspended, and the connection with it";
    case "left":
      return end.reason;
  }
}
