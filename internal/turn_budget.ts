/**
 * Lets the event loop turn during a burst of work.
 *
 * A microtask that starts the next piece of work runs before every timer and every socket. A burst of
 * messages whose handlers block the thread would be one turn of the event loop, in which no heartbeat
 * is read, no timer fires and, on Deno, nothing is written.
 *
 * @module
 */

/** The timer is set once this fraction of a budget is spent, so that it is due when the rest is. */
const TIMER_AT = 0.25;

/**
 * Limits how much work is done in one turn of the event loop. When it is spent, wait for
 * {@linkcode TurnBudget.nextTurn} before the next piece of work.
 *
 * A timer detects that the loop has turned. It is set only after enough work, or for a watcher: so
 * a loop that turns anyway is never waited for, and fast work costs one addition.
 */
export class TurnBudget {
  readonly #budget: number;
  #watchers: (() => void)[] = [];
  #spent = 0;
  #pieces = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting: (() => void)[] = [];
  #isStopped = false;

  /**
   * Creates an unspent budget.
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

  /** The average amount of one piece of work in this turn. */
  get average(): number {
    return this.#pieces === 0 ? 0 : this.#spent / this.#pieces;
  }

  /** Adds a piece of work that was done in this turn, in the unit of the budget. */
  spend(amount: number): void {
    this.#spent += amount;
    this.#pieces += 1;
    if (this.#isWorthATurn) this.#setTimer();
  }

  /** Settles in the next turn of the event loop, with a fresh budget. */
  nextTurn(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#setTimer();
    });
  }

  /** Calls back once in the next turn, unless {@linkcode TurnBudget.unwatch} is called first. */
  watch(onTurn: () => void): void {
    if (!this.#watchers.includes(onTurn)) this.#watchers.push(onTurn);
    this.#setTimer();
  }

  /** Removes a watcher, and a timer that nothing else needs. */
  unwatch(onTurn: () => void): void {
    this.#watchers = this.#watchers.filter((watcher) => watcher !== onTurn);
    const isUsed = this.#watchers.length > 0 || this.#waiting.length > 0 || this.#isWorthATurn;
    if (!isUsed) this.#clearTimer();
  }

  /** Removes the timer permanently; anything that waits for the next turn continues. */
  stop(): void {
    this.#isStopped = true;
    this.#clearTimer();
    this.#watchers = [];
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
    this.#pieces = 0;
    for (const onTurn of this.#watchers.splice(0)) onTurn();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
