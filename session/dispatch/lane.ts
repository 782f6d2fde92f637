/**
 * Lanes: messages of one lane are handled one at a time in the order of their arrival; lanes do not
 * wait for each other, so that one stuck handler silences nothing else.
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
  /** How much memory its messages may take, in bytes, see `heldBytes`. */
  readonly maxBytes: number;
}

/** A message to be handled. */
export interface LaneJob extends KeyedJob {
  /** The frame's length, in characters. */
  readonly size: number;
  /** When it arrived, in ms of `performance.now()`: no clock that is set changes its age. */
  readonly arrivedAt: number;
  /** How much memory it may take, in bytes: the most that a frame of its length can, or as measured. */
  readonly bytes: number;
  /** Measures that, which takes as long as the message is large. */
  measure(): void;
  /** How long it took to handle, in ms, once it has been. */
  readonly durationMs: number;
  /**
   * Handles it. Never throws or rejects.
   *
   * @param startedAt The time, in ms of `performance.now()`.
   */
  run(startedAt: number): void | Promise<void>;
}

/** A snapshot of one lane. */
export interface LaneHealth {
  /** The lane's name. */
  readonly name: string;
  /** How many messages are being handled or wait. */
  readonly depth: number;
  /** The length of their frames, in characters. */
  readonly size: number;
  /** How long ago the oldest of them was received, in ms; 0 when there is none. */
  readonly oldestAgeMs: number;
  /** Whether one handler has been holding the lane for too long. */
  readonly stuck: boolean;
  /** How long ago the oldest message that has not been begun was received, in ms; 0 if none waits. */
  readonly oldestWaitingMs: number;
  /** Whether that message has been waiting for too long: the handler does not keep up. */
  readonly backlogged: boolean;
  /** Whether the lane is full, and refuses what the current connection brings. */
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

/** What takes too long in a lane, and who is notified. */
export interface LaneWatch<Job extends LaneJob> {
  /** How long one handler may take, in ms. */
  readonly stuckMs: number;
  /** How long a message may wait before it is begun, in ms. */
  readonly backlogMs: number;
  /** Called once for each handler that takes too long. */
  onStuck(lane: string, job: Job): void;
  /** Called when a message has been waiting for too long; once, until none waits. */
  onBacklogged(lane: string, waiting: number, oldestWaitingMs: number): void;
}

/** A message that may take this part of a lane's memory is measured when it arrives. */
const MEASURED_AT_ONCE = 1 / 8;

/** One lane. */
export class Lane<Job extends LaneJob> {
  /** The lane's name. */
  readonly name: string;
  readonly #bounds: LaneLimits;
  readonly #waiting: JobQueue<Job> = new JobQueue();
  readonly #watch: StuckWatch;
  readonly #backlog: BacklogWatch;
  readonly #turns: TurnBudget;
  #size = 0;
  #bytes = 0;
  #running: Job | undefined;
  #isSlow = false;
  /** Whether the next job waits until the event loop has turned. */
  #isPaused = false;
  /** Whether the event loop has turned since the job that runs began. */
  #hasTurned = false;
  #idleListeners: (() => void)[] = [];

  /**
   * Makes an empty lane.
   *
   * @param name The lane's name.
   * @param bounds How much it may hold.
   * @param watch What takes too long, and who is notified.
   * @param turns How long jobs may keep the event loop from turning, in ms.
   */
  constructor(name: string, bounds: LaneLimits, watch: LaneWatch<Job>, turns: TurnBudget) {
    this.name = name;
    this.#bounds = bounds;
    this.#turns = turns;
    this.#watch = new StuckWatch(watch.stuckMs, () => {
      if (this.#running !== undefined) watch.onStuck(name, this.#running);
    });
    this.#backlog = new BacklogWatch(
      watch.backlogMs,
      () => this.#waiting.oldest?.arrivedAt,
      () => watch.onBacklogged(name, this.#waiting.length, Math.round(this.#backlog.ageMs)),
    );
  }

  /** Whether a job runs that does not count as slow. */
  get isBusy(): boolean {
    return this.#running !== undefined && !this.#isSlow;
  }

  /** Has the job that runs count as slow until it is done. */
  countAsSlow(): void {
    this.#isSlow = true;
  }

