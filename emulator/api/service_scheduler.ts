/**
 * Keeps the tasks of all services running, as ECS's service scheduler does.
 *
 * @module
 */

import { type ServiceRecord, withEvent } from "../ecs/services.ts";
import { healthOf } from "../ecs/task_lifecycle.ts";
import type { TaskRecord } from "../ecs/task_record.ts";
import type { EmulatorState } from "../state/emulator_state.ts";
import { type ApiContext, clusterOf } from "./api_context.ts";
import { findPlace } from "./find_place.ts";
import { nextStep, type RolloutStep } from "./rollout.ts";
import { startTask } from "./start_task.ts";
import { reservationFor } from "./task_size.ts";

/**
 * The delay before the third of several tasks that keep stopping, in ms. It doubles. Our choice.
 */
const FIRST_DELAY_MS = 1_000;

/** The longest delay, in ms. Our choice. */
const LONGEST_DELAY_MS = 60_000;

/** A task that ran this long, in ms, did not fail to start. Our choice. */
const LONG_RUN_MS = 60_000;

/** How the tasks of a deployment keep stopping. Not saved: after a restart, the delays are reset. */
interface Failures {
  readonly count: number;
  /** The earliest time for the next start, in ms since the epoch. */
  readonly startAt: number;
}

/** The parts of a scheduler. */
export interface ServiceSchedulerOptions {
  /** What it works on. */
  readonly context: ApiContext;
  /** Groups changes into transactions. */
  readonly state: EmulatorState;
  /** Called when something could not be saved. */
  readonly failed: (error: unknown) => void;
}

/** Starts and stops the tasks of services. */
export class ServiceScheduler {
  readonly #options: ServiceSchedulerOptions;
  readonly #failures = new Map<string, Failures>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #isAwake = false;
  #isClosed = false;

  /**
   * @param options Its parts.
   */
  constructor(options: ServiceSchedulerOptions) {
    this.#options = options;
  }

  /** Checks all services soon: a service, a task or a container instance has changed. */
  wake(): void {
    if (this.#isAwake || this.#isClosed) return;
    this.#isAwake = true;
    queueMicrotask(() => {
      this.#isAwake = false;
      for (const { serviceArn, status } of this.#options.context.services.all) {
        if (status !== "INACTIVE") this.#reconcileSafely(serviceArn);
      }
    });
  }

  /** Records that a task has changed. */
  taskChanged(task: TaskRecord): void {
    try {
      if (task.lastStatus === "STOPPED") this.#countFailure(task);
    } catch (error) {
      this.#options.failed(error);
    }
    this.wake();
  }

  /** Stops all timers. */
  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #countFailure(task: TaskRecord): void {
    const service = this.#serviceOf(task);
    const deploymentId = task.request?.startedBy;
    if (service === undefined || deploymentId === undefined || isIntended(task)) return;
    const { services, now } = this.#options.context;
    const { startedAt = Infinity, stoppedAt = 0 } = task.times;
    const before = stoppedAt - startedAt >= LONG_RUN_MS
      ? 0
      : this.#failures.get(deploymentId)?.count ?? 0;
    const count = before + 1;
    this.#failures.set(deploymentId, { count, startAt: now() + restartDelay(count) });
    services.set({
      ...service,
      deployments: service.deployments.map((one) =>
        one.id === deploymentId ? { ...one, failedTasks: one.failedTasks + 1 } : one
      ),
    });
  }

