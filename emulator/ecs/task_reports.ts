/**
 * Applies agents' reports about their tasks.
 *
 * @module
 */

import type { EmulatorState } from "../state/emulator_state.ts";
import type { IssuedCredentials } from "./issued_credentials.ts";
import {
  afterAttachmentReport,
  afterHealthReport,
  afterReport,
  type AttachmentReport,
  type TaskReport,
} from "./task_lifecycle.ts";
import type { HealthStatus, TaskRecord } from "./task_record.ts";
import type { Tasks } from "./tasks.ts";

/** The parts of the reports. */
export interface TaskReportsOptions {
  /** Groups changes into transactions. */
  readonly state: EmulatorState;
  /** The tasks. */
  readonly tasks: Tasks;
  /** The issued credentials. */
  readonly issued: IssuedCredentials;
  /** Drops the queued messages about a task. */
  readonly dropMessages: (taskArn: string) => void;
  /** The service's clock, in ms since the epoch. */
  readonly now: () => number;
}

/** Applies reports to tasks. A report about an unknown task changes nothing. */
export class TaskReports {
  readonly #options: TaskReportsOptions;

  /**
   * @param options What it needs.
   */
  constructor(options: TaskReportsOptions) {
    this.#options = options;
  }

  /**
   * Applies a report about a task. One that has stopped gets no more messages and credentials.
   *
   * @throws {StateWriteError} If it cannot be saved; then nothing has changed.
   */
  task(taskArn: string, report: TaskReport): void {
    const { now } = this.#options;
    this.#change(taskArn, (record) => afterReport(record, report, now()));
  }

  /**
   * Applies a report about an attachment.
   *
   * @throws {StateWriteError} If it cannot be saved; then nothing has changed.
   */
  attachment(report: AttachmentReport): void {
    const { attachmentArn } = report;
    const owner = this.#options.tasks.records.find(({ task, attachments }) =>
      attachments.some((one) => one.attachmentArn === attachmentArn) ||
      task.elasticNetworkInterfaces?.some((one) => one?.attachmentArn === attachmentArn) ||
      task.attachments?.some((one) => one?.attachmentArn === attachmentArn)
    );
    if (owner === undefined) return;
    this.#change(owner.taskArn, (record) => afterAttachmentReport(record, report));
  }

  /**
   * Applies the health of a task's containers, by their names.
   *
   * @throws {StateWriteError} If it cannot be saved; then nothing has changed.
   */
  health(taskArn: string, health: ReadonlyMap<string, HealthStatus>): void {
    this.#change(taskArn, (record) => afterHealthReport(record, health));
  }

  #change(taskArn: string, change: (record: TaskRecord) => TaskRecord): void {
    const { state, tasks, issued, dropMessages } = this.#options;
    state.transaction(() => {
      const before = tasks.get(taskArn);
      if (before === undefined) return;
      const after = change(before);
      tasks.set(after);
      if (after.lastStatus !== "STOPPED" || before.lastStatus === "STOPPED") return;
      issued.removeTask(taskArn);
      dropMessages(taskArn);
    });
  }
}
