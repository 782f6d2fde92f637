/**
 * Describes an entry of a trace as a line of a timeline.
 *
 * @module
 */

import type { EntryFields } from "../../emulator/acs/describe_event.ts";
import type { EmulatorEventType } from "../../emulator/events.ts";
import { shortName } from "../emulator_report.ts";
import type { TimelineEntry } from "../timeline.ts";

/** Describes an entry. */
export function describeEntry(
  event: EmulatorEventType,
  fields: EntryFields,
): Omit<TimelineEntry, "time"> {
  const { containerInstanceArn = "", connectionId, messageId, type, request, reason } = fields;
  const who = shortName(containerInstanceArn);
  switch (event) {
    case "sent":
      return {
        direction: ">",
        who,
        what: type ?? "raw frame",
        id: messageId,
        note: fields.resent ? "resent" : "",
      };
    case "received":
      return { direction: "<", who, what: type ?? "raw frame", id: messageId, note: "" };
    case "connected":
      return { direction: " ", who, what: event, note: `connection ${connectionId}` };
    case "disconnected":
      return { direction: " ", who, what: event, note: endOf(fields) };
    case "apiCall":
      return { direction: "<", who, what: request ?? event, note: "" };
    case "refused": {
      const answer = [fields.exception, fields.status ?? "no answer"].filter((part) => part);
      return {
        direction: "x",
        who,
        what: `refused ${request}`,
        note: `${answer.join(" ")}: ${reason}`,
      };
    }
    default:
      return { direction: " ", who, what: type ?? event, note: reason ?? "" };
  }
}

function endOf(fields: EntryFields): string {
  const { serviceEnd, serviceCloseCode, serviceCloseReason, closeCode, closeReason } = fields;
  const words = (code: number | null | undefined, reason: string | undefined) =>
    [`code ${code ?? "none"}`, reason].filter((part) => part).join(": ");
  switch (serviceEnd) {
    case "close":
      return `closed by the service, ${words(serviceCloseCode, serviceCloseReason)}`;
    case "end":
      return "ended by the service";
    case "reset":
      return "reset by the service";
    case undefined:
      return `ended by the agent, ${words(closeCode, closeReason)}`;
  }
}
