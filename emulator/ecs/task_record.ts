/**
 * The service's record of a task: its payload, and its statuses as its agent reports them.
 *
 * @module
 */

import * as v from "@badrap/valita";
import { findProblem } from "../../protocol/find_problem.ts";
import type { Task } from "../../protocol/messages.ts";
import { type Reservation, reservationOf } from "./reservation.ts";

/** A status of a task or a container. */
export type TaskStatus =
  | "PROVISIONING"
  | "PENDING"
  | "ACTIVATING"
  | "RUNNING"
  | "DEACTIVATING"
  | "STOPPING"
  | "DEPROVISIONING"
  | "STOPPED";

/** The statuses of a task and its containers, in the order in which they follow each other. */
export const TASK_STATUSES: readonly TaskStatus[] = [
  "PROVISIONING",
  "PENDING",
  "ACTIVATING",
  "RUNNING",
  "DEACTIVATING",
  "STOPPING",
  "DEPROVISIONING",
  "STOPPED",
];

/** The health of a container, as its agent reports it. */
export type HealthStatus = "HEALTHY" | "UNHEALTHY" | "UNKNOWN";

/** A port of a container on its host. */
export interface NetworkBinding {
  /** The host's address. */
  readonly bindIP?: string | undefined;
  /** The container's port. */
  readonly containerPort?: number | undefined;
  /** The host's port. */
  readonly hostPort?: number | undefined;
  /** `tcp` or `udp`. */
  readonly protocol?: string | undefined;
  /** The container's ports, such as `8080-8090`. */
  readonly containerPortRange?: string | undefined;
  /** The host's ports. */
  readonly hostPortRange?: string | undefined;
}

/** One container of a task. */
export interface TaskContainer {
  /** Its name in the task. */
  readonly name: string;
  /** Its ARN. */
  readonly containerArn: string;
  /** Its status, as the agent reported it. */
  readonly lastStatus: TaskStatus;
  /** Its exit code; missing while it runs, and if it never ran. */
  readonly exitCode?: number | undefined;
  /** Why it stopped or did not start. */
  readonly reason?: string | undefined;
  /** Its id in the container runtime. */
  readonly runtimeId?: string | undefined;
  /** The digest of its image. */
  readonly imageDigest?: string | undefined;
  /** Its ports on the host. */
  readonly networkBindings?: readonly NetworkBinding[] | undefined;
  /** Its health, as telemetry reported it. */
  readonly healthStatus?: HealthStatus | undefined;
}

/** An attachment of a task. */
export interface TaskAttachment {
  /** Its ARN. */
  readonly attachmentArn: string;
  /** Its status, as the agent reported it. */
  readonly status: string;
}

/** When each change to a task happened, in ms since the epoch. */
export interface TaskTimes {
  /** It was created. */
  readonly createdAt: number;
  /** Its images were first pulled. */
  readonly pullStartedAt?: number | undefined;
  /** All its images had been pulled. */
  readonly pullStoppedAt?: number | undefined;
  /** Its agent reported that it was running. */
  readonly startedAt?: number | undefined;
  /** Its stop was requested. */
  readonly stoppingAt?: number | undefined;
  /** Its essential containers had stopped. */
  readonly executionStoppedAt?: number | undefined;
  /** Its agent reported that it had stopped. */
  readonly stoppedAt?: number | undefined;
}

/** How a task was run through the ECS API. */
export interface TaskRequest {
  /** The ARN of its task definition. */
  readonly taskDefinitionArn: string;
  /** Who or what ran it; `ecs-svc/…` for a service. */
  readonly startedBy?: string | undefined;
  /** `EC2` or `EXTERNAL`. */
  readonly launchType?: string | undefined;
  /** The overrides of its task definition, as they were given. */
  readonly overrides?: unknown;
  /** Whether commands can be executed in it, as requested. */
  readonly enableExecuteCommand?: boolean | undefined;
}

/** Why a task was stopped. */
export type StopCode =
  | "EssentialContainerExited"
  | "ServiceSchedulerInitiated"
  | "TaskFailedToStart"
  | "UserInitiated";

/** A task with all known data. */
export interface TaskRecord {
  /** Its ARN. */
  readonly taskArn: string;
  /** The container instance it is on; `undefined` while it waits for one. */
  readonly containerInstanceArn?: string | undefined;
  /** Its desired status. */
  readonly desiredStatus: "RUNNING" | "STOPPED";
  /** The task as payloads carry it. */
  readonly task: Task;
  /** Its status, as its agent reported it. */
  readonly lastStatus: TaskStatus;
  /** Grows with each change. */
  readonly version: number;
  /** Its containers. */
  readonly containers: readonly TaskContainer[];
  /** Its attachments that the agent has reported. */
  readonly attachments: readonly TaskAttachment[];
  /** When each change happened. */
  readonly times: TaskTimes;
  /** The resources that it reserves on its container instance. */
  readonly reservation: Reservation;
  /** Why it was stopped. */
  readonly stopCode?: StopCode | undefined;
  /** The reason why it was stopped, as text. */
  readonly stoppedReason?: string | undefined;
  /** How it was run through the ECS API; `undefined` for a task of the control plane. */
  readonly request?: TaskRequest | undefined;
}