  #serviceOf(task: TaskRecord): ServiceRecord | undefined {
    const startedBy = task.request?.startedBy;
    return this.#options.context.services.in(clusterOf(task)).find(({ deployments }) =>
      deployments.some(({ id }) => id === startedBy)
    );
  }

  #reconcileSafely(serviceArn: string): void {
    if (this.#isClosed) return;
    const { state, failed } = this.#options;
    try {
      state.transaction(() => this.#reconcile(serviceArn));
    } catch (error) {
      failed(error);
    }
  }

  #reconcile(serviceArn: string): void {
    const { context } = this.#options;
    const { services, taskControl, instances } = context;
    const service = services.get(serviceArn);
    if (service === undefined) return;
    const step = nextStep(
      service,
      liveTasks(context, service),
      ({ containerInstanceArn = "" }) => instances.get(containerInstanceArn)?.status,
    );
    const scaling = `Scaling activity initiated by ${service.deployments[0]?.id}`;
    for (const task of step.stop) {
      const reason = healthOf(task) === "UNHEALTHY"
        ? "Task failed container health checks"
        : scaling;
      taskControl.stop(task.taskArn, "ServiceSchedulerInitiated", reason);
    }
    const started = this.#start(service, step.start);
    const settled = this.#settled(started, step);
    if (settled !== service) services.set(settled);
    for (const { id } of service.deployments) {
      if (!settled.deployments.some((one) => one.id === id)) this.#failures.delete(id);
    }
  }

  /** The service after a step: steady, or deleted. */
  #settled(service: ServiceRecord, step: RolloutStep): ServiceRecord {
    const { entropy, now } = this.#options.context;
    if (service.status === "DRAINING") {
      return step.isLive ? service : { ...service, status: "INACTIVE", deployments: [] };
    }
    const [primary] = service.deployments;
    if (!step.isSteady || primary === undefined) return service;
    const isNew = primary.rolloutState !== "COMPLETED" || service.deployments.length > 1;
    if (!isNew) return service;
    const completed = { ...primary, rolloutState: "COMPLETED" as const, updatedAt: now() };
    const steady = { ...service, deployments: [completed] };
    return withEvent(steady, "has reached a steady state.", entropy.uuid(), now());
  }

  /** Starts tasks while there is room, and with a delay if they keep stopping. */
  #start(service: ServiceRecord, count: number): ServiceRecord {
    const { context } = this.#options;
    const { definitions, entropy, now } = context;
    const [primary] = service.deployments;
    const definition = primary && definitions.find(primary.taskDefinitionArn);
    if (primary === undefined || definition === undefined || count === 0) return service;
    const { startAt = 0 } = this.#failures.get(primary.id) ?? {};
    if (startAt > now()) {
      this.#wakeIn(service.serviceArn, startAt - now());
      return service;
    }
    const group = `service:${service.serviceName}`;
    for (let started = 0; started < count; started++) {
      const wanted = reservationFor(definition, {});
      const found = findPlace(context, service.cluster, wanted, service, group);
      if (!("instance" in found)) {
        const reasons = [...new Set(found.failures.map(({ reason }) => reason))].join(", ");
        const message = "was unable to place a task because no container instance met all of its " +
          `requirements${reasons === "" ? "" : `: ${reasons}`}.`;
        return withEvent(service, message, entropy.uuid(), now());
      }
      startTask(context, {
        definition,
        overrides: {},
        cluster: service.cluster,
        containerInstanceArn: found.instance.containerInstanceArn,
        group,
        startedBy: primary.id,
        launchType: service.launchType,
        serviceName: service.serviceName,
        enableExecuteCommand: service.enableExecuteCommand,
        tags: propagatedTags(context, service, definition.taskDefinitionArn),
      });
    }
    const message = `has started ${count} ${count === 1 ? "task" : "tasks"}.`;
    return withEvent(service, message, entropy.uuid(), now());
  }

  #wakeIn(serviceArn: string, ms: number): void {
    clearTimeout(this.#timers.get(serviceArn));
    this.#timers.set(
      serviceArn,
      setTimeout(() => {
        this.#timers.delete(serviceArn);
        this.#reconcileSafely(serviceArn);
      }, ms),
    );
  }
}

/**
 * Time until the next start, in ms, after several tasks in a row have stopped on their own.
 *
 * @param count How many.
 */
export function restartDelay(count: number): number {
  return count < 2 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (count - 2), LONGEST_DELAY_MS);
}

/** The tasks of a service that have not stopped. */
export function liveTasks({ tasks }: ApiContext, service: ServiceRecord): readonly TaskRecord[] {
  const ids = new Set(service.deployments.map(({ id }) => id));
  return tasks.records.filter(({ lastStatus, request }) =>
    lastStatus !== "STOPPED" && ids.has(request?.startedBy ?? "")
  );
}

/** Whether a task was stopped by a user or by the scheduler. */
function isIntended({ stopCode }: TaskRecord): boolean {
  return stopCode === "UserInitiated" || stopCode === "ServiceSchedulerInitiated";
}

function propagatedTags(
  { tags }: ApiContext,
  { propagateTags, serviceArn }: ServiceRecord,
  taskDefinitionArn: string,
): ReturnType<ApiContext["tags"]["of"]> {
  if (propagateTags === "SERVICE") return tags.of(serviceArn);
  return propagateTags === "TASK_DEFINITION" ? tags.of(taskDefinitionArn) : [];
}
