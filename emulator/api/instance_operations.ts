/**
 * The operations on container instances: those of agents, and those of users.
 *
 * @module
 */

import { isContainerInstanceArn } from "../../protocol/arn.ts";
import type { InstanceRecord, InstanceRegistration } from "../ecs/container_instances.ts";
import { registeredResources, remainingResources } from "../ecs/instance_resources.ts";
import { activeCluster, activeInstance, type ApiContext, findInstance } from "./api_context.ts";
import { checkOneOf, clientException, invalidParameter } from "./api_error.ts";
import type { ApiHandlers } from "./api_operation.ts";
import { usageOf } from "./instance_usage.ts";
import { pageOf } from "./page.ts";
import { present, seconds } from "./present.ts";
import { tagList } from "./tag_operations.ts";

type Operation =
  | "DeregisterContainerInstance"
  | "DescribeContainerInstances"
  | "ListContainerInstances"
  | "RegisterContainerInstance"
  | "UpdateContainerInstancesState";

/** The attribute that becomes the availability zone of an agent's tasks. */
const ZONE_ATTRIBUTE = "ecs.availability-zone";

/** Maximum length of an ARN, in characters: IAM's. */
const MAX_ARN_LENGTH = 2048;

/** The statuses that a list can be filtered by; deregistered instances are not listed. */
const INSTANCE_STATUSES: readonly string[] = [
  "ACTIVE",
  "DRAINING",
  "REGISTERING",
  "DEREGISTERING",
  "REGISTRATION_FAILED",
];

/** Maximum number of instances in one call: the service's. */
const MAX_UPDATED = 10;

/** The operations. */
export function instanceOperations(context: ApiContext): ApiHandlers<Operation> {
  const { instances, tags } = context;
  const describe = (instance: InstanceRecord) => describeInstance(context, instance);
  return {
    RegisterContainerInstance: ({ tags: given, ...registration }) => {
      const added = tagList(given);
      const instance = registered(context, registration);
      instances.set(instance);
      tags.add(instance.containerInstanceArn, added);
      return { containerInstance: describe(instance) };
    },
    DeregisterContainerInstance: ({ cluster, containerInstance = "", force = false }) => {
      const { name } = activeCluster(context, cluster);
      const instance = activeInstance(context, name, containerInstance);
      const { taskCount } = usageOf(context, instance.containerInstanceArn);
      if (taskCount > 0 && !force) throw invalidParameter("Found running tasks on the instance.");
      instances.deregister(instance.containerInstanceArn);
      return { containerInstance: describe(current(context, instance)) };
    },
    DescribeContainerInstances: ({ cluster, containerInstances: requested = [] }) => {
      const { name } = activeCluster(context, cluster);
      const found = requested.map((idOrArn) =>
        [idOrArn, findInstance(context, name, idOrArn)] as const
      );
      return {
        containerInstances: found.flatMap(([, one]) => one === undefined ? [] : [describe(one)]),
        failures: found.filter(([, one]) => one === undefined)
          .map(([arn]) => ({ arn, reason: "MISSING" })),
      };
    },
    ListContainerInstances: ({ cluster, status, filter, ...page }) => {
      checkOneOf("status", status, INSTANCE_STATUSES);
      if (filter) throw invalidParameter("The emulator has no cluster query language: omit filter");
      const { name } = activeCluster(context, cluster);
      const arns = instances.records.filter((one) =>
        one.cluster === name && (status ? one.status === status : one.status !== "INACTIVE")
      ).map(({ containerInstanceArn }) => containerInstanceArn);
      const { items, rest } = pageOf(arns, page);
      return { containerInstanceArns: items, ...rest };
    },
    UpdateContainerInstancesState: ({ cluster, containerInstances: requested = [], status }) => {
      if (status !== "ACTIVE" && status !== "DRAINING") {
        throw invalidParameter("status must be ACTIVE or DRAINING");
      }
      if (requested.length > MAX_UPDATED) {
        throw invalidParameter(
          `At most ${MAX_UPDATED} container instances can be updated per call`,
        );
      }
      const { name } = activeCluster(context, cluster);
      const found = requested.map((idOrArn) =>
        [idOrArn, findInstance(context, name, idOrArn)] as const
      );
      const updated = found.flatMap(([, one]) => one === undefined ? [] : [one])
        .filter((one) => one.status !== "INACTIVE");
      for (const one of updated) instances.set({ ...one, status, version: one.version + 1 });
      return {
        containerInstances: updated.map((one) => describe(current(context, one))),
        failures: found.flatMap(([arn, one]) => {
          if (one === undefined) return [{ arn, reason: "MISSING" }];
          return one.status === "INACTIVE" ? [{ arn, reason: "INACTIVE" }] : [];
        }),
      };
    },
  };
}