  /** The job with that key that waits or runs, if there is one. */
  find(key: string): Job | undefined {
    if (this.#running?.key === key) return this.#running;
    return this.#waiting.find(key);
  }

  /** The newest job, waiting or running, that satisfies a condition, if there is one. */
  findLast(satisfies: (job: Job) => boolean): Job | undefined {
    const waiting = this.#waiting.findLast(satisfies);
    if (waiting !== undefined || this.#running === undefined) return waiting;
    return satisfies(this.#running) ? this.#running : undefined;
  }

  /**
   * Adds a job. An idle lane starts it before this returns, unless the event loop has to turn first.
   *
   * @returns `false` if too much is waiting: the job was not added.
   */
  push(job: Job): boolean {
    const { maxMessages, maxSize } = this.#bounds;
    if (this.#waiting.length >= maxMessages || this.#size + job.size > maxSize) return false;
    if (!this.#hasMemoryFor(job)) return false;
    this.#size += job.size;
    this.#bytes += job.bytes;
    if (this.#running === undefined && !this.#isPaused && !this.#turns.isSpent) {
      this.#run(job, job.arrivedAt);
      return true;
    }
    this.#waiting.push(job);
    if (this.#running === undefined) this.#runInNextTurn();
    else if (this.#hasTurned) this.#backlog.begin();
    return true;
  }

  /** Whether a job could not be added to an empty lane either. */
  isTooLarge(job: Job): boolean {
    return job.bytes > this.#bounds.maxBytes;
  }

  /** Forgets the jobs that wait, and returns them. The one that runs goes on. */
  clear(): Job[] {
    const forgotten = this.#waiting.clear();
    for (const job of forgotten) this.#release(job);
    this.#backlog.rest();
    return forgotten;
  }

  /** The same, for good: a job that goes on is not told as stuck any more. */
  stop(): Job[] {
    this.#watch.stop();
    this.#backlog.stop();
    this.#turns.unwatch(this.#turned);
    return this.clear();
  }

  /** Settles when nothing runs or waits. */
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
      oldestAgeMs: oldest === undefined ? 0 : Math.round(performance.now() - oldest.arrivedAt),
      stuck: this.#watch.isStuck,
      oldestWaitingMs: Math.round(this.#backlog.ageMs),
      backlogged: this.#backlog.isBacklogged,
      refusing: false,
    };
  }

  /** Runs a job, and those behind it as long as each is done at once. */
  #run(first: Job | undefined, now: number): void {
    let startedAt = now;
    for (let job = first; job !== undefined; job = this.#waiting.shift()) {
      this.#running = job;
      this.#isSlow = false;
      if (this.#waiting.length === 0) this.#backlog.rest();
      const handled = job.run(startedAt);
      if (handled !== undefined) return this.#wait(job, handled, startedAt);
      this.#turns.spend(job.durationMs);
      this.#finish(job);
      if (this.#waiting.length === 0) break;
      if (this.#turns.isSpent) return this.#runInNextTurn();
      startedAt = performance.now();
    }
    this.#rest();
    this.#tellIdle();
  }

  #wait(job: Job, handled: Promise<void>, startedAt: number): void {
    this.#watch.begin(startedAt);
    this.#hasTurned = false;
    this.#turns.watch(this.#turned);
    handled.then(() => {
      // While a handler waits for something, the loop turns; one that blocks the thread keeps it from that.
      if (!this.#hasTurned) this.#turns.spend(job.durationMs);
      this.#finish(job);
      if (this.#turns.isSpent && this.#waiting.length > 0) this.#runInNextTurn();
      else this.#run(this.#waiting.shift(), performance.now());
    });
  }

  readonly #turned = () => {
    this.#hasTurned = true;
    this.#watch.setTimer();
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

  /** Measures messages only when what they may take at most does not fit: each is measured once. */
  #hasMemoryFor(job: Job): boolean {
    const { maxBytes } = this.#bounds;
    // Of what runs, a handler may have made anything: what is large is measured before.
    if (job.bytes > maxBytes * MEASURED_AT_ONCE) job.measure();
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
    if (!this.#watch.rest()) return;
    this.#turns.unwatch(this.#turned);
  }

  #runInNextTurn(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#rest();
    this.#backlog.begin();
    this.#turns.nextTurn().then(() => {
      this.#isPaused = false;
      this.#run(this.#waiting.shift(), performance.now());
    });
  }

  #tellIdle(): void {
    if (this.#idleListeners.length === 0) return;
    for (const tell of this.#idleListeners.splice(0)) tell();
  }
}
