/**
 * Numbers that are used only once, even across restarts.
 *
 * @module
 */

import * as v from "@badrap/valita";
import type { EmulatorState } from "./emulator_state.ts";

const record = v.object({ name: v.string(), value: v.number() });

/** Counts from 1, or continues from the saved count. */
export class Counter {
  readonly #state: EmulatorState;
  readonly #name: string;
  #value: number;

  /**
   * @param state Where the count is kept.
   * @param name The counter's name.
   */
  constructor(state: EmulatorState, name: string) {
    this.#state = state;
    this.#name = name;
    this.#value = state.all("counter", record).find((saved) => saved.name === name)?.value ?? 0;
  }

  /**
   * The next number.
   *
   * @throws {StateWriteError} If it cannot be saved; the next call then returns it again.
   */
  next(): number {
    const before = this.#value;
    const value = before + 1;
    this.#state.put("counter", this.#name, { name: this.#name, value });
    this.#value = value;
    this.#state.onRollback(() => {
      this.#value = before;
    });
    return value;
  }
}
