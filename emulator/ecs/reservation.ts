/**
 * The resources that tasks reserve on their container instances.
 *
 * @module
 */

import type { Task } from "../../protocol/messages.ts";

/** CPU units per vCPU. */
const UNITS_PER_VCPU = 1024;

/** The reservation of a task. */
export interface Reservation {
  /** CPU units. */
  readonly cpu: number;
  /** Memory, in MiB. */
  readonly memory: number;
  /** Ports of the host, TCP. */
  readonly tcp: readonly number[];
  /** Ports of the host, UDP. */
  readonly udp: readonly number[];
}

/** The reservation of several tasks together. */
export function sumOf(reservations: readonly Reservation[]): Reservation {
  return {
    cpu: reservations.reduce((sum, { cpu }) => sum + cpu, 0),
    memory: reservations.reduce((sum, { memory }) => sum + memory, 0),
    tcp: reservations.flatMap(({ tcp }) => tcp),
    udp: reservations.flatMap(({ udp }) => udp),
  };
}

/** The reservation of a task, from its payload. */
export function reservationOf({ cpu, memory, networkMode, containers }: Task): Reservation {
  const all = containers ?? [];
  const ports = (protocol: "tcp" | "udp") =>
    networkMode === "awsvpc"
      ? []
      : all.flatMap((container) =>
        (container?.portMappings ?? []).flatMap((mapping) =>
          mapping?.hostPort && (mapping.protocol ?? "tcp") === protocol ? [mapping.hostPort] : []
        )
      );
  return {
    cpu: cpu ? cpu * UNITS_PER_VCPU : all.reduce((sum, one) => sum + (one?.cpu ?? 0), 0),
    memory: memory || all.reduce((sum, one) => sum + (one?.memory ?? 0), 0),
    tcp: ports("tcp"),
    udp: ports("udp"),
  };
}
