/**
 * Finds a container instance for a task.
 *
 * @module
 */

import type { InstanceRecord } from "../ecs/container_instances.ts";
import { type Candidate, place, type Placement, type PlacementOrder } from "../ecs/placement.ts";
import type { Reservation } from "../ecs/reservation.ts";
import type { ApiContext } from "./api_context.ts";
import { checkOneOf, invalidParameter } from "./api_error.ts";
import type { ApiInput } from "./api_operation.ts";
import { usageOf } from "./instance_usage.ts";

/** The strategies that ECS supports. The emulator treats `random` like `spread`. */
const PLACEMENT_STRATEGIES: readonly string[] = ["binpack", "random", "spread"];

/** How instances are chosen. */
export interface PlacementRules {
  /** Which of the instances with room is chosen. */
  readonly order: PlacementOrder;
  /** Whether no two tasks of a group may be on one instance. */
  readonly isDistinct: boolean;
}

/**
 * Reads the placement rules of a call.
 *
 * @throws {EcsApiError} If it has rules that the emulator does not support.
 */
export function placementRules(
  { placementConstraints = [], placementStrategy = [] }: Pick<
    ApiInput<"RunTask">,
    "placementConstraints" | "placementStrategy"
  >,
): PlacementRules {
  checkConstraints(placementConstraints);
  for (const { type } of placementStrategy) {
    checkOneOf("placementStrategy.type", type, PLACEMENT_STRATEGIES);
  }
  return {
    order: placementStrategy[0]?.type === "binpack" ? "binpack" : "spread",
    isDistinct: placementConstraints.length > 0,
  };
}

/**
 * Refuses constraints that the emulator would have to ignore.
 *
 * @throws {EcsApiError} If there is one other than `distinctInstance`.
 */
export function checkConstraints(constraints: readonly { readonly type?: string }[] = []): void {
  const other = constraints.find(({ type }) => type !== "distinctInstance");
  if (other === undefined) return;
  throw invalidParameter(
    `The emulator does not support the placement constraint ${other.type || "without a type"}, ` +
      "only distinctInstance",
  );
}

/** A container instance as placement sees it. */
export function candidateOf(context: ApiContext, instance: InstanceRecord): Candidate {
  const { used, taskCount } = usageOf(context, instance.containerInstanceArn);
  const isConnected = context.isConnected(instance.containerInstanceArn);
  return { instance, isConnected, used, taskCount };
}

/** The active instances of a cluster. */
export function activeInstances({ instances }: ApiContext, cluster: string): InstanceRecord[] {
  return instances.records.filter((one) => one.cluster === cluster && one.status === "ACTIVE");
}

/**
 * Chooses the instance of a task.
 *
 * @param context What the operation works on.
 * @param cluster The name of the cluster.
 * @param wanted What the task reserves.
 * @param rules How the instance is chosen.
 * @param group The group that the task belongs to.
 */
export function findPlace(
  context: ApiContext,
  cluster: string,
  wanted: Reservation,
  { order, isDistinct }: PlacementRules,
  group: string,
): Placement {
  const taken = new Set(
    isDistinct
      ? context.tasks.records
        .filter(({ task, desiredStatus }) => task.group === group && desiredStatus === "RUNNING")
        .map(({ containerInstanceArn }) => containerInstanceArn)
      : [],
  );
  const candidates = activeInstances(context, cluster)
    .filter(({ containerInstanceArn }) => !taken.has(containerInstanceArn))
    .map((instance) => candidateOf(context, instance));
  return place(candidates, wanted, order);
}
