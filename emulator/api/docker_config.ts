/**
 * The part of a container definition that agents pass through to Docker.
 *
 * @module
 */

import type { ContainerDefinition } from "../ecs/task_definitions.ts";
import { present } from "./present.ts";
import type { ContainerOverride } from "./task_override.ts";

const MIB = 1024 * 1024;
const NANOSECONDS = 1_000_000_000;

/** The version of Docker's API unless a setting needs a newer one: that of Docker 1.9. */
const OLDEST_VERSION = "1.21";

/**
 * The version of Docker's API that a container needs. Agents refuse a container that needs a newer
 * one than their Docker has, so it is the oldest that has all settings.
 */
export function dockerVersionFor(
  { healthCheck, systemControls, linuxParameters }: ContainerDefinition,
): string {
  if (linuxParameters?.initProcessEnabled) return "1.25";
  if (healthCheck !== undefined || (systemControls ?? []).length > 0) return "1.24";
  const isNewer = linuxParameters?.tmpfs !== undefined ||
    linuxParameters?.sharedMemorySize !== undefined;
  return isNewer ? "1.22" : OLDEST_VERSION;
}

/** Docker's `Config`, without the settings that agents derive from the payload. */
export function dockerConfig(definition: ContainerDefinition): object {
  const { healthCheck } = definition;
  return present({
    User: definition.user,
    WorkingDir: definition.workingDirectory,
    Hostname: definition.hostname,
    Labels: definition.dockerLabels,
    NetworkDisabled: definition.disableNetworking,
    Tty: definition.pseudoTerminal,
    OpenStdin: definition.interactive,
    Healthcheck: healthCheck && present({
      Test: healthCheck.command,
      Interval: (healthCheck.interval ?? 30) * NANOSECONDS,
      Timeout: (healthCheck.timeout ?? 5) * NANOSECONDS,
      Retries: healthCheck.retries ?? 3,
      StartPeriod: healthCheck.startPeriod && healthCheck.startPeriod * NANOSECONDS,
    }),
  });
}

/** Docker's `HostConfig`, without the settings that agents derive from the payload. */
export function dockerHostConfig(
  definition: ContainerDefinition,
  override: ContainerOverride,
  networkMode: string,
): object {
  const { linuxParameters: linux, logConfiguration: log } = definition;
  const memory = override.memory ?? definition.memory ?? 0;
  const memoryReservation = override.memoryReservation ?? definition.memoryReservation;
  return present({
    // For awsvpc, the agent itself sets the mode.
    NetworkMode: networkMode === "awsvpc" ? undefined : networkMode,
    MemoryReservation: memoryReservation && memoryReservation * MIB,
    Privileged: definition.privileged,
    ReadonlyRootfs: definition.readonlyRootFilesystem,
    Dns: definition.dnsServers,
    DnsSearch: definition.dnsSearchDomains,
    ExtraHosts: definition.extraHosts?.map(({ hostname, ipAddress }) => `${hostname}:${ipAddress}`),
    SecurityOpt: definition.dockerSecurityOptions,
    Sysctls: definition.systemControls && Object.fromEntries(
      definition.systemControls.map(({ namespace = "", value = "" }) => [namespace, value]),
    ),
    Ulimits: definition.ulimits?.map(({ name, softLimit, hardLimit }) => ({
      Name: name,
      Soft: softLimit,
      Hard: hardLimit,
    })),
    LogConfig: log && { Type: log.logDriver, Config: log.options ?? {} },
    CapAdd: linux?.capabilities?.add,
    CapDrop: linux?.capabilities?.drop,
    Init: linux?.initProcessEnabled,
    ShmSize: linux?.sharedMemorySize && linux.sharedMemorySize * MIB,
    MemorySwap: linux?.maxSwap === undefined ? undefined : (linux.maxSwap + memory) * MIB,
    MemorySwappiness: linux?.swappiness,
    Tmpfs: linux?.tmpfs && Object.fromEntries(
      linux.tmpfs.map(({ containerPath = "", size = 0, mountOptions = [] }) => [
        containerPath,
        [`size=${size}m`, ...mountOptions].join(","),
      ]),
    ),
    Devices: linux?.devices?.map(({ hostPath, containerPath, permissions }) => ({
      PathOnHost: hostPath,
      PathInContainer: containerPath ?? hostPath,
      CgroupPermissions: (permissions ?? ["read", "write", "mknod"])
        .map((permission) => permission.slice(0, 1)).join(""),
    })),
  });
}
