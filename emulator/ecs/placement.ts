/**
 * Chooses the container instance of a task.
 *
 * @module
 */

import type { InstanceRecord } from "./container_instances.ts";
import { type LackingResource, lackOf } from "./instance_resources.ts";
import type { Reservation } from "./reservation.ts";

/** A container instance that a task could be placed on. */
export interface Candidate {
  /** The instance. */
  readonly instance: InstanceRecord;
  /** Whether its agent is connected. */
  readonly isConnected: boolean;
  /** What its tasks reserve. */
  readonly used: Reservation;
  /** How many tasks are on it. */
  readonly taskCount: number;
}

/** Why a task is not placed on an instance. */
export interface PlacementFailure {
  /** The instance's ARN. */
  readonly arn: string;
  /** `AGENT` if its agent is not connected, else the missing resource. */
  readonly reason: "AGENT" | LackingResource;
}

/**
 * How one of several suitable instances is chosen: spread over them, or fill one after the other.
 */
export type PlacementOrder = "spread" | "binpack";

/** A task's container instance, or why there is none. */
export type Placement =
  | { readonly instance: InstanceRecord }
  | { readonly failures: readonly PlacementFailure[] };

/**
 * Chooses one of the instances that are connected and have room.
 *
 * @param candidates The instances, in order of registration.
 * @param wanted What the task reserves.
 * @param order Which of them: with `spread`, the one with the fewest tasks; with `binpack`, the one
 * with the most.
 */
export function place(
  candidates: readonly Candidate[],
  wanted: Reservation,
  order: PlacementOrder,
): Placement {
  const failures: PlacementFailure[] = [];
  const fitting: Candidate[] = [];
  for (const candidate of candidates) {
    const reason = whyNot(candidate, wanted);
    if (reason === undefined) fitting.push(candidate);
    else failures.push({ arn: candidate.instance.containerInstanceArn, reason });
  }
  const direction = order === "spread" ? 1 : -1;
  const [best] = fitting.sort((one, other) => direction * (one.taskCount - other.taskCount));
  return best === undefined ? { failures } : { instance: best.instance };
}

/** Why a task cannot be placed on an instance; `undefined` if it can. */
export function whyNot(
  { instance, isConnected, used }: Candidate,
  wanted: Reservation,
): PlacementFailure["reason"] | undefined {
  return isConnected ? lackOf(instance, used, wanted) : "AGENT";
}
