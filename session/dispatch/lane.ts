/**
 * Lanes: the messages of one lane are handled one at a time, in order of arrival; lanes do not wait
 * for each other, so that a stuck handler does not block the others.
 *
 * @module
 */

import type { TurnBudget } from "../../internal/turn_budget.ts";
import { BacklogWatch } from "./backlog_watch.ts";
import { JobQueue, type KeyedJob } from "./job_queue.ts";
import { StuckWatch } from "./stuck_watch.ts";

/** The limits of one lane. */
export interface LaneLimits {
  /** Maximum number of messages, queued or being handled. */
  readonly maxMessages: number;
  /** Maximum size of their frames, in characters. */
  readonly maxSize: number;
  /** Maximum memory of its messages, in bytes, see `heldBytes`. */
  readonly maxBytes: number;
}

/** A message to be handled. */
export interface LaneJob extends KeyedJob {
  /** The size of its frame, in characters. */
  readonly size: number;
  /** When it was received, in ms of `performance.now()`, which cannot be set. */
  readonly receivedAt: number;
  /** The memory that it may occupy, in bytes: the maximum for its frame's size, or as measured. */
  readonly bytes: number;
  /** Measures `bytes`, which takes longer the larger the message is. */
  measure(): void;
  /** How long it has been handled, in ms: the sum of all runs. */
  readonly durationMs: number;
}

/**
 * Handles a job. Never throws or rejects.
 *
 * @param job The job.
 * @param startedAt The current time, in ms of `performance.now()`.
 * @returns Settles when the job is done; nothing if it is already done.
 */
export type HandleJob<Job> = (job: Job, startedAt: number) => void | Promise<void>;

/** A snapshot of one lane. */
export interface LaneHealth {
  /** The lane's name. */
  readonly name: string;
  /** How many messages are queued or being handled. */
  readonly depth: number;
  /** The size of their frames, in characters. */
  readonly size: number;
  /** How long ago the oldest of them was received, in ms; 0 if there is none. */
  readonly oldestAgeMs: number;
  /** Whether a handler has been running for too long. */
  readonly stuck: boolean;
  /** How long ago the oldest queued message was received, in ms; 0 if none is queued. */
  readonly oldestWaitingMs: number;
  /** Whether that message has been queued for too long: the handler does not keep up. */
  readonly backlogged: boolean;
  /** Whether the lane is full and rejects messages of the current connection. */
  readonly refusing: boolean;
}

/** The snapshot of a lane that has never had a message. */
export function emptyLaneHealth(name: string): LaneHealth {
  return {
    name,
    depth: 0,
    size: 0,
    oldestAgeMs: 0,
    stuck: false,
    oldestWaitingMs: 0,
    backlogged: false,
    refusing: false,
  };
}

/** How a lane works. */
export interface LaneOptions<Job extends LaneJob> {
  /** Its name. */
  readonly name: string;
  /** Its limits. */
  readonly limits: LaneLimits;
  /** Handles a job. */
  readonly handle: HandleJob<Job>;
  /** How long jobs may keep the event loop from turning, in ms. */
  readonly turns: TurnBudget;
  /** How long a handler may run before it counts as stuck, in ms. */
  readonly stuckMs: number;
  /** How long a message may be queued before the lane counts as backlogged, in ms. */
  readonly backlogMs: number;
  /** Called once for each handler that is stuck. */
  onStuck(lane: string, job: Job): void;
  /** Called once when the lane is backlogged, and again only after its queue was empty. */
  onBacklogged(lane: string, waiting: number, oldestWaitingMs: number): void;
}

/**
 * Messages that are handled faster than this on average, in ms, never wait for the event loop: a full
 * lane of them takes less than the budget of one turn, and queueing them costs more than it helps.
 */
const FAST_MS = 0.05;

/**
 * A lane that is filled to this part of its limits no longer waits for the event loop: a late timer is
 * better than a message that is rejected although its handler is fast.
 */
const FILLED = 1 / 2;

