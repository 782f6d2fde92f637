/**
 * The operations on services.
 *
 * @module
 */

import type { Deployment, ServiceRecord } from "../ecs/services.ts";
import type { TaskDefinition } from "../ecs/task_definitions.ts";
import { activeCluster, activeDefinition, type ApiContext } from "./api_context.ts";
import { checkOneOf, clientException, EcsApiError, invalidParameter } from "./api_error.ts";
import type { ApiHandlers, ApiInput } from "./api_operation.ts";
import { placementRules } from "./find_place.ts";
import { pageOf } from "./page.ts";
import { lastPart, present, seconds } from "./present.ts";
import { liveTasks } from "./service_scheduler.ts";
import { tagList } from "./tag_operations.ts";
import { ALL_LAUNCH_TYPES, checkLaunchType, checkNoVpc, checkRunnable } from "./task_operations.ts";

type Operation =
  | "CreateService"
  | "DeleteService"
  | "DescribeServices"
  | "ListServices"
  | "UpdateService";

/** The form of a service's name. */
const NAME = /^[A-Za-z0-9_-]{1,255}$/;

/** Maximum number of services in one call to DescribeServices: the service's limit. */
const MAX_DESCRIBED = 10;

/** The sizes of pages of ListServices: the service's. */
const PAGE_SIZES = { usual: 10, most: 100 };

/** The operations. The scheduler starts and stops the tasks. */
export function serviceOperations(context: ApiContext): ApiHandlers<Operation> {
  const { services, tags } = context;
  const changed = (service: ServiceRecord) => {
    services.set(service);
    return { service: describeService(context, service) };
  };
  return {
    CreateService: (input) => {
      const service = newService(context, input);
      const known = services.get(service.serviceArn);
      if (known?.status === "DRAINING") {
        throw invalidParameter("Unable to Start a service that is still Draining.");
      }
      if (known?.status === "ACTIVE") {
        if (isSame(known, service)) return { service: describeService(context, known) };
        throw invalidParameter("Creation of service was not idempotent.");
      }
      const added = tagList(input.tags);
      tags.forget(service.serviceArn);
      tags.add(service.serviceArn, added);
      return changed(service);
    },
    UpdateService: (input) => {
      const service = activeService(context, input.cluster, input.service ?? "");
      return changed(updated(context, service, input));
    },
    DeleteService: ({ cluster, service: nameOrArn = "", force = false }) => {
      const service = activeService(context, cluster, nameOrArn);
      if (service.desiredCount > 0 && !force) {
        throw invalidParameter(
          "The service cannot be stopped while it is scaled above 0.",
        );
      }
      return changed({ ...service, status: "DRAINING", desiredCount: 0 });
    },
    DescribeServices: ({ cluster, services: requested = [], include = [] }) => {
      if (requested.length > MAX_DESCRIBED) {
        throw invalidParameter(`At most ${MAX_DESCRIBED} services can be described per call`);
      }
      const { name } = activeCluster(context, cluster);
      const found = requested.map((nameOrArn) =>
        [
          serviceArn(context, name, nameOrArn),
          services.get(serviceArn(context, name, nameOrArn)),
        ] as const
      );
      const withTags = include.includes("TAGS");
      return {
        services: found.flatMap(([, one]) =>
          one === undefined ? [] : [describeService(context, one, withTags)]
        ),
        failures: found.filter(([, one]) => one === undefined)
          .map(([arn]) => ({ arn, reason: "MISSING" })),
      };
    },
    ListServices: ({ cluster, launchType, ...page }) => {
      checkOneOf("launchType", launchType, ALL_LAUNCH_TYPES);
      const { name } = activeCluster(context, cluster);
      const arns = services.in(name)
        .filter((one) =>
          one.status !== "INACTIVE" && (!launchType || one.launchType === launchType)
        )
        .map(({ serviceArn }) => serviceArn);
      const { items, rest } = pageOf(arns, page, PAGE_SIZES);
      return { serviceArns: items, ...rest };
    },
  };
}

function serviceArn({ clusters }: ApiContext, cluster: string, nameOrArn: string): string {
  return `${clusters.account}:service/${cluster}/${lastPart(nameOrArn)}`;
}

function activeService(
  context: ApiContext,
  cluster: string | undefined,
  nameOrArn: string,
): ServiceRecord {
  const { name } = activeCluster(context, cluster);
  const service = context.services.get(serviceArn(context, name, nameOrArn));
  if (service === undefined || service.status === "INACTIVE") {
    throw new EcsApiError("ServiceNotFoundException", "Service not found.");
  }
  if (service.status === "ACTIVE") return service;
  throw new EcsApiError("ServiceNotActiveException", "Service was not ACTIVE.");
}

