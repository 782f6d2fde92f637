/**
 * A volume of a task definition as agents get it. Its `type` says which of its configurations is
 * set; agents refuse a task with a volume without one.
 *
 * @module
 */

import type { Volume } from "../../protocol/messages.ts";
import type { TaskDefinitionContent } from "../ecs/task_definitions.ts";

type VolumeDefinition = NonNullable<TaskDefinitionContent["volumes"]>[number];

/** The volume of a payload. */
export function payloadVolume(definition: VolumeDefinition): Volume {
  const { host } = definition;
  const name = definition.name ?? null;
  const { dockerVolumeConfiguration: docker, efsVolumeConfiguration: efs } = definition;
  const { fsxWindowsFileServerVolumeConfiguration: fsx } = definition;
  if (docker !== undefined) {
    return {
      name,
      type: "docker",
      dockerVolumeConfiguration: {
        scope: docker.scope ?? "task",
        autoprovision: docker.autoprovision ?? false,
        driver: docker.driver ?? "local",
        driverOpts: { ...docker.driverOpts },
        labels: { ...docker.labels },
      },
    };
  }
  if (efs !== undefined) {
    const { authorizationConfig, ...rest } = efs;
    return {
      name,
      type: "efs",
      efsVolumeConfiguration: {
        ...rest,
        ...(authorizationConfig && { authorizationConfig: { ...authorizationConfig } }),
      },
    };
  }
  if (fsx !== undefined) {
    const { authorizationConfig, ...rest } = fsx;
    return {
      name,
      type: "fsxWindowsFileServer",
      fsxWindowsFileServerVolumeConfiguration: {
        ...rest,
        ...(authorizationConfig && { authorizationConfig: { ...authorizationConfig } }),
      },
    };
  }
  return { name, type: "host", host: { sourcePath: host?.sourcePath ?? "" } };
}
