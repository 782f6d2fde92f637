/**
 * The operations on task definitions.
 *
 * @module
 */

import type { TaskDefinition, TaskDefinitionContent } from "../ecs/task_definitions.ts";
import type { ApiContext } from "./api_context.ts";
import { checkOneOf, clientException, invalidParameter } from "./api_error.ts";
import type { ApiHandlers } from "./api_operation.ts";
import { pageOf } from "./page.ts";
import { present, seconds } from "./present.ts";
import { tagList } from "./tag_operations.ts";
import { cpuUnits, memoryMib } from "./task_size.ts";

type Operation =
  | "DeregisterTaskDefinition"
  | "DescribeTaskDefinition"
  | "ListTaskDefinitionFamilies"
  | "ListTaskDefinitions"
  | "RegisterTaskDefinition";

/** The form of the names of families and containers. */
const NAME = /^[A-Za-z0-9_-]{1,255}$/;

/** The network modes; the last one can be registered, but the emulator runs no tasks with it. */
const NETWORK_MODES: readonly string[] = ["bridge", "host", "none", "awsvpc"];

/** The least memory that Docker accepts, in MiB. */
const LEAST_MEMORY_MIB = 4;

/** The operations. */
export function taskDefinitionOperations(context: ApiContext): ApiHandlers<Operation> {
  const { definitions, tags, now } = context;
  const find = (nameOrArn: string): TaskDefinition => {
    const found = definitions.find(nameOrArn);
    if (found !== undefined) return found;
    throw clientException("Unable to describe task definition.");
  };
  return {
    RegisterTaskDefinition: ({ tags: given, ...content }) => {
      checkContent(content);
      const added = tagList(given);
      const definition = definitions.register(withDefaults(content), now());
      tags.add(definition.taskDefinitionArn, added);
      return { taskDefinition: describeDefinition(definition), tags: added };
    },
    DeregisterTaskDefinition: ({ taskDefinition = "" }) => {
      if (!/:\d+$/.test(taskDefinition)) {
        throw invalidParameter("The revision of the task definition is missing: family:revision");
      }
      return {
        taskDefinition: describeDefinition(definitions.deregister(find(taskDefinition), now())),
      };
    },
    DescribeTaskDefinition: ({ taskDefinition = "", include = [] }) => {
      const found = find(taskDefinition);
      return {
        taskDefinition: describeDefinition(found),
        tags: include.includes("TAGS") ? tags.of(found.taskDefinitionArn) : [],
      };
    },
    ListTaskDefinitions: ({ familyPrefix, status = "ACTIVE", sort = "ASC", ...page }) => {
      checkOneOf("status", status, ["ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS"]);
      checkOneOf("sort", sort, ["ASC", "DESC"]);
      const arns = definitions.all
        .filter((one) => one.status === status && (!familyPrefix || one.family === familyPrefix))
        .sort((one, other) =>
          one.family === other.family
            ? one.revision - other.revision
            : one.family < other.family
            ? -1
            : 1
        )
        .map(({ taskDefinitionArn }) => taskDefinitionArn);
      const { items, rest } = pageOf(sort === "DESC" ? arns.reverse() : arns, page);
      return { taskDefinitionArns: items, ...rest };
    },
    ListTaskDefinitionFamilies: ({ familyPrefix = "", status = "ALL", ...page }) => {
      checkOneOf("status", status, ["ACTIVE", "INACTIVE", "ALL"]);
      const active = new Map<string, boolean>();
      for (const one of definitions.all) {
        active.set(one.family, active.get(one.family) === true || one.status === "ACTIVE");
      }
      const families = [...active]
        .filter(([family]) => family.startsWith(familyPrefix))
        .filter(([, isActive]) => status === "ALL" || isActive === (status === "ACTIVE"))
        .map(([family]) => family).sort();
      const { items, rest } = pageOf(families, page);
      return { families: items, ...rest };
    },
  };
}

