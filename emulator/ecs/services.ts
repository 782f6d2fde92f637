/**
 * The services: how many tasks of which task definition should run.
 *
 * @module
 */

import * as v from "@badrap/valita";
import type { EmulatorState } from "../state/emulator_state.ts";
import { StoredMap } from "../state/stored_map.ts";

/** Maximum number of a service's events that are kept: the service's. */
const MAX_EVENTS = 100;

/** One version of a service. */
export interface Deployment {
  /** Its id, `ecs-svc/…`, which is the `startedBy` of its tasks. */
  readonly id: string;
  /** `PRIMARY` for the newest one. */
  readonly status: "PRIMARY" | "ACTIVE";
  /** The ARN of its task definition. */
  readonly taskDefinitionArn: string;
  /** When it was created, in ms since the epoch. */
  readonly createdAt: number;
  /** When it was last changed, in ms since the epoch. */
  readonly updatedAt: number;
  /** Number of its tasks that stopped without having been stopped. */
  readonly failedTasks: number;
  /** `COMPLETED` once all its tasks run, and none of other deployments. */
  readonly rolloutState: "IN_PROGRESS" | "COMPLETED";
}

/** An event of a service, as text. */
export interface ServiceEvent {
  /** Unique. */
  readonly id: string;
  /** The time, in ms since the epoch. */
  readonly createdAt: number;
  /** The text. */
  readonly message: string;
}

/** One service. */
export interface ServiceRecord {
  /** Its ARN. */
  readonly serviceArn: string;
  /** Its name. */
  readonly serviceName: string;
  /** The name of its cluster. */
  readonly cluster: string;
  /** `DRAINING` once it is deleted, `INACTIVE` once its tasks have stopped, too. */
  readonly status: "ACTIVE" | "DRAINING" | "INACTIVE";
  /** How many tasks should run. */
  readonly desiredCount: number;
  /** `EC2` or `EXTERNAL`. */
  readonly launchType: string;
  /** When it was created, in ms since the epoch. */
  readonly createdAt: number;
  /** Its deployments, the primary one first. */
  readonly deployments: readonly Deployment[];
  /** Its events, the newest first. */
  readonly events: readonly ServiceEvent[];
  /** How many of the desired tasks must run during a deployment, in percent. */
  readonly minimumHealthyPercent: number;
  /** How many of the desired tasks may run during a deployment, in percent. */
  readonly maximumPercent: number;
  /** How its tasks are placed. */
  readonly order: "spread" | "binpack";
  /** Whether no two of its tasks may be on one instance. */
  readonly isDistinct: boolean;
  /** Whether commands can be executed in its tasks. */
  readonly enableExecuteCommand: boolean;
  /** Where its tasks get tags from: `TASK_DEFINITION`, `SERVICE` or `NONE`. */
  readonly propagateTags: string;
}

const deployment: v.Type<Deployment> = v.object({
  id: v.string(),
  status: v.union(v.literal("PRIMARY"), v.literal("ACTIVE")),
  taskDefinitionArn: v.string(),
  createdAt: v.number(),
  updatedAt: v.number(),
  failedTasks: v.number(),
  rolloutState: v.union(v.literal("IN_PROGRESS"), v.literal("COMPLETED")),
});

const stored: v.Type<ServiceRecord> = v.object({
  serviceArn: v.string(),
  serviceName: v.string(),
  cluster: v.string(),
  status: v.union(v.literal("ACTIVE"), v.literal("DRAINING"), v.literal("INACTIVE")),
  desiredCount: v.number(),
  launchType: v.string(),
  createdAt: v.number(),
  deployments: v.array(deployment),
  events: v.array(v.object({ id: v.string(), createdAt: v.number(), message: v.string() })),
  minimumHealthyPercent: v.number(),
  maximumPercent: v.number(),
  order: v.union(v.literal("spread"), v.literal("binpack")),
  isDistinct: v.boolean(),
  enableExecuteCommand: v.boolean(),
  propagateTags: v.string(),
});

/** The services of one emulator. */
export class Services {
  readonly #known: StoredMap<ServiceRecord>;

  /**
   * Loads the saved ones.
   *
   * @param state Where they are kept.
   */
  constructor(state: EmulatorState) {
    this.#known = new StoredMap({
      state,
      kind: "service",
      type: stored,
      keyOf: ({ serviceArn }) => serviceArn,
    });
  }

  /** All services, in the order of their creation. */
  get all(): readonly ServiceRecord[] {
    return this.#known.values;
  }

  /** The services of a cluster. */
  in(cluster: string): readonly ServiceRecord[] {
    return this.#known.values.filter((one) => one.cluster === cluster);
  }

  /** One service, if it is known. */
  get(serviceArn: string): ServiceRecord | undefined {
    return this.#known.get(serviceArn);
  }

  /** Stores a service, replacing any earlier version. */
  set(service: ServiceRecord): void {
    this.#known.set(service);
  }
}

/** A service with a new event, unless its last one says the same. */
export function withEvent(
  service: ServiceRecord,
  message: string,
  id: string,
  now: number,
): ServiceRecord {
  const text = `(service ${service.serviceName}) ${message}`;
  if (service.events[0]?.message === text) return service;
  const events = [{ id, createdAt: now, message: text }, ...service.events].slice(0, MAX_EVENTS);
  return { ...service, events };
}
