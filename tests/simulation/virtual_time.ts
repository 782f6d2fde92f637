/**
 * Virtual time with two domains: the world, whose time is the true time, and the machine of the
 * agent, which may be suspended, blocked, or have its clock set.
 *
 * @module
 */

import { setImmediate } from "node:timers";

/** The owner of timers and clocks. */
export type Domain = "world" | "machine";

/** What is due in a domain. On the machine, the timers of programs are separate from its sockets. */
type QueueName = Domain | "programs";

interface Timer {
  readonly id: number;
  readonly domain: Domain;
  readonly queue: QueueName;
  readonly run: () => void;
  /** Set for an interval, in ms. */
  readonly everyMs: number | undefined;
  /** When it is due, by the monotonic clock of its domain, in ms. */
  dueAt: number;
  /** Orders timers that are due at the same time. */
  order: number;
  isCleared: boolean;
}

/** Like the runtimes' timers: at least 1 ms, at most 2^31 - 1 ms, otherwise 1 ms. */
const LONGEST_MS = 2 ** 31 - 1;

/** How late a machine may be after a suspension, in ms, so that resuming takes some time. */
const FIRST_MONOTONIC_MS = 1_000;

/** The clocks and timers of a simulation. */
export class VirtualTime {
  readonly #startedAt: number;
  readonly #queues: Readonly<Record<QueueName, TimerHeap>> = {
    world: new TimerHeap(),
    machine: new TimerHeap(),
    programs: new TimerHeap(),
  };
  readonly #timers: Map<number, Timer> = new Map();
  #elapsedMs = 0;
  #lastId = 0;
  #lastOrder = 0;
  #domain: Domain = "world";
  #machineLagMs = 0;
  #suspendedUntilMs = 0;
  #blockedUntilMs = 0;
  #busyUntilMs = 0;
  /** In this turn of the machine's event loop, everything is read that has arrived until then. */
  #readingUntilMs = -Infinity;
  #wallErrorMs = 0;
  #steps = 0;

  /**
   * Starts the clocks.
   *
   * @param startedAt The true time at the start, in ms since the epoch.
   */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  /** The true time since the start, in ms. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** The true time, in ms since the epoch. */
  get now(): number {
    return this.#startedAt + Math.floor(this.#elapsedMs);
  }

  /** How far the machine's wall clock is ahead of the true time, in ms. */
  get wallErrorMs(): number {
    return this.#wallErrorMs;
  }

  /** When the last suspension began and ended, in true ms after the start. */
  lastSuspension: { readonly fromMs: number; readonly untilMs: number } | undefined;

  /** Until when the machine is suspended or its thread is blocked, in true ms after the start. */
  get frozenUntilMs(): number {
    return Math.max(this.#suspendedUntilMs, this.#blockedUntilMs);
  }

  /** Whether the machine is suspended, or its thread blocked. */
  get isMachineFrozen(): boolean {
    return this.#elapsedMs < this.frozenUntilMs;
  }

  /** How many timers have fired. */
  get steps(): number {
    return this.#steps;
  }

  /** Whose code is running. */
  get domain(): Domain {
    return this.#domain;
  }

  /** The number of pending timers that the programs on the machine have set. */
  get pendingOfPrograms(): number {
    return this.#queues.programs.pending;
  }

  /** The number of pending timers of a domain. */
  pending(domain: Domain): number {
    const { world, machine, programs } = this.#queues;
    return domain === "world" ? world.pending : machine.pending + programs.pending;
  }

  /** The wall clock of the running code, in ms since the epoch. */
  wallNow(): number {
    if (this.#domain === "world") return this.now;
    const busyMs = Math.max(0, this.#busyUntilMs - this.#elapsedMs);
    return Math.floor(this.now + busyMs + this.#wallErrorMs);
  }

  /** The monotonic clock of the running code, in ms. */
  monotonicNow(): number {
    return this.#monotonicOf(this.#domain);
  }

  /** Sets a timer of the running code's domain, as `setTimeout` and `setInterval` do. */
  setTimer(run: () => void, ms: number, isInterval: boolean): number {
    const delayMs = ms >= 1 && ms <= LONGEST_MS ? ms : 1;
    return this.#insert(this.#domain, run, delayMs, isInterval ? delayMs : undefined, true);
  }

  /** Clears a timer. */
  clearTimer(id: unknown): void {
    const timer = typeof id === "number" ? this.#timers.get(id) : undefined;
    if (timer === undefined || timer.isCleared) return;
    timer.isCleared = true;
    this.#timers.delete(timer.id);
    this.#queues[timer.queue].pending -= 1;
  }

  /**
   * Runs a function later.
   *
   * @param domain Whose code it is.
   * @param ms The delay by that domain's clock, in ms; may be 0.
   * @param run The function.
   * @returns The timer's id.
   */
  after(domain: Domain, ms: number, run: () => void): number {
    return this.#insert(domain, run, ms, undefined);
  }

  /** Suspends the machine: its timers and its monotonic clock stop, and the world continues. */
  suspend(ms: number): void {
    const from = Math.max(this.#suspendedUntilMs, this.#busyUntilMs, this.#elapsedMs);
    const until = Math.max(from, this.#elapsedMs + ms);
    this.#machineLagMs += until - from;
    this.#suspendedUntilMs = until;
    const isLonger = this.#elapsedMs < (this.lastSuspension?.untilMs ?? 0);
    const fromMs = isLonger ? this.lastSuspension?.fromMs ?? 0 : this.#elapsedMs;
    this.lastSuspension = { fromMs, untilMs: until };
  }

  /** Blocks the thread of the machine: its clocks continue, and its timers are late. */
  block(ms: number): void {
    this.#blockedUntilMs = Math.max(this.#blockedUntilMs, this.#elapsedMs + ms);
  }

  /** The running code of the machine takes this long: its clocks continue, its timers are late. */
  work(ms: number): void {
    this.#busyUntilMs = Math.max(this.#busyUntilMs, this.#elapsedMs) + ms;
  }

  /** Sets how far the machine's wall clock is ahead of the true time, in ms. */
  setWallError(ms: number): void {
    this.#wallErrorMs = ms;
  }

  /** Runs code as that of a domain; timers that it sets belong to the same domain. */
  as<T>(domain: Domain, run: () => T): T {
    const before = this.#domain;
    this.#domain = domain;
    try {
      return run();
    } finally {
      this.#domain = before;
    }
  }

  /**
   * Lets time pass.
   *
   * @param untilMs Until when, in true ms after the start.
   * @param afterStep Called after each timer, once everything that it triggered has happened.
   */
  async runUntil(untilMs: number, afterStep: () => void): Promise<void> {
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.atMs > untilMs) break;
      this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs);
      this.#fire(next.timer);
      await settle();
      this.#domain = "world";
      this.#steps += 1;
      afterStep();
    }
    this.#elapsedMs = Math.max(this.#elapsedMs, untilMs);
  }

  #fire(timer: Timer): void {
    const queue = this.#queues[timer.queue];
    queue.pop();
    if (timer.queue === "programs") this.#readingUntilMs = -Infinity;
    else if (timer.queue === "machine" && this.#arrivalOf(timer) > this.#readingUntilMs) {
      this.#readingUntilMs = this.#elapsedMs;
    }
    this.#domain = timer.domain;
    if (timer.everyMs === undefined) {
      this.#timers.delete(timer.id);
      queue.pending -= 1;
    } else {
      timer.dueAt = this.#monotonicOf(timer.domain) + timer.everyMs;
      timer.order = ++this.#lastOrder;
      queue.push(timer);
    }
    timer.run();
  }

  #next(): { readonly timer: Timer; readonly atMs: number } | undefined {
    const world = this.#queues.world.peek();
    const worldAt = world?.dueAt ?? Infinity;
    const machine = this.#nextOfMachine();
    const machineAt = machine === undefined ? Infinity : this.#trueTimeOf(machine);
    if (machine !== undefined && machineAt < worldAt) return { timer: machine, atMs: machineAt };
    return world === undefined ? undefined : { timer: world, atMs: worldAt };
  }

  /**
   * As in the runtimes, a turn of the event loop first runs all timers that are due, then reads
   * everything that has arrived, however long that takes.
   */
  #nextOfMachine(): Timer | undefined {
    const other = this.#queues.machine.peek();
    const program = this.#queues.programs.peek();
    if (other === undefined || program === undefined) return program ?? other;
    if (this.#arrivalOf(other) <= this.#readingUntilMs) return other;
    const [otherAt, programAt] = [this.#trueTimeOf(other), this.#trueTimeOf(program)];
    if (otherAt !== programAt) return otherAt < programAt ? other : program;
    // Both are due when the thread is free again, or at exactly the same time.
    const isLate = programAt > this.#arrivalOf(program);
    return isLate || isBefore(program, other) ? program : other;
  }

  /** When a timer of the machine would be due on a free thread, in true ms after the start. */
  #arrivalOf({ dueAt }: Timer): number {
    return dueAt - FIRST_MONOTONIC_MS + this.#machineLagMs;
  }

  /** When a timer of the machine is due, in true ms after the start. */
  #trueTimeOf(timer: Timer): number {
    return Math.max(
      this.#arrivalOf(timer),
      this.#suspendedUntilMs,
      this.#blockedUntilMs,
      this.#busyUntilMs,
    );
  }

  #insert(
    domain: Domain,
    run: () => void,
    ms: number,
    everyMs: number | undefined,
    isOfProgram = false,
  ): number {
    const queue = isOfProgram && domain === "machine" ? "programs" : domain;
    const timer: Timer = {
      id: ++this.#lastId,
      domain,
      queue,
      run,
      everyMs,
      dueAt: this.#monotonicOf(domain) + ms,
      order: ++this.#lastOrder,
      isCleared: false,
    };
    this.#timers.set(timer.id, timer);
    this.#queues[queue].push(timer);
    this.#queues[queue].pending += 1;
    return timer.id;
  }

  #monotonicOf(domain: Domain): number {
    if (domain === "world") return this.#elapsedMs;
    const trueMs = Math.max(this.#elapsedMs, this.#suspendedUntilMs, this.#busyUntilMs);
    return FIRST_MONOTONIC_MS + trueMs - this.#machineLagMs;
  }
}

