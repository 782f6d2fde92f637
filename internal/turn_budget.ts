/**
 * Keeps work that comes in bursts from holding the event loop.
 *
 * A microtask that starts the next piece of work goes before every timer and every socket. A burst of
 * messages whose handlers block the thread would be one turn of the event loop, in which no heartbeat
 * is read, no timer fires and, on Deno, nothing is written.
 *
 * @module
 */

/** The timer is set once this part of a budget is spent, so that it is due when the rest is. */
const TIMER_AT = 0.25;

/**
 * How much work may be done in one turn of the event loop. Whoever finds it spent waits for
 * {@linkcode TurnBudget.nextTurn} before the next piece of work.
 *
 * Whether the loop has turned is seen by a timer, which is set only after work that was worth it, or for
 * work that waits for something. So a loop that turns by itself is never waited for, and quick work
 * pays for an addition.
 */
export class TurnBudget {
  readonly #budget: number;
  readonly #watchers: Set<() => void> = new Set();
  #spent = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting: (() => void)[] = [];
  #isStopped = false;

  /**
   * Starts with nothing spent.
   *
   * @param budget How much may be spent in one turn, in any unit, such as ms.
   */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** Whether the next piece of work has to wait for the next turn. */
  get isSpent(): boolean {
    return this.#spent >= this.#budget;
  }

  /** Notes work that was done in this turn, in the unit of the budget. */
  spend(amount: number): void {
    this.#spent += amount;
    if (this.#isWorthATurn) this.#setTimer();
  }

  /** Settles in the next turn of the event loop, when the budget is whole again. */
  nextTurn(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#setTimer();
    });
  }

  /** Calls back in the next turn, and then no more, unless {@linkcode TurnBudget.unwatch} is first. */
  watch(onTurn: () => void): void {
    this.#watchers.add(onTurn);
    this.#setTimer();
  }

  /** Does not call back; leaves no timer that nobody waits for. */
  unwatch(onTurn: () => void): void {
    this.#watchers.delete(onTurn);
    const isUsed = this.#watchers.size > 0 || this.#waiting.length > 0 || this.#isWorthATurn;
    if (!isUsed) this.#clearTimer();
  }

  /** Leaves no timer behind, and sets none from now on; whoever waits goes on. */
  stop(): void {
    this.#isStopped = true;
    this.#clearTimer();
    this.#watchers.clear();
    this.#turned();
  }

  get #isWorthATurn(): boolean {
    return this.#spent >= this.#budget * TIMER_AT;
  }

  #setTimer(): void {
    if (!this.#isStopped) this.#timer ??= setTimeout(() => this.#turned(), 0);
  }

  #clearTimer(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #turned(): void {
    this.#timer = undefined;
    this.#spent = 0;
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const onTurn of watchers) onTurn();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
