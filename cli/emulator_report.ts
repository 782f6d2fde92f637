/**
 * Reports what an emulator does: one JSON object or one line of text for each event.
 *
 * @module
 */

import type { AcsEmulator } from "../emulator/acs_emulator.ts";
import type { EmulatorEvents, EmulatorEventType } from "../emulator/events.ts";
import type { ReportedEvent } from "./reported_event.ts";
import type { TimelineEntry } from "./timeline.ts";

/** Length of the short name of a container instance, taken from its id, in characters. */
export const SHORT_NAME_LENGTH = 6;

/** The end of a container instance's id, which is enough to distinguish instances. */
export function shortName(containerInstanceArn: string): string {
  return containerInstanceArn.slice(-SHORT_NAME_LENGTH);
}

/**
 * Calls `print` with each event of an emulator.
 *
 * @param emulator The emulator.
 * @param print Prints one.
 * @param withTelemetry Whether frames of telemetry are printed, too: a few every 20 s for each
 * agent.
 */
export function reportEmulator(
  emulator: AcsEmulator,
  print: (event: ReportedEvent) => void,
  withTelemetry = false,
): void {
  const on = <T extends EmulatorEventType>(
    event: T,
    who: (detail: EmulatorEvents[T]) => string,
    entry: (detail: EmulatorEvents[T]) => Omit<TimelineEntry, "time" | "who">,
    fields: (detail: EmulatorEvents[T]) => Readonly<Record<string, unknown>>,
  ) =>
    emulator.addEventListener(event, ({ detail }) =>
      print({
        time: new Date(),
        event,
        who: shortName(who(detail)),
        ...entry(detail),
        fields: fields(detail),
      }));
  const byArn = ({ containerInstanceArn }: { readonly containerInstanceArn: string }) =>
    containerInstanceArn;
  /** How often a connection of an instance has replaced one that was open. */
  const replaced = new Map<string, number>();

  on("discovered", ({ containerInstance }) => containerInstance, () => ({
    direction: " ",
    what: "discovered",
    note: "requested the endpoint; signature valid",
  }), (detail) => ({ ...detail }));
  on("connected", byArn, ({ id, containerInstanceArn, query }) => {
    const older = emulator.connections.find((each) =>
      each.id !== id && each.containerInstanceArn === containerInstanceArn &&
      each.disconnectedAt === undefined
    );
    const agent = `connection ${id}, agent ${query.agentVersion}`;
    if (older === undefined) return { direction: " ", what: "connected", note: agent };
    const times = (replaced.get(containerInstanceArn) ?? 0) + 1;
    replaced.set(containerInstanceArn, times);
    const text = times === 1
      ? "if another agent has it, give each agent its own container instance"
      : "two agents use this container instance; give each agent its own";
    return { direction: "!", what: "connected", note: `${agent}, replaces ${older.id}: ${text}` };
  }, ({ id, containerInstanceArn }) => ({ connectionId: id, containerInstanceArn }));
  on("disconnected", byArn, ({ id, closeCode, closeReason, ownCloseReason }) => ({
    direction: " ",
    what: "disconnected",
    note: [
      `connection ${id}, code ${closeCode}`,
      ownCloseReason === "" ? closeReason : `closed by the emulator, ${ownCloseReason}`,
    ].filter((part) => part).join(": "),
  }), ({ id, containerInstanceArn, closeCode, closeReason, ownCloseReason }) => ({
    connectionId: id,
    containerInstanceArn,
    closeCode,
    closeReason,
    ownCloseReason,
  }));
  on("refused", byArn, ({ request, status, exception, reason }) => ({
    direction: "x",
    what: `refused ${request}`,
    note: status === undefined ? reason : `${exception} (${status}): ${reason}`,
  }), (detail) => ({ ...detail }));
  on("sent", byArn, ({ type, messageId, resent }) => ({
    direction: ">",
    what: type ?? "raw frame",
    id: messageId,
    note: resent ? "resent" : "",
  }), (detail) => ({ ...detail }));
  on("received", byArn, ({ type, messageId }) => ({
    direction: "<",
    what: type,
    id: messageId ?? "",
    note: "",
  }), ({ type, messageId, connectionId, containerInstanceArn, bytes }) => ({
    connectionId,
    containerInstanceArn,
    type,
    messageId,
    bytes,
  }));
  on("apiCall", byArn, ({ operation, taskArn }) => ({
    direction: "<",
    what: operation,
    note: taskArn === "" ? "" : `task ${shortName(taskArn)}`,
  }), (detail) => ({ ...detail }));
  on("taskStateChanged", byArn, ({ taskArn, lastStatus, desiredStatus, stoppedReason }) => ({
    direction: " ",
    what: `task ${shortName(taskArn)}`,
    note: [
      desiredStatus === lastStatus ? lastStatus : `${lastStatus}, to be ${desiredStatus}`,
      stoppedReason,
    ].filter((part) => part).join(": "),
  }), (detail) => ({ ...detail }));
  if (withTelemetry) {
    on("telemetry", byArn, ({ type, bytes }) => ({
      direction: "<",
      what: type,
      note: `telemetry, ${bytes} bytes`,
    }), (detail) => ({ ...detail }));
  }
  on("problem", byArn, ({ problem }) => ({
    direction: "x",
    what: "problem",
    note: problem,
  }), (detail) => ({ ...detail }));
  on("failure", byArn, ({ reason }) => ({
    direction: "x",
    what: "failure",
    note: reason,
  }), (detail) => ({ ...detail }));
  on("fault", byArn, ({ fault, connectionId }) => ({
    direction: "!",
    what: `fault ${fault.action}`,
    note: connectionId === undefined ? "" : `connection ${connectionId}`,
  }), (detail) => ({ ...detail }));
}
