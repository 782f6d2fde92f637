/**
 * How a task's record changes with the reports of its agent. A status never moves backwards.
 *
 * @module
 */

import {
  type HealthStatus,
  type NetworkBinding,
  type StopCode,
  TASK_STATUSES,
  type TaskContainer,
  type TaskRecord,
  type TaskStatus,
  type TaskTimes,
} from "./task_record.ts";

/** A report about a container. */
export interface ContainerReport {
  /** Its name in the task. */
  readonly containerName?: string | null;
  /** Its status. */
  readonly status?: string | null;
  /** Its exit code. */
  readonly exitCode?: number | null;
  /** Why it stopped or did not start. */
  readonly reason?: string | null;
  /** Its id in the container runtime. */
  readonly runtimeId?: string | null;
  /** The digest of its image. */
  readonly imageDigest?: string | null;
  /** Its ports on the host. */
  readonly networkBindings?: readonly Nullable<NetworkBinding>[] | null;
}

/** A report about a task. */
export interface TaskReport {
  /** Its status; missing if only something else is reported. */
  readonly status?: string | null;
  /** Why it stopped. */
  readonly reason?: string | null;
  /** Its containers. */
  readonly containers?: readonly (ContainerReport | null)[] | null;
  /** Its attachments. */
  readonly attachments?: readonly (AttachmentReport | null)[] | null;
  /** When the first pull began, in seconds since the epoch. */
  readonly pullStartedAt?: number | null;
  /** When the last pull ended, in seconds since the epoch. */
  readonly pullStoppedAt?: number | null;
  /** When the essential containers had stopped, in seconds since the epoch. */
  readonly executionStoppedAt?: number | null;
}

/** A report about an attachment. */
export interface AttachmentReport {
  /** Its ARN. */
  readonly attachmentArn?: string | null;
  /** Its status. */
  readonly status?: string | null;
}

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };

/** Whether a text is a status that a task or a container can have. */
export function isTaskStatus(text: string): text is TaskStatus {
  return TASK_STATUSES.some((status) => status === text);
}

/** Whether a status comes after another one. */
function isLater(status: TaskStatus, than: TaskStatus): boolean {
  return TASK_STATUSES.indexOf(status) > TASK_STATUSES.indexOf(than);
}

/**
 * A task after its agent's report.
 *
 * @param record The task.
 * @param report The report; an unknown status changes nothing.
 * @param now The current time, in ms since the epoch.
 * @returns The same record if the report contains nothing new.
 */
export function afterReport(record: TaskRecord, report: TaskReport, now: number): TaskRecord {
  const reported: TaskRecord = {
    ...record,
    containers: record.containers.map((container) =>
      (report.containers ?? [])
        .filter((each) => each?.containerName === container.name)
        .reduce((before, each) => afterContainerReport(before, each ?? {}), container)
    ),
    attachments: (report.attachments ?? []).reduce(withAttachment, record.attachments),
    times: { ...record.times, ...reportedTimes(report) },
  };
  const status = report.status ?? "";
  const moved = isTaskStatus(status) && isLater(status, record.lastStatus)
    ? withStatus(reported, status, report.reason ?? "", now)
    : reported;
  return versioned(record, moved);
}

/** A task after a report about one of its attachments. */
export function afterAttachmentReport(record: TaskRecord, report: AttachmentReport): TaskRecord {
  return versioned(record, {
    ...record,
    attachments: withAttachment(record.attachments, report),
  });
}

/** A task whose containers' health was reported, by their names. */
export function afterHealthReport(
  record: TaskRecord,
  health: ReadonlyMap<string, HealthStatus>,
): TaskRecord {
  const containers = record.containers.map((container) => {
    const healthStatus = health.get(container.name);
    return healthStatus === undefined ? container : { ...container, healthStatus };
  });
  return versioned(record, { ...record, containers });
}

/** A task that is to be stopped. It has stopped when its agent reports so. */
export function stopping(
  record: TaskRecord,
  stopCode: StopCode,
  stoppedReason: string,
  now: number,
): TaskRecord {
  if (record.desiredStatus === "STOPPED") return record;
  return versioned(record, {
    ...record,
    desiredStatus: "STOPPED",
    task: { ...record.task, desiredStatus: "STOPPED" },
    stopCode,
    stoppedReason,
    times: { ...record.times, stoppingAt: now },
  });
}