/** Lets everything happen that takes no time: promises, and the runtime's own callbacks. */
export function settle(): Promise<void> {
  return new Promise<void>((resolve) => void setImmediate(resolve));
}

/** A heap of timers: the one that is due first is at the top. */
class TimerHeap {
  readonly #timers: Timer[] = [];
  /** How many of them are not cleared. */
  pending = 0;

  push(timer: Timer): void {
    const timers = this.#timers;
    let index = timers.length;
    timers.push(timer);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = timers[parentIndex];
      if (parent === undefined || !isBefore(timer, parent)) break;
      timers[index] = parent;
      index = parentIndex;
    }
    timers[index] = timer;
  }

  /** The timer that is due first; cleared ones are dropped. */
  peek(): Timer | undefined {
    while (this.#timers[0]?.isCleared) this.pop();
    return this.#timers[0];
  }

  pop(): void {
    const timers = this.#timers;
    const last = timers.pop();
    if (last === undefined || timers.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const [one, other] = [timers[left], timers[left + 1]];
      if (one === undefined) break;
      const isOtherFirst = other !== undefined && isBefore(other, one);
      const child = isOtherFirst ? other : one;
      if (!isBefore(child, last)) break;
      timers[index] = child;
      index = isOtherFirst ? left + 1 : left;
    }
    timers[index] = last;
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.order < other.order);
}