/** A message that may occupy this fraction of a lane's memory is measured on arrival. */
const MEASURED_ON_ARRIVAL = 1 / 8;

/** One lane. */
export class Lane<Job extends LaneJob> {
  readonly #options: LaneOptions<Job>;
  readonly #waiting: JobQueue<Job> = new JobQueue();
  readonly #stuck: StuckWatch;
  readonly #backlog: BacklogWatch;
  #size = 0;
  #bytes = 0;
  #running: Job | undefined;
  #isSlow = false;
  /** Whether the next job waits until the event loop has turned. */
  #isPaused = false;
  #pauses = 0;
  /** Whether the event loop has turned since the running job started. */
  #hasTurned = false;
  #idleListeners: (() => void)[] = [];

  /**
   * Creates an empty lane.
   *
   * @param options How it works.
   */
  constructor(options: LaneOptions<Job>) {
    this.#options = options;
    const { name, stuckMs, backlogMs } = options;
    this.#stuck = new StuckWatch(stuckMs, () => {
      if (this.#running !== undefined) options.onStuck(name, this.#running);
    });
    this.#backlog = new BacklogWatch(
      backlogMs,
      () => this.#waiting.oldest?.receivedAt,
      () => options.onBacklogged(name, this.#waiting.length, Math.round(this.#backlog.ageMs)),
    );
  }

  /** The lane's name. */
  get name(): string {
    return this.#options.name;
  }

  /** Whether a job that is not marked as slow is running. */
  get isHandling(): boolean {
    return this.#running !== undefined && !this.#isSlow;
  }

  /** Marks the running job as slow until it is done. */
  markSlow(): void {
    this.#isSlow = true;
  }

  /** The queued or running job with that key, if there is one. */
  find(key: string): Job | undefined {
    if (this.#running?.key === key) return this.#running;
    return this.#waiting.find(key);
  }

  /** The newest job, queued or running, that satisfies a condition, if there is one. */
  findLast(satisfies: (job: Job) => boolean): Job | undefined {
    const waiting = this.#waiting.findLast(satisfies);
    if (waiting !== undefined || this.#running === undefined) return waiting;
    return satisfies(this.#running) ? this.#running : undefined;
  }

  /**
   * Adds a job. An idle lane starts it before this returns, unless the event loop has to turn first.
   *
   * @param job The job.
   * @param now The current time, in ms of `performance.now()`.
   * @returns `false` if the lane is full: the job was not added.
   */
  push(job: Job, now = performance.now()): boolean {
    const { maxMessages, maxSize } = this.#options.limits;
    if (this.#waiting.length >= maxMessages || this.#size + job.size > maxSize) return false;
    if (!this.#hasMemoryFor(job)) return false;
    this.#size += job.size;
    this.#bytes += job.bytes;
    if (this.#running === undefined && !this.#isPaused && !this.#mustPause) {
      this.#run(job, now);
      return true;
    }
    this.#waiting.push(job);
    if (this.#running !== undefined) {
      if (this.#hasTurned) this.#backlog.begin();
    } else if (this.#mustPause) this.#pause();
    else this.#resume();
    return true;
  }

  /** Whether even an empty lane would reject a job. */
  isTooLarge(job: Job): boolean {
    return job.bytes > this.#options.limits.maxBytes;
  }

  /**
   * Removes the queued jobs. The running one continues, and is no longer reported as stuck.
   *
   * @returns The removed jobs.
   */
  stop(): Job[] {
    this.#stuck.stop();
    this.#backlog.stop();
    this.#options.turns.unwatch(this.#turned);
    const removed = this.#waiting.clear();
    for (const job of removed) this.#release(job);
    return removed;
  }

  /** The running job, if there is one. */
  get running(): Job | undefined {
    return this.#running;
  }

  /** Settles when no job is running or queued. */
  idle(): Promise<void> {
    if (this.#running === undefined && this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleListeners.push(resolve));
  }

  /** A snapshot. */
  health(): LaneHealth {
    const oldest = this.#running ?? this.#waiting.oldest;
    return {
      name: this.name,
      depth: this.#waiting.length + (this.#running === undefined ? 0 : 1),
      size: this.#size,
      oldestAgeMs: oldest === undefined ? 0 : Math.round(performance.now() - oldest.receivedAt),
      stuck: this.#stuck.isStuck,
      oldestWaitingMs: Math.round(this.#backlog.ageMs),
      backlogged: this.#backlog.isBacklogged,
      refusing: false,
    };
  }

  /** Runs a job, and the next ones as long as each is done when its handler returns. */
  #run(first: Job | undefined, now: number): void {
    const { handle, turns } = this.#options;
    let startedAt = now;
    for (let job = first; job !== undefined; job = this.#waiting.shift()) {
      this.#running = job;
      this.#isSlow = false;
      if (this.#waiting.length === 0) this.#backlog.rest();
      const handled = handle(job, startedAt);
      if (handled !== undefined) return this.#wait(job, handled, startedAt);
      turns.spend(job.durationMs);
      this.#finish(job);
      if (this.#waiting.length === 0) break;
      if (this.#mustPause) return this.#pause();
      startedAt = performance.now();
    }
    this.#rest();
    this.#notifyIdle();
  }

  #wait(job: Job, handled: Promise<void>, startedAt: number): void {
    const { turns } = this.#options;
    this.#stuck.begin(startedAt);
    this.#hasTurned = false;
    turns.watch(this.#turned);
    handled.then(() => {
      // The loop turns while a handler waits, unless it blocks the thread.
      if (!this.#hasTurned) turns.spend(job.durationMs);
      this.#finish(job);
      if (this.#waiting.length > 0 && this.#mustPause) this.#pause();
      else this.#run(this.#waiting.shift(), performance.now());
    });
  }

  readonly #turned = () => {
    this.#hasTurned = true;
    this.#stuck.setTimer();
    this.#backlog.begin();
  };

  #finish(done: Job): void {
    this.#release(done);
    this.#running = undefined;
  }

  #release({ size, bytes }: Job): void {
    this.#size -= size;
    this.#bytes -= bytes;
  }

  /** Measures messages only if their maximum sizes do not fit: each is measured once. */
  #hasMemoryFor(job: Job): boolean {
    const { maxBytes } = this.#options.limits;
    // A handler may change a message, so a large one is measured before it runs.
    if (job.bytes > maxBytes * MEASURED_ON_ARRIVAL) job.measure();
    if (this.#bytes + job.bytes <= maxBytes) return true;
    job.measure();
    for (const waiting of this.#waiting) {
      if (this.#bytes + job.bytes <= maxBytes) return true;
      this.#measure(waiting);
    }
    return this.#bytes + job.bytes <= maxBytes;
  }

  #measure(job: Job): void {
    this.#bytes -= job.bytes;
    job.measure();
    this.#bytes += job.bytes;
  }

  #rest(): void {
    if (this.#stuck.rest()) this.#options.turns.unwatch(this.#turned);
  }

  get #mustPause(): boolean {
    const { turns, limits: { maxMessages, maxSize, maxBytes } } = this.#options;
    return turns.isSpent && turns.average >= FAST_MS &&
      this.#waiting.length <= maxMessages * FILLED &&
      this.#size <= maxSize * FILLED && this.#bytes <= maxBytes * FILLED;
  }

  /** Runs the next job when the event loop has turned. */
  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#rest();
    this.#backlog.begin();
    const pause = ++this.#pauses;
    this.#options.turns.nextTurn().then(() => {
      if (this.#isPaused && this.#pauses === pause) this.#resume();
    });
  }

  #resume(): void {
    this.#isPaused = false;
    this.#run(this.#waiting.shift(), performance.now());
  }

  #notifyIdle(): void {
    if (this.#idleListeners.length === 0) return;
    for (const resolve of this.#idleListeners.splice(0)) resolve();
  }
}
