/**
 * The size of a task: CPU units and MiB, from the strings of a task definition.
 *
 * @module
 */

import type { TaskDefinition } from "../ecs/task_definitions.ts";
import type { Reservation } from "../ecs/reservation.ts";
import type { TaskOverride } from "./task_override.ts";

/** CPU units: from `1024`, or `1 vCPU`. NaN for anything else. */
export function cpuUnits(text: string): number {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*(vcpu)?\s*$/i.exec(text) ?? [];
  return Number(number) * (unit === undefined ? 1 : 1024);
}

/** MiB: from `512`, or `0.5 GB`. NaN for anything else. */
export function memoryMib(text: string): number {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*(gb)?\s*$/i.exec(text) ?? [];
  return Number(number) * (unit === undefined ? 1 : 1024);
}

/**
 * The resources that a task reserves on its container instance: those set for the whole task, or
 * the sum over its containers, whose `memoryReservation` takes precedence over `memory`.
 */
export function reservationFor({ content }: TaskDefinition, overrides: TaskOverride): Reservation {
  const { networkMode = "bridge", containerDefinitions = [] } = content;
  const cpu = overrides.cpu ?? content.cpu;
  const memory = overrides.memory ?? content.memory;
  const containers = containerDefinitions.map((container) => ({
    ...container,
    ...overrides.containerOverrides?.find(({ name }) => name === container.name),
  }));
  const ports = (wanted: "tcp" | "udp") =>
    containerDefinitions.flatMap(({ portMappings = [] }) =>
      portMappings.filter(({ protocol = "tcp" }) => protocol === wanted)
        .map(({ containerPort = 0, hostPort }) =>
          hostPort || (networkMode === "host" ? containerPort : 0)
        )
        .filter((port) => port > 0)
    );
  return {
    cpu: cpu ? cpuUnits(cpu) : containers.reduce((sum, one) => sum + (one.cpu ?? 0), 0),
    memory: memory
      ? memoryMib(memory)
      : containers.reduce((sum, one) => sum + (one.memoryReservation ?? one.memory ?? 0), 0),
    tcp: ports("tcp"),
    udp: ports("udp"),
  };
}