function current({ instances }: ApiContext, instance: InstanceRecord): InstanceRecord {
  return instances.get(instance.containerInstanceArn) ?? instance;
}

/** The instance after its registration: a new one, or the same if its agent registers it again. */
function registered(context: ApiContext, registration: InstanceRegistration): InstanceRecord {
  const { clusters, entropy, instances, now } = context;
  const { name } = activeCluster(context, registration.cluster);
  const known = knownInstance(context, registration);
  if (known?.status === "INACTIVE") {
    throw clientException("The referenced container instance is inactive.");
  }
  if (known !== undefined && known.registration !== undefined && known.cluster !== name) {
    throw clientException("The container instance is registered in another cluster.");
  }
  if (known !== undefined) {
    return { ...known, cluster: name, version: known.version + 1, registration };
  }
  const id = entropy.uuid().replaceAll("-", "");
  const containerInstanceArn = registration.containerInstanceArn ??
    instances.records.find(isReserved)?.containerInstanceArn ??
    `${clusters.account}:container-instance/${name}/${id}`;
  const reserved = instances.get(containerInstanceArn);
  return {
    containerInstanceArn,
    status: "ACTIVE",
    cluster: name,
    version: (reserved?.version ?? 0) + 1,
    registeredAt: now(),
    registration,
  };
}

/** Whether an instance was given to the emulator in advance, and no agent has registered it yet. */
function isReserved({ registration, isGiven }: InstanceRecord): boolean {
  return isGiven === true && registration === undefined;
}

/** A restarted agent names its instance; a repeated call has the same token. */
function knownInstance(
  { instances }: ApiContext,
  { containerInstanceArn, clientToken }: InstanceRegistration,
): InstanceRecord | undefined {
  if (containerInstanceArn) {
    const isArn = isContainerInstanceArn(containerInstanceArn) &&
      containerInstanceArn.length <= MAX_ARN_LENGTH;
    if (isArn) return instances.get(containerInstanceArn);
    throw invalidParameter("containerInstanceArn is not the ARN of a container instance");
  }
  if (!clientToken) return undefined;
  return instances.records.find(({ registration }) => registration?.clientToken === clientToken);
}

function describeInstance(context: ApiContext, instance: InstanceRecord): object {
  const { region, tags } = context;
  const { containerInstanceArn, registration = {}, status, version, registeredAt } = instance;
  // Agents send it when they connect, not when they register.
  const versionInfo = registration.versionInfo ?? instance.versions ?? {};
  const { used, running, pending } = usageOf(context, containerInstanceArn);
  const attributes = registration.attributes ?? [];
  const hasZone = attributes.some(({ name }) => name === ZONE_ATTRIBUTE);
  const health = context.instanceHealth(containerInstanceArn);
  return present({
    containerInstanceArn,
    ec2InstanceId: ec2InstanceId(registration),
    version,
    versionInfo,
    remainingResources: remainingResources(instance, used),
    registeredResources: registeredResources(instance),
    status,
    agentConnected: context.isConnected(containerInstanceArn),
    runningTasksCount: running,
    pendingTasksCount: pending,
    attributes: hasZone
      ? attributes
      : [...attributes, { name: ZONE_ATTRIBUTE, value: `${region}a` }],
    registeredAt: seconds(registeredAt),
    attachments: [],
    tags: tags.of(containerInstanceArn),
    healthStatus: {
      overallStatus: health,
      details: [{ type: "CONTAINER_RUNTIME", status: health }],
    },
  });
}

/** The id in the instance's identity document; missing outside EC2. */
function ec2InstanceId({ instanceIdentityDocument }: InstanceRegistration): string | undefined {
  if (!instanceIdentityDocument) return undefined;
  try {
    const id: unknown = Object(JSON.parse(instanceIdentityDocument)).instanceId;
    return typeof id === "string" ? id : undefined;
  } catch {
    // The service would verify the document; an agent under test may send any.
    return undefined;
  }
}
