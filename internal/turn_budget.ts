/**
 * Keeps bursts of work from blocking the event loop.
 *
 * A microtask that starts the next piece of work runs before every timer and every socket. A burst
 * of messages whose handlers block the thread would be a single turn of the event loop, in which no
 * heartbeat is read, no timer fires and, on Deno, nothing is written.
 *
 * @module
 */

/** The timer is set once this fraction of a budget is spent, so that it is due when the rest is. */
const TIMER_AT = 0.25;

/**
 * Limits how much work is done in one turn of the event loop. A caller that finds the budget spent
 * waits for {@linkcode TurnBudget.nextTurn} before the next piece of work.
 *
 * A timer detects that the loop has turned; it is set only after enough work, or for work that is
 * waiting. So a loop that turns anyway is never waited for, and quick work costs one addition.
 */
export class TurnBudget {
  readonly #budget: number;
  readonly #watchers: Set<() => void> = new Set();
  #spent = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting: (() => void)[] = [];
  #isStopped = false;

  /** @param budget How much may be spent in one turn, in any unit, such as ms. */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** Whether the next piece of work has to wait for the next turn. */
  get isSpent(): boolean {
    return this.#spent >= this.#budget;
  }

  /** Records work that was done in this turn, in the unit of the budget. */
  spend(amount: number): void {
    this.#spent += amount;
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
    this.#watchers.add(onTurn);
    this.#setTimer();
  }

  /** Cancels the call, and leaves no timer that is not needed. */
  unwatch(onTurn: () => void): void {
    this.#watchers.delete(onTurn);
    const isUsed = this.#watchers.size > 0 || this.#waiting.length > 0 || this.#isWorthATurn;
    if (!isUsed) this.#clearTimer();
  }

  /** Leaves no timer behind, and sets none from now on; waiting callers continue. */
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
