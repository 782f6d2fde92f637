/**
 * The emulator's errors.
 *
 * @module
 */

/** The emulator was closed during a wait. */
export class EmulatorClosedError extends Error {
  /** Always `"EmulatorClosedError"`. */
  override readonly name = "EmulatorClosedError";
  /** The awaited condition, such as `an agent connected`. */
  readonly waitingFor: string;

  /** Creates the error.
   *
   * @param waitingFor The end of a sentence that begins "closed before".
   */
  constructor(waitingFor: string) {
    super(`The emulator was closed before ${waitingFor}`);
    this.waitingFor = waitingFor;
  }
}

/** The agent answered a message with a NackRequest. */
export class MessageNackedError extends Error {
  /** Always `"MessageNackedError"`. */
  override readonly name = "MessageNackedError";
  /** The message's id. */
  readonly messageId: string;
  /** The agent's reason; empty if it gave none. */
  readonly reason: string;

  /** Creates the error.
   *
   * @param messageId The message's id.
   * @param reason The agent's reason.
   */
  constructor(messageId: string, reason: string) {
    super(`The agent refused message ${messageId} with a NackRequest: ${reason || "no reason"}`);
    this.messageId = messageId;
    this.reason = reason;
  }
}

/** The connection ended before the answer to a message that is not resent: a heartbeat. */
export class AnswerLostError extends Error {
  /** Always `"AnswerLostError"`. */
  override readonly name = "AnswerLostError";
  /** The message's id. */
  readonly messageId: string;

  /** Creates the error.
   *
   * @param messageId The message's id.
   */
  constructor(messageId: string) {
    super(
      `The connection ended before message ${messageId} was answered, and it is not resent`,
    );
    this.messageId = messageId;
  }
}

/** The task of a message stopped before the message was acknowledged. */
export class TaskStoppedError extends Error {
  /** Always `"TaskStoppedError"`. */
  override readonly name = "TaskStoppedError";
  /** The message's id. */
  readonly messageId: string;
  /** The task's ARN. */
  readonly taskArn: string;

  /** Creates the error.
   *
   * @param messageId The message's id.
   * @param taskArn The task's ARN.
   */
  constructor(messageId: string, taskArn: string) {
    super(
      `The agent reported that task ${taskArn} has stopped, without acknowledging message ` +
        `${messageId}; it is not resent`,
    );
    this.messageId = messageId;
    this.taskArn = taskArn;
  }
}

/** The state file cannot be used. */
export class StateFileError extends Error {
  /** Always `"StateFileError"`. */
  override readonly name = "StateFileError";
  /** The file's path. */
  readonly path: string;

  /** Creates the error.
   *
   * @param path The file's path.
   * @param why The reason.
   * @param options The error from the file system or the database, as `cause`.
   */
  constructor(path: string, why: string, options?: ErrorOptions) {
    super(`The state file ${path} cannot be used: ${why}`, options);
    this.path = path;
  }
}

/** The state file cannot be written, so the change was not made. */
export class StateWriteError extends Error {
  /** Always `"StateWriteError"`. */
  override readonly name = "StateWriteError";
  /** The file's path. */
  readonly path: string;

  /** Creates the error.
   *
   * @param path The file's path.
   * @param cause The database's error.
   */
  constructor(path: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`The state file ${path} cannot be written, so nothing was changed: ${why}`, { cause });
    this.path = path;
  }
}

/** A task cannot be run on a deregistered container instance. */
export class InactiveInstanceError extends Error {
  /** Always `"InactiveInstanceError"`. */
  override readonly name = "InactiveInstanceError";
  /** The container instance's ARN. */
  readonly containerInstanceArn: string;

  /** Creates the error, with ECS's message.
   *
   * @param containerInstanceArn The container instance's ARN.
   */
  constructor(containerInstanceArn: string) {
    super(
      `ClientException: Container instance ${containerInstanceArn} is inactive. ` +
        "Register it again, or run the task on another one",
    );
    this.containerInstanceArn = containerInstanceArn;
  }
}

/** No acknowledgement arrived in time. */
export class AckTimeoutError extends Error {
  /** Always `"AckTimeoutError"`. */
  override readonly name = "AckTimeoutError";
  /** The message's id. */
  readonly messageId: string;
  /** The time limit that passed, in ms. */
  readonly within: number;

  /** Creates the error.
   *
   * @param messageId The message's id.
   * @param within The time limit that passed, in ms.
   */
  constructor(messageId: string, within: number) {
    super(`Message ${messageId} was not acknowledged within ${within} ms`);
    this.messageId = messageId;
    this.within = within;
  }
}

/** The awaited event did not happen in time. */
export class EventTimeoutError extends Error {
  /** Always `"EventTimeoutError"`. */
  override readonly name = "EventTimeoutError";
  /** The event's name. */
  readonly event: string;
  /** The time limit that passed, in ms. */
  readonly within: number;

  /** Creates the error.
   *
   * @param event The event's name.
   * @param within The time limit that passed, in ms.
   */
  constructor(event: string, within: number) {
    super(`No matching "${event}" event within ${within} ms`);
    this.event = event;
    this.within = within;
  }
}

/** There is no task with the given ARN. */
export class UnknownTaskError extends Error {
  /** Always `"UnknownTaskError"`. */
  override readonly name = "UnknownTaskError";
  /** The task's ARN. */
  readonly taskArn: string;

  /** Creates the error.
   *
   * @param taskArn The task's ARN.
   */
  constructor(taskArn: string) {
    super(`Unknown task ${taskArn}: run it first, or look it up in the list of tasks`);
    this.taskArn = taskArn;
  }
}