/** The health of a whole task: that of its essential containers with a health check. */
export function healthOf({ containers, task }: TaskRecord): HealthStatus {
  const checked = containers.filter(({ name, healthStatus }) =>
    healthStatus !== undefined && isEssential(task, name)
  ).map(({ healthStatus }) => healthStatus);
  if (checked.includes("UNHEALTHY")) return "UNHEALTHY";
  return checked.length > 0 && checked.every((each) => each === "HEALTHY") ? "HEALTHY" : "UNKNOWN";
}

function afterContainerReport(container: TaskContainer, report: ContainerReport): TaskContainer {
  const { status = "", exitCode, reason, runtimeId, imageDigest, networkBindings } = report;
  const isMoved = isTaskStatus(status ?? "") && isLater(asStatus(status), container.lastStatus);
  return {
    ...container,
    ...(isMoved && { lastStatus: asStatus(status) }),
    ...(typeof exitCode === "number" && { exitCode }),
    ...(reason && { reason }),
    ...(runtimeId && { runtimeId }),
    ...(imageDigest && { imageDigest }),
    ...(networkBindings && { networkBindings: networkBindings.map(withoutNulls) }),
  };
}

function asStatus(status: string | null): TaskStatus {
  return TASK_STATUSES.find((each) => each === status) ?? "PROVISIONING";
}

function withoutNulls(binding: Nullable<NetworkBinding> | null): NetworkBinding {
  return {
    bindIP: binding?.bindIP ?? undefined,
    containerPort: binding?.containerPort ?? undefined,
    hostPort: binding?.hostPort ?? undefined,
    protocol: binding?.protocol ?? undefined,
    containerPortRange: binding?.containerPortRange ?? undefined,
    hostPortRange: binding?.hostPortRange ?? undefined,
  };
}

function withAttachment(
  attachments: TaskRecord["attachments"],
  report: AttachmentReport | null,
): TaskRecord["attachments"] {
  const { attachmentArn, status } = report ?? {};
  if (!attachmentArn || !status) return attachments;
  const others = attachments.filter((one) => one.attachmentArn !== attachmentArn);
  return [...others, { attachmentArn, status }];
}

function reportedTimes(report: TaskReport): Partial<TaskTimes> {
  const ms = (seconds: number) => Math.round(seconds * 1000);
  const { pullStartedAt, pullStoppedAt, executionStoppedAt } = report;
  return {
    ...(pullStartedAt && { pullStartedAt: ms(pullStartedAt) }),
    ...(pullStoppedAt && { pullStoppedAt: ms(pullStoppedAt) }),
    ...(executionStoppedAt && { executionStoppedAt: ms(executionStoppedAt) }),
  };
}

function withStatus(
  record: TaskRecord,
  lastStatus: TaskStatus,
  reason: string,
  now: number,
): TaskRecord {
  if (lastStatus === "RUNNING") {
    return { ...record, lastStatus, times: { ...record.times, startedAt: now } };
  }
  return lastStatus === "STOPPED" ? stopped(record, reason, now) : { ...record, lastStatus };
}

function stopped(record: TaskRecord, reason: string, now: number): TaskRecord {
  const { stoppingAt = now } = record.times;
  const stopCode = record.stopCode ??
    (hasRun(record) ? "EssentialContainerExited" : "TaskFailedToStart");
  return {
    ...record,
    lastStatus: "STOPPED",
    desiredStatus: "STOPPED",
    task: { ...record.task, desiredStatus: "STOPPED" },
    containers: record.containers.map((container) => ({ ...container, lastStatus: "STOPPED" })),
    times: { ...record.times, stoppingAt, stoppedAt: now },
    stopCode,
    stoppedReason: record.stoppedReason ?? (reason || reasonOf(record, stopCode)),
  };
}

/**
 * Whether a task, or at least one of its essential containers, has run: then it has an exit code,
 * and no container has a reason for not having started.
 */
function hasRun({ times, containers, task }: TaskRecord): boolean {
  if (times.startedAt !== undefined) return true;
  return containers.every(({ reason }) => reason === undefined) &&
    containers.some(({ name, exitCode }) => exitCode !== undefined && isEssential(task, name));
}

function isEssential({ containers }: TaskRecord["task"], name: string): boolean {
  return containers?.some((one) => one?.name === name && (one.essential ?? true)) ?? false;
}

function reasonOf({ containers }: TaskRecord, stopCode: StopCode): string {
  if (stopCode === "EssentialContainerExited") return "Essential container in task exited";
  return containers.find(({ reason }) => reason !== undefined)?.reason ?? "Task failed to start";
}

/** The changed record with a new version, or the one before if nothing has changed. */
function versioned(before: TaskRecord, after: TaskRecord): TaskRecord {
  if (JSON.stringify(before) === JSON.stringify(after)) return before;
  return { ...after, version: before.version + 1 };
}
