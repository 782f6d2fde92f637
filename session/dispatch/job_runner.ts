/**
 * Runs the responder of a message and reports the outcome.
 *
 * @module
 */

import { oneLine } from "../../internal/one_line.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";
import { secretsIn } from "../../protocol/secrets.ts";
import { hasName, isInstance, safeText } from "../../internal/safe_get.ts";
import type { SentMessages, SentMessageType } from "../../protocol/messages.ts";
import { InvalidMessageError } from "../../responders/invalid_message_error.ts";
import type { RequestResponders } from "../../responders/request_responders.ts";
import type { Respond, ResponderContext } from "../../responders/responder.ts";
import type { DropReason } from "../reporting/events.ts";
import type { BackgroundSource, BackgroundWork } from "./background_work.ts";
import type { MessageJob } from "./message_job.ts";

/** Reports what happened to a message. */
export interface JobRunnerListener {
  /** A message will not be answered. */
  jobDropped(job: MessageJob, reason: DropReason, description: string): void;
  /** A responder has finished, after `durationMs`. */
  handled(job: MessageJob, outcome: "success" | "invalid" | "failed", durationMs: number): void;
  /** A responder has failed after it had sent its answer. */
  backgroundFailed(source: BackgroundSource, description: string): void;
}

/** What a runner uses. */
export interface JobRunnerOptions {
  /** The responders. */
  readonly responders: RequestResponders;
  /** Sends an answer on the current connection. */
  readonly respond: Respond;
  /** Runs work that continues after the message was answered. */
  readonly background: BackgroundWork;
  /** Reports what happened. */
  readonly listener: JobRunnerListener;
  /** Called when a message is done, after its last run. */
  readonly onDone: (job: MessageJob) => void;
}

/** Runs the responders of one session. */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  #isStopping = false;

  /**
   * Creates a runner.
   *
   * @param options What it uses.
   */
  constructor(options: JobRunnerOptions) {
    this.#options = options;
  }

  /** From now on no message is handled a second time. */
  stop(): void {
    this.#isStopping = true;
  }

  /**
   * Runs the responder of a message. Never throws or rejects.
   *
   * @param job The message.
   * @param startedAt The current time, in ms of `performance.now()`.
   */
  run(job: MessageJob, startedAt: number): void | Promise<void> {
    job.isAnswered = false;
    if (job.answers.length > 0) job.answers = [];
    try {
      const handled = this.#options.responders.handle(
        job.received,
        this.#contextOf(job, startedAt),
      );
      if (handled === undefined) return this.#succeeded(job, startedAt);
      return handled.then(
        () => this.#succeeded(job, startedAt),
        (error) => this.#failed(job, error, startedAt),
      );
    } catch (error) {
      return this.#failed(job, error, startedAt);
    }
  }

  #contextOf(job: MessageJob, now: number): ResponderContext {
    const { respond, background } = this.#options;
    const { received: { type, message }, messageId } = job;
    // A plain object: responders may pass a copy to others.
    return {
      receivedAt: Math.round(Date.now() - (now - job.receivedAt)),
      respond: (type, message) => {
        rememberAnswer(job, type, message);
        respond(type, message);
      },
      background: (work, held = message) => background.start({ type, messageId }, work, held),
    };
  }

  #succeeded(job: MessageJob, startedAt: number): void {
    // A copy that arrived in the meantime is not handled, but it is answered.
    if (job.isRedelivered) { for (const answer of job.answers) this.#respondAgain(answer); }
    this.#options.listener.handled(job, "success", addDuration(job, startedAt));
    this.#options.onDone(job);
  }

  #respondAgain({ type, message }: MessageJob["answers"][number]): void {
    this.#options.respond(type, message);
  }

  #failed(job: MessageJob, error: unknown, startedAt: number): void | Promise<void> {
    this.#reportFailure(job, error, addDuration(job, startedAt));
    if (!job.isRedelivered || this.#isStopping) return this.#options.onDone(job);
    // The service has redelivered it in the meantime, which is another attempt.
    job.isRedelivered = false;
    return this.run(job, performance.now());
  }

  #reportFailure(job: MessageJob, error: unknown, durationMs: number): void {
    const { listener, responders } = this.#options;
    const { received: { type, message }, messageId } = job;
    if (job.isAnswered) {
      const description = describeError(error, secretsIn(message));
      listener.backgroundFailed({ type, messageId }, description);
      return listener.handled(job, "failed", durationMs);
    }
    if (hasName(error, "InvalidMessageError")) {
      // Our own error quotes nothing from the message; another error with the same name may.
      const description = isInstance(error, InvalidMessageError)
        ? oneLine(safeText(error, "message") ?? "")
        : describeError(error, secretsIn(message));
      listener.jobDropped(job, "invalid", description);
      return listener.handled(job, "invalid", durationMs);
    }
    // A handler's error may quote the message.
    const description = describeError(error, secretsIn(message));
    const reason = hasName(error, "LimitExceededError") ? "overflow" : "failed";
    listener.jobDropped(job, reason, `${responders.nameOf(type)}: ${description}`);
    listener.handled(job, "failed", durationMs);
  }
}

function rememberAnswer<T extends SentMessageType>(
  job: MessageJob,
  type: T,
  message: SentMessages[T],
): void {
  job.isAnswered = true;
  // A message without a key has no copies.
  if (job.key === undefined) return;
  if (job.answers.length === 0) job.answers = [{ type, message }];
  else job.answers.push({ type, message });
}

/** Adds the duration of one run to the job, and returns it, in ms. */
function addDuration(job: MessageJob, startedAt: number): number {
  const durationMs = performance.now() - startedAt;
  job.durationMs += durationMs;
  return durationMs;
}