function newService(context: ApiContext, input: ApiInput<"CreateService">): ServiceRecord {
  const { now } = context;
  const { serviceName = "", desiredCount = 0, launchType = "EC2" } = input;
  const { name: cluster } = activeCluster(context, input.cluster);
  if (!NAME.test(serviceName)) {
    throw invalidParameter(
      "A service's name has 1 to 255 letters, digits, hyphens and underscores",
    );
  }
  if ((input.schedulingStrategy ?? "REPLICA") !== "REPLICA") {
    throw invalidParameter("The emulator has no scheduling strategy but REPLICA");
  }
  if ((input.deploymentController?.type ?? "ECS") !== "ECS") {
    throw invalidParameter("The emulator has no deployment controller but ECS");
  }
  checkNetworking(input);
  checkLaunchType(launchType, input.capacityProviderStrategy);
  checkCount(desiredCount);
  if (!input.taskDefinition) throw invalidParameter("taskDefinition must not be empty");
  const definition = activeDefinition(context, input.taskDefinition);
  checkRunnable(definition);
  return {
    serviceArn: serviceArn(context, cluster, serviceName),
    serviceName,
    cluster,
    status: "ACTIVE",
    desiredCount,
    launchType,
    createdAt: now(),
    deployments: [newDeployment(context, definition)],
    events: [],
    ...percentages(input.deploymentConfiguration, {
      minimumHealthyPercent: 100,
      maximumPercent: 200,
    }),
    ...placementRules(input),
    enableExecuteCommand: input.enableExecuteCommand ?? false,
    propagateTags: input.propagateTags ?? "NONE",
  };
}

/**
 * Refuses services that need features the emulator does not have, instead of running them without
 * these.
 *
 * @throws {EcsApiError} If the service has a load balancer, a registry, Service Connect or subnets.
 */
function checkNetworking(
  { loadBalancers = [], serviceRegistries = [], serviceConnectConfiguration, networkConfiguration }:
    Pick<
      ApiInput<"CreateService">,
      | "loadBalancers"
      | "networkConfiguration"
      | "serviceConnectConfiguration"
      | "serviceRegistries"
    >,
): void {
  const unsupported = [
    ...(loadBalancers.length > 0 ? ["loadBalancers"] : []),
    ...(serviceRegistries.length > 0 ? ["serviceRegistries"] : []),
    ...(serviceConnectConfiguration?.enabled ? ["serviceConnectConfiguration"] : []),
  ];
  checkNoVpc(networkConfiguration);
  if (unsupported.length === 0) return;
  throw invalidParameter(`The emulator does not support ${unsupported.join(", ")}`);
}

function checkCount(count: number): void {
  if (count >= 0 && count <= 5_000) return;
  throw invalidParameter(`desiredCount must be from 0 to 5000: current value is ${count}`);
}

type Percentages = Pick<ServiceRecord, "minimumHealthyPercent" | "maximumPercent">;

function percentages(
  configuration: ApiInput<"CreateService">["deploymentConfiguration"],
  defaults: Percentages,
): Percentages {
  const minimumHealthyPercent = configuration?.minimumHealthyPercent ??
    defaults.minimumHealthyPercent;
  const maximumPercent = configuration?.maximumPercent ?? defaults.maximumPercent;
  // With these, no task could ever be replaced.
  if (
    minimumHealthyPercent < 0 || maximumPercent < 100 || maximumPercent <= minimumHealthyPercent
  ) {
    throw invalidParameter(
      "maximumPercent must be at least 100, and more than minimumHealthyPercent, which must be at least 0",
    );
  }
  return { minimumHealthyPercent, maximumPercent };
}

function newDeployment({ entropy, now }: ApiContext, definition: TaskDefinition): Deployment {
  const digits = BigInt(`0x${entropy.uuid().replaceAll("-", "").slice(0, 15)}`);
  return {
    id: `ecs-svc/${digits.toString().padStart(19, "0")}`,
    status: "PRIMARY",
    taskDefinitionArn: definition.taskDefinitionArn,
    createdAt: now(),
    updatedAt: now(),
    failedTasks: 0,
    rolloutState: "IN_PROGRESS",
  };
}

