/**
 * Tells what an emulator does: one JSON object or one line of text for each event.
 *
 * @module
 */

import type { AcsEmulator } from "../emulator/acs_emulator.ts";
import type { EmulatorEvents, EmulatorEventType } from "../emulator/events.ts";
import type { ReportedEvent } from "./session_report.ts";
import type { TimelineEntry } from "./timeline.ts";

/** Tells `print` each event of an emulator. */
export function reportEmulator(
  emulator: AcsEmulator,
  print: (event: ReportedEvent) => void,
): void {
  const on = <T extends EmulatorEventType>(
    event: T,
    entry: (detail: EmulatorEvents[T]) => Omit<TimelineEntry, "time">,
    fields: (detail: EmulatorEvents[T]) => Readonly<Record<string, unknown>>,
  ) =>
    emulator.addEventListener(
      event,
      ({ detail }) => print({ time: new Date(), event, ...entry(detail), fields: fields(detail) }),
    );

  on("discovered", ({ containerInstance }) => ({
    direction: " ",
    what: "discovered",
    note: `by ${containerInstance}`,
  }), (detail) => ({ ...detail }));
  on("connected", ({ id }) => ({
    direction: " ",
    what: "connected",
    note: `connection ${id}`,
  }), ({ id, containerInstanceArn }) => ({ connectionId: id, containerInstanceArn }));
  on("disconnected", ({ id, closeCode, closeReason }) => ({
    direction: " ",
    what: "disconnected",
    note: [`connection ${id}, code ${closeCode}`, closeReason].filter((part) => part).join(": "),
  }), ({ id, containerInstanceArn, closeCode, closeReason }) => ({
    connectionId: id,
    containerInstanceArn,
    closeCode,
    closeReason,
  }));
  on("refused", ({ request, status, exception, reason }) => ({
    direction: "x",
    what: `refused ${request}`,
    note: status === undefined ? reason : `${exception} (${status}): ${reason}`,
  }), (detail) => ({ ...detail }));
  on("sent", ({ type, messageId, resent }) => ({
    direction: ">",
    what: type ?? "raw frame",
    id: messageId,
    note: resent ? "sent again" : "",
  }), (detail) => ({ ...detail }));
  on("received", ({ type, messageId }) => ({
    direction: "<",
    what: type,
    id: messageId,
    note: "",
  }), ({ type, messageId, connectionId, containerInstanceArn, bytes }) => ({
    connectionId,
    containerInstanceArn,
    type,
    messageId,
    bytes,
  }));
  on("problem", ({ problem }) => ({
    direction: "x",
    what: "problem",
    note: problem,
  }), (detail) => ({ ...detail }));
  on("failure", ({ reason }) => ({
    direction: "x",
    what: "failure",
    note: reason,
  }), (detail) => ({ ...detail }));
  on("fault", ({ fault, connectionId }) => ({
    direction: "x",
    what: `fault ${fault.action}`,
    note: connectionId === undefined ? "" : `connection ${connectionId}`,
  }), (detail) => ({ ...detail }));
}