/** Whether every field of a value has the type that it has in a task. */
export function isTask(value: unknown): value is Task {
  return findProblem("PayloadMessage", { tasks: [value] }) === undefined;
}

/** The parts of a new task. */
export interface NewTask {
  /** The task as payloads carry it. */
  readonly task: Task;
  /** Its container instance; `undefined` while it waits for one. */
  readonly containerInstanceArn: string | undefined;
  /** The current time, in ms since the epoch. */
  readonly now: number;
  /** How it was run through the ECS API. */
  readonly request?: TaskRequest | undefined;
  /** The resources that it reserves on its container instance; by default, those in its payload. */
  readonly reservation?: Reservation | undefined;
}

/** A task that was just run. */
export function newTask(
  { task, containerInstanceArn, now, request, reservation }: NewTask,
): TaskRecord {
  return {
    taskArn: task.arn ?? "",
    containerInstanceArn,
    desiredStatus: "RUNNING",
    task,
    lastStatus: "PENDING",
    version: 1,
    containers: containersOf(task, "PENDING"),
    attachments: [],
    times: { createdAt: now },
    reservation: reservation ?? reservationOf(task),
    request,
  };
}

function containersOf(task: Task, lastStatus: TaskStatus): readonly TaskContainer[] {
  return (task.containers ?? []).map((container) => ({
    name: container?.name ?? "",
    containerArn: container?.containerArn ?? "",
    lastStatus,
  }));
}

const status: v.Type<TaskStatus> = v.union(...TASK_STATUSES.map((name) => v.literal(name)));
const text = v.string().optional();
const number = v.number().optional();

const container: v.Type<TaskContainer> = v.object({
  name: v.string(),
  containerArn: v.string(),
  lastStatus: status,
  exitCode: number,
  reason: text,
  runtimeId: text,
  imageDigest: text,
  networkBindings: v.array(v.object({
    bindIP: text,
    containerPort: number,
    hostPort: number,
    protocol: text,
    containerPortRange: text,
    hostPortRange: text,
  })).optional(),
  healthStatus: v.union(v.literal("HEALTHY"), v.literal("UNHEALTHY"), v.literal("UNKNOWN"))
    .optional(),
});

const times: v.Type<TaskTimes> = v.object({
  createdAt: v.number(),
  pullStartedAt: number,
  pullStoppedAt: number,
  startedAt: number,
  stoppingAt: number,
  executionStoppedAt: number,
  stoppedAt: number,
});

const request: v.Type<TaskRequest> = v.object({
  taskDefinitionArn: v.string(),
  startedBy: text,
  launchType: text,
  overrides: v.unknown().optional(),
  enableExecuteCommand: v.boolean().optional(),
});

const common = {
  taskArn: v.string(),
  containerInstanceArn: text,
  desiredStatus: v.union(v.literal("RUNNING"), v.literal("STOPPED")),
  task: v.unknown().assert(isTask, "is not a task"),
};

const current = v.object({
  ...common,
  lastStatus: status,
  version: v.number(),
  containers: v.array(container),
  attachments: v.array(v.object({ attachmentArn: v.string(), status: v.string() })),
  times,
  reservation: v.object({
    cpu: v.number(),
    memory: v.number(),
    tcp: v.array(v.number()),
    udp: v.array(v.number()),
  }),
  stopCode: v.union(
    v.literal("EssentialContainerExited"),
    v.literal("ServiceSchedulerInitiated"),
    v.literal("TaskFailedToStart"),
    v.literal("UserInitiated"),
  ).optional(),
  stoppedReason: text,
  request: request.optional(),
});

/** Of layout 1, in which a task's status was its desired status. */
const layout1 = v.object(common).map((saved): TaskRecord => {
  const isStopped = saved.desiredStatus === "STOPPED";
  return {
    ...newTask({ ...saved, containerInstanceArn: saved.containerInstanceArn, now: Date.now() }),
    ...saved,
    ...(isStopped && {
      lastStatus: "STOPPED",
      containers: containersOf(saved.task, "STOPPED"),
      times: { createdAt: Date.now(), stoppedAt: Date.now() },
    }),
  };
});

/** Reads a saved task, including one of layout 1. */
export const storedTask: v.Type<TaskRecord> = v.union(current, layout1);
