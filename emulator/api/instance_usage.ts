/**
 * The resources of a container instance that tasks use.
 *
 * @module
 */

import { type Reservation, sumOf } from "../ecs/reservation.ts";
import type { ApiContext } from "./api_context.ts";

/** The use of one instance. */
export interface InstanceUsage {
  /** What its tasks use. */
  readonly used: Reservation;
  /** Number of tasks that have not stopped. */
  readonly taskCount: number;
  /** Number of those that are running. */
  readonly running: number;
  /** Number of those that are not running yet. */
  readonly pending: number;
}

/** The resources of an instance that are used by tasks that have not stopped. */
export function usageOf(
  { tasks }: Pick<ApiContext, "tasks">,
  containerInstanceArn: string,
): InstanceUsage {
  const here = tasks.records.filter((task) =>
    task.containerInstanceArn === containerInstanceArn && task.lastStatus !== "STOPPED"
  );
  return {
    used: sumOf(here.map(({ reservation }) => reservation)),
    taskCount: here.length,
    running: here.filter(({ lastStatus }) => lastStatus === "RUNNING").length,
    pending: here.filter(({ lastStatus }) => lastStatus === "PENDING").length,
  };
}