/** A task definition in the form of the API's answers. */
export function describeDefinition(
  { content, registeredAt, deregisteredAt, ...definition }: TaskDefinition,
): object {
  return present({
    ...content,
    ...definition,
    registeredAt: seconds(registeredAt),
    deregisteredAt: deregisteredAt === undefined ? undefined : seconds(deregisteredAt),
    compatibilities: ["EXTERNAL", "EC2"],
  });
}

function checkContent(content: TaskDefinitionContent): void {
  const { family = "", containerDefinitions = [], networkMode = "bridge" } = content;
  if (!NAME.test(family)) {
    throw clientException("A family has 1 to 255 letters, digits, hyphens and underscores.");
  }
  if (!NETWORK_MODES.includes(networkMode)) {
    throw clientException(`networkMode must be one of ${NETWORK_MODES.join(", ")}.`);
  }
  if (Number.isNaN(cpuUnits(content.cpu ?? "0"))) {
    throw clientException("Invalid 'cpu' setting for task.");
  }
  if (Number.isNaN(memoryMib(content.memory ?? "0"))) {
    throw clientException("Invalid 'memory' setting for task.");
  }
  if (containerDefinitions.length === 0) throw clientException("Container list cannot be empty.");
  const names = containerDefinitions.map(({ name = "" }) => name);
  const wrong = names.find((name) => !NAME.test(name));
  if (wrong !== undefined) {
    throw clientException(
      "A container's name has 1 to 255 letters, digits, hyphens and underscores.",
    );
  }
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw clientException(`Two containers are named ${repeated}.`);
  if (containerDefinitions.every(({ essential = true }) => !essential)) {
    throw clientException("At least one container must be essential.");
  }
  for (const container of containerDefinitions) checkContainer(container, content, names);
}

function checkContainer(
  container: NonNullable<TaskDefinitionContent["containerDefinitions"]>[number],
  { memory: taskMemory, volumes = [] }: TaskDefinitionContent,
  names: readonly string[],
): void {
  const { name, image, memory, memoryReservation, mountPoints = [], dependsOn = [] } = container;
  if (!image) throw clientException(`Container.image of '${name}' must not be empty.`);
  if (memory === undefined && memoryReservation === undefined && taskMemory === undefined) {
    throw clientException(
      `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
    );
  }
  if (memory !== undefined && memory < LEAST_MEMORY_MIB) {
    throw clientException(
      `Invalid setting for container '${name}'. 'memory' must be at least ${LEAST_MEMORY_MIB}.`,
    );
  }
  // Agents stop a task with one of these before its containers are created.
  const volume = mountPoints.find(({ sourceVolume }) =>
    !volumes.some((one) => one.name === sourceVolume)
  );
  if (volume !== undefined) {
    throw clientException(`Container '${name}' mounts an unknown volume: ${volume.sourceVolume}.`);
  }
  const dependency = dependsOn.find(({ containerName = "" }) => !names.includes(containerName));
  if (dependency !== undefined) {
    throw clientException(
      `Container '${name}' depends on an unknown container: ${dependency.containerName}.`,
    );
  }
}

function withDefaults(content: TaskDefinitionContent): TaskDefinitionContent {
  return {
    ...content,
    volumes: content.volumes ?? [],
    placementConstraints: content.placementConstraints ?? [],
    containerDefinitions: (content.containerDefinitions ?? []).map((container) => ({
      ...container,
      cpu: container.cpu ?? 0,
      essential: container.essential ?? true,
      environment: container.environment ?? [],
      mountPoints: container.mountPoints ?? [],
      volumesFrom: container.volumesFrom ?? [],
      portMappings: (container.portMappings ?? []).map((mapping) => ({
        ...mapping,
        ...(mapping.containerPortRange === undefined && { hostPort: mapping.hostPort ?? 0 }),
        protocol: mapping.protocol ?? "tcp",
      })),
    })),
  };
}
