/**
 * The context of the ECS API's operations, and lookups in it.
 *
 * The emulator, as the operations use it.
 */

import type { Cluster, Clusters } from "../ecs/clusters.ts";
import type { ContainerInstances, InstanceRecord } from "../ecs/container_instances.ts";
import type { ClientTokens } from "../ecs/client_tokens.ts";
import type { Services } from "../ecs/services.ts";
import type { Tags } from "../ecs/tags.ts";
import type { TaskControl } from "../ecs/task_control.ts";
import type { TaskDefinition, TaskDefinitions } from "../ecs/task_definitions.ts";
import type { TaskRecord } from "../ecs/task_record.ts";
import type { TaskReports } from "../ecs/task_reports.ts";
import type { Tasks } from "../ecs/tasks.ts";
import type { Entropy } from "../entropy.ts";
import { clientException, clusterNotFound, invalidParameter } from "./api_error.ts";
import { lastPart } from "./present.ts";

/** The emulator, as the operations use it. */
export interface ApiContext {
  /** The clusters. */
  readonly clusters: Clusters;
  /** The task definitions. */
  readonly definitions: TaskDefinitions;
  /** The container instances. */
  readonly instances: ContainerInstances;
  /** The services. */
  readonly services: Services;
  /** The tasks. */
  readonly tasks: Tasks;
  /** The tags of all resources. */
  readonly tags: Tags;
  /** The tokens of calls that must have an effect only once. */
  readonly clientTokens: ClientTokens;
  /** Runs and stops tasks. */
  readonly taskControl: TaskControl;
  /** Applies what agents report. */
  readonly reports: TaskReports;
  /** Makes ids. */
  readonly entropy: Entropy;
  /** The region. */
  readonly region: string;
  /** The service's clock, in ms since the epoch. */
  readonly now: () => number;
  /** Whether the agent of an instance is connected. */
  readonly isConnected: (containerInstanceArn: string) => boolean;
  /**
   * The health of an instance, as telemetry reported it: `OK`, or the status that its agent
   * reported.
   */
  readonly instanceHealth: (containerInstanceArn: string) => string;
  /** Whether an instance must be registered before it can discover endpoints. */
  readonly requireRegistration: boolean;
}

/** The part of the context that finds clusters. */
type Context<K extends keyof ApiContext> = Pick<ApiContext, K>;

/**
 * A cluster that is active.
 *
 * @param context What the operation works on.
 * @param nameOrArn Its name or ARN; the default cluster if it is missing.
 * @throws {EcsApiError} If there is none.
 */
export function activeCluster(
  { clusters }: Context<"clusters">,
  nameOrArn: string | undefined,
): Cluster {
  const cluster = clusters.find(nameOrArn);
  if (cluster?.status !== "ACTIVE") throw clusterNotFound();
  return cluster;
}

/** An instance of a cluster by its id or ARN, unless it is deregistered. */
export function findInstance(
  { instances }: Context<"instances">,
  cluster: string,
  idOrArn: string,
): InstanceRecord | undefined {
  const id = lastPart(idOrArn);
  return instances.records.find((one) =>
    one.cluster === cluster && lastPart(one.containerInstanceArn) === id
  );
}

/**
 * An instance of a cluster by its id or ARN.
 *
 * @throws {EcsApiError} If there is none, or if it is deregistered.
 */
export function activeInstance(
  context: Context<"instances">,
  cluster: string,
  idOrArn: string,
): InstanceRecord {
  const found = findInstance(context, cluster, idOrArn);
  if (found === undefined) throw invalidParameter("Referenced container instance not found.");
  if (found.status !== "INACTIVE") return found;
  throw clientException("The referenced container instance is inactive.");
}

/** A task of a cluster by its id or ARN. */
export function findTask(
  { tasks }: Context<"tasks">,
  cluster: string,
  idOrArn: string,
): TaskRecord | undefined {
  const known = tasks.get(idOrArn);
  if (known !== undefined) return clusterOf(known) === cluster ? known : undefined;
  if (idOrArn.startsWith("arn:")) return undefined;
  return tasks.records.find((one) =>
    clusterOf(one) === cluster && lastPart(one.taskArn) === idOrArn
  );
}

/** The name of a task's cluster. */
export function clusterOf({ task }: TaskRecord): string {
  return lastPart(task.taskClusterArn ?? "");
}

/**
 * A task definition from which tasks can be run.
 *
 * @throws {EcsApiError} If there is none, or if it is deregistered.
 */
export function activeDefinition(
  { definitions }: Context<"definitions">,
  nameOrArn: string,
): TaskDefinition {
  const found = definitions.find(nameOrArn);
  if (found === undefined) throw clientException("TaskDefinition not found.");
  if (found.status === "ACTIVE") return found;
  throw clientException("TaskDefinition is inactive");
}
