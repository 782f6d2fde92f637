/**
 * A task definition as agents get it: fields of the payload, and JSON that the agent passes through
 * to Docker.
 *
 * @module
 */

import type { Container, StringMap, Task } from "../../protocol/messages.ts";
import type { ContainerDefinition, TaskDefinition } from "../ecs/task_definitions.ts";
import { dockerConfig, dockerHostConfig, dockerVersionFor } from "./docker_config.ts";
import type { ContainerOverride, TaskOverride } from "./task_override.ts";
import { cpuUnits, memoryMib } from "./task_size.ts";
import { payloadVolume } from "./volume_payload.ts";

/**
 * The task of a payload.
 *
 * @param definition The task definition.
 * @param overrides The overrides of the run.
 * @param region The region of secrets that are given by name.
 */
export function payloadTask(
  { family, revision, content }: TaskDefinition,
  overrides: TaskOverride,
  region: string,
): Task {
  const { networkMode = "bridge", pidMode, ipcMode } = content;
  const cpu = overrides.cpu ?? content.cpu;
  const memory = overrides.memory ?? content.memory;
  return {
    family,
    version: String(revision),
    desiredStatus: "RUNNING",
    overrides: "{}",
    networkMode,
    ...(pidMode && { pidMode }),
    ...(ipcMode && { ipcMode }),
    ...(cpu && { cpu: cpuUnits(cpu) / 1024 }),
    ...(memory && { memory: memoryMib(memory) }),
    volumes: (content.volumes ?? []).map(payloadVolume),
    containers: (content.containerDefinitions ?? []).map((container) => {
      const override = overrides.containerOverrides?.find(({ name }) => name === container.name);
      return payloadContainer(container, override ?? {}, { networkMode, region });
    }),
  };
}

interface Place {
  readonly networkMode: string;
  readonly region: string;
}

function payloadContainer(
  definition: ContainerDefinition,
  override: ContainerOverride,
  { networkMode, region }: Place,
): Container {
  const { entryPoint, links, healthCheck, restartPolicy, firelensConfiguration } = definition;
  const command = override.command ?? definition.command;
  const environmentFiles = [
    ...definition.environmentFiles ?? [],
    ...override.environmentFiles ?? [],
  ];
  const secrets = payloadSecrets(definition, region);
  return {
    name: definition.name ?? null,
    image: definition.image ?? null,
    essential: definition.essential ?? true,
    cpu: override.cpu ?? definition.cpu ?? 0,
    memory: override.memory ?? definition.memory ?? 0,
    environment: mergedEnvironment(definition, override),
    overrides: "{}",
    portMappings: (definition.portMappings ?? []).map((mapping) =>
      payloadPort(mapping, networkMode)
    ),
    mountPoints: (definition.mountPoints ?? []).map((each) => ({ ...each })),
    volumesFrom: (definition.volumesFrom ?? []).map((each) => ({ ...each })),
    dockerConfig: {
      version: dockerVersionFor(definition),
      config: JSON.stringify(dockerConfig(definition)),
      hostConfig: JSON.stringify(dockerHostConfig(definition, override, networkMode)),
    },
    ...(command && { command: [...command] }),
    ...(entryPoint && { entryPoint: [...entryPoint] }),
    ...(links && { links: [...links] }),
    ...(definition.dependsOn && { dependsOn: definition.dependsOn.map((each) => ({ ...each })) }),
    ...(healthCheck && { healthCheckType: "docker" }),
    ...(restartPolicy && {
      restartPolicy: {
        ...restartPolicy,
        ignoredExitCodes: [...restartPolicy.ignoredExitCodes ?? []],
      },
    }),
    ...(secrets.length > 0 && { secrets }),
    ...(environmentFiles.length > 0 && {
      environmentFiles: environmentFiles.map((file) => ({ ...file })),
    }),
    ...(firelensConfiguration && {
      firelensConfiguration: {
        type: firelensConfiguration.type ?? null,
        options: { ...firelensConfiguration.options },
      },
    }),
    ...registryAuthentication(definition, region),
    ...(definition.startTimeout !== undefined && { startTimeout: definition.startTimeout }),
    ...(definition.stopTimeout !== undefined && { stopTimeout: definition.stopTimeout }),
  };
}

/** The service merges overrides of the environment; agents apply only those of the command. */
function mergedEnvironment(
  definition: ContainerDefinition,
  override: ContainerOverride,
): StringMap {
  const all = [...definition.environment ?? [], ...override.environment ?? []];
  return Object.fromEntries(all.flatMap(({ name, value }) => name ? [[name, value ?? ""]] : []));
}

type PortMapping = NonNullable<ContainerDefinition["portMappings"]>[number];

/**
 * In the mode `bridge`, a port that is not given is chosen by Docker; else the host's is the same.
 */
function payloadPort(
  { containerPort, hostPort, protocol = "tcp", containerPortRange }: PortMapping,
  networkMode: string,
): NonNullable<NonNullable<Container["portMappings"]>[number]> {
  if (containerPortRange !== undefined) return { containerPortRange, protocol };
  const sameAsContainer = networkMode === "bridge" ? 0 : containerPort ?? 0;
  return { containerPort: containerPort ?? 0, hostPort: hostPort || sameAsContainer, protocol };
}

type SecretDefinition = NonNullable<ContainerDefinition["secrets"]>[number];

function payloadSecrets(
  { secrets = [], logConfiguration }: ContainerDefinition,
  region: string,
): NonNullable<Container["secrets"]> {
  const payloadSecret =
    (target: "CONTAINER" | "LOG_DRIVER") => ({ name, valueFrom }: SecretDefinition) => ({
      name: name ?? null,
      valueFrom: valueFrom ?? null,
      type: target === "CONTAINER" ? "ENVIRONMENT_VARIABLE" : "BOOTSTRAP",
      target,
      provider: valueFrom?.includes(":secretsmanager:") ? "asm" : "ssm",
      region: valueFrom?.split(":")[3] || region,
    });
  return [
    ...secrets.map(payloadSecret("CONTAINER")),
    ...(logConfiguration?.secretOptions ?? []).map(payloadSecret("LOG_DRIVER")),
  ];
}

/** Images of ECR are pulled with the execution role, those of other registries with a secret. */
function registryAuthentication(
  { image = "", repositoryCredentials }: ContainerDefinition,
  region: string,
): Partial<Container> {
  const credentialsParameter = repositoryCredentials?.credentialsParameter;
  if (credentialsParameter !== undefined) {
    const asmAuthData = {
      credentialsParameter,
      region: credentialsParameter.split(":")[3] || region,
    };
    return { registryAuthentication: { type: "asm", asmAuthData } };
  }
  const [, registryId, home] = /^(\d{12})\.dkr\.ecr\.([\w-]+)\.amazonaws\./.exec(image) ?? [];
  if (registryId === undefined || home === undefined) return {};
  const ecrAuthData = { registryId, region: home, useExecutionRole: true };
  return { registryAuthentication: { type: "ecr", ecrAuthData } };
}