/** Whether a service matches a repeated call to CreateService. */
function isSame(known: ServiceRecord, requested: ServiceRecord): boolean {
  return known.desiredCount === requested.desiredCount &&
    known.launchType === requested.launchType &&
    known.deployments[0]?.taskDefinitionArn === requested.deployments[0]?.taskDefinitionArn;
}

function updated(
  context: ApiContext,
  service: ServiceRecord,
  input: ApiInput<"UpdateService">,
): ServiceRecord {
  const { desiredCount = service.desiredCount, forceNewDeployment = false } = input;
  checkNetworking(input);
  checkCount(desiredCount);
  const [primary] = service.deployments;
  // A service continues with a task definition that has been deregistered.
  const definition = input.taskDefinition
    ? activeDefinition(context, input.taskDefinition)
    : context.definitions.find(primary?.taskDefinitionArn ?? "");
  if (definition === undefined) throw clientException("TaskDefinition not found.");
  checkRunnable(definition);
  const isNew = forceNewDeployment || definition.taskDefinitionArn !== primary?.taskDefinitionArn;
  const older = service.deployments.map((one) => ({ ...one, status: "ACTIVE" as const }));
  const inProgress = service.deployments.map((one) =>
    one.status === "PRIMARY" && desiredCount !== service.desiredCount
      ? { ...one, rolloutState: "IN_PROGRESS" as const, updatedAt: context.now() }
      : one
  );
  return {
    ...service,
    ...percentages(input.deploymentConfiguration, service),
    ...placementRules({
      placementConstraints: input.placementConstraints ?? constraintsOf(service),
      placementStrategy: input.placementStrategy ?? strategyOf(service),
    }),
    enableExecuteCommand: input.enableExecuteCommand ?? service.enableExecuteCommand,
    propagateTags: input.propagateTags ?? service.propagateTags,
    desiredCount,
    deployments: isNew ? [newDeployment(context, definition), ...older] : inProgress,
  };
}

function constraintsOf({ isDistinct }: ServiceRecord): { readonly type: string }[] {
  return isDistinct ? [{ type: "distinctInstance" }] : [];
}

function strategyOf({ order }: ServiceRecord): { readonly type: string }[] {
  return order === "binpack" ? [{ type: "binpack" }] : [];
}

function describeService(
  context: ApiContext,
  service: ServiceRecord,
  withTags = true,
): object {
  const { clusters, tags } = context;
  const live = liveTasks(context, service);
  const count = (wanted: string, deployment?: string) =>
    live.filter(({ lastStatus, request }) =>
      lastStatus === wanted && (deployment === undefined || request?.startedBy === deployment)
    ).length;
  const { serviceArn, serviceName, cluster, status, desiredCount, launchType } = service;
  const [primary] = service.deployments;
  return present({
    serviceArn,
    serviceName,
    clusterArn: clusters.arnOf(cluster),
    loadBalancers: [],
    serviceRegistries: [],
    status,
    desiredCount,
    runningCount: count("RUNNING"),
    pendingCount: count("PENDING"),
    launchType,
    taskDefinition: primary?.taskDefinitionArn,
    deploymentConfiguration: {
      maximumPercent: service.maximumPercent,
      minimumHealthyPercent: service.minimumHealthyPercent,
    },
    deployments: service.deployments.map((one) => ({
      id: one.id,
      status: one.status,
      taskDefinition: one.taskDefinitionArn,
      desiredCount: one.status === "PRIMARY" ? desiredCount : 0,
      pendingCount: count("PENDING", one.id),
      runningCount: count("RUNNING", one.id),
      failedTasks: one.failedTasks,
      createdAt: seconds(one.createdAt),
      updatedAt: seconds(one.updatedAt),
      launchType,
      rolloutState: one.rolloutState,
      rolloutStateReason: one.rolloutState === "COMPLETED"
        ? `ECS deployment ${one.id} completed.`
        : `ECS deployment ${one.id} in progress.`,
    })),
    events: service.events.map(({ createdAt, ...event }) => ({
      ...event,
      createdAt: seconds(createdAt),
    })),
    createdAt: seconds(service.createdAt),
    placementConstraints: constraintsOf(service),
    placementStrategy: strategyOf(service),
    schedulingStrategy: "REPLICA",
    deploymentController: { type: "ECS" },
    enableECSManagedTags: false,
    enableExecuteCommand: service.enableExecuteCommand,
    propagateTags: service.propagateTags,
    tags: withTags ? tags.of(serviceArn) : [],
  });
}
