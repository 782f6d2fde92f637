/**
 * The resources of a container instance, and the part of them that its tasks leave free.
 *
 * @module
 */

import type { InstanceRecord, InstanceRegistration } from "./container_instances.ts";
import type { Reservation } from "./reservation.ts";

/** A resource as the ECS API states it. */
export type InstanceResource = NonNullable<InstanceRegistration["totalResources"]>[number];

/**
 * The resources of an instance whose agent connected without registering: 4 vCPU and 16 GiB. Our
 * choice.
 */
const UNREGISTERED_RESOURCES: readonly InstanceResource[] = [
  { name: "CPU", type: "INTEGER", integerValue: 4096 },
  { name: "MEMORY", type: "INTEGER", integerValue: 16_384 },
  { name: "PORTS", type: "STRINGSET", stringSetValue: [] },
  { name: "PORTS_UDP", type: "STRINGSET", stringSetValue: [] },
];

/** The total resources of an instance; for ports, those in use by anything but tasks. */
export function registeredResources({ registration }: InstanceRecord): readonly InstanceResource[] {
  return registration?.totalResources ?? UNREGISTERED_RESOURCES;
}

/** The free resources of an instance; for ports, those in use. */
export function remainingResources(
  instance: InstanceRecord,
  used: Reservation,
): readonly InstanceResource[] {
  return registeredResources(instance).map((resource) => {
    const { name, integerValue = 0, stringSetValue = [] } = resource;
    switch (name) {
      case "CPU":
        return { ...resource, integerValue: integerValue - used.cpu };
      case "MEMORY":
        return { ...resource, integerValue: integerValue - used.memory };
      case "PORTS":
        return { ...resource, stringSetValue: [...stringSetValue, ...used.tcp.map(String)] };
      case "PORTS_UDP":
        return { ...resource, stringSetValue: [...stringSetValue, ...used.udp.map(String)] };
      default:
        return resource;
    }
  });
}

/** Why a task has no room on an instance. */
export type LackingResource = "RESOURCE:CPU" | "RESOURCE:MEMORY" | "RESOURCE:PORTS";

/**
 * Whether a task has room on an instance.
 *
 * @param instance The instance.
 * @param used What its tasks reserve.
 * @param wanted What the task reserves.
 * @returns The missing resource; `undefined` if there is room.
 */
export function lackOf(
  instance: InstanceRecord,
  used: Reservation,
  wanted: Reservation,
): LackingResource | undefined {
  const left = remainingResources(instance, used);
  const numberOf = (name: string) => left.find((one) => one.name === name)?.integerValue ?? 0;
  const portsOf = (name: string) => left.find((one) => one.name === name)?.stringSetValue ?? [];
  const areTaken = (name: string, ports: readonly number[]) =>
    ports.some((port) => portsOf(name).includes(String(port)));
  if (numberOf("CPU") < wanted.cpu) return "RESOURCE:CPU";
  if (numberOf("MEMORY") < wanted.memory) return "RESOURCE:MEMORY";
  const isTaken = areTaken("PORTS", wanted.tcp) || areTaken("PORTS_UDP", wanted.udp);
  return isTaken ? "RESOURCE:PORTS" : undefined;
}
