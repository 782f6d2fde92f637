/**
 * An event target that knows its events, and whose listeners cannot harm it.
 *
 * With a runtime's `EventTarget`, a listener that throws ends the process. A session and an
 * emulator should run for months, so here the error is logged.
 *
 * @module
 */

import { describeError } from "./redaction/describe_error.ts";
import type { SafeLogger } from "./safe_logger.ts";

/** A listener for one type of event; may be async. Its return value is ignored. */
export type TypedEventListener<D> = (event: CustomEvent<D>) => unknown;

/** Options of a listener. */
export interface ListenOptions {
  /** Whether to listen to the next event only. Default `false`. */
  readonly once?: boolean;
  /** Removes the listener when it aborts. */
  readonly signal?: AbortSignal;
}

/** One call of `addEventListener`. */
interface Registration {
  readonly once: boolean;
  /** Stops observing the signal. */
  readonly release: () => void;
}

type Registrations<M> = {
  [K in keyof M]?: Map<TypedEventListener<M[K]>, Registration> | undefined;
};

/**
 * Dispatches events to listeners.
 *
 * @typeParam M The `detail` of each event, by the event's name.
 */
export class TypedEventTarget<M> {
  readonly #log: Pick<SafeLogger, "error" | "isEnabledFor">;
  readonly #registrations: Registrations<M> = {};

  /**
   * @param log Where errors from listeners are logged.
   */
  constructor(log: Pick<SafeLogger, "error" | "isEnabledFor">) {
    this.#log = log;
  }

  /**
   * Registers a listener for a type of event. A listener that is already registered stays
   * unchanged.
   *
   * @param type The event's name.
   * @param listener Called with each event. Errors that it throws, synchronously or later, are
   * logged.
   * @param options When to remove the listener.
   */
  addEventListener<K extends keyof M & string>(
    type: K,
    listener: TypedEventListener<M[K]>,
    { once = false, signal }: ListenOptions = {},
  ): void {
    const registrations = this.#registrations[type] ?? new Map();
    if (signal?.aborted || registrations.has(listener)) return;
    const remove = () => this.removeEventListener(type, listener);
    signal?.addEventListener("abort", remove);
    const release = () => signal?.removeEventListener("abort", remove);
    registrations.set(listener, { once, release });
    this.#registrations[type] = registrations;
  }

  /** Removes a listener. */
  removeEventListener<K extends keyof M & string>(
    type: K,
    listener: TypedEventListener<M[K]>,
  ): void {
    const registrations = this.#registrations[type];
    registrations?.get(listener)?.release();
    registrations?.delete(listener);
    if (registrations?.size === 0) this.#registrations[type] = undefined;
  }

  /** Whether an event has a listener. */
  has(type: keyof M & string): boolean {
    const registrations = this.#registrations[type];
    return registrations !== undefined;
  }

  /** Calls the listeners of an event. Never throws; without a listener no event is created. */
  emit<K extends keyof M & string>(type: K, detail: M[K]): void {
    const registrations = this.#registrations[type];
    if (registrations === undefined) return;
    const event = new CustomEvent(type, { detail });
    for (const [listener, registration] of Array.from(registrations)) {
      // An earlier listener may have removed this one.
      if (registrations.get(listener) !== registration) continue;
      if (registration.once) this.removeEventListener(type, listener);
      void this.#call(type, listener, event);
    }
  }

  async #call<D>(
    type: string,
    listener: TypedEventListener<D>,
    event: CustomEvent<D>,
  ): Promise<void> {
    try {
      await listener(event);
    } catch (error) {
      this.#report(type, describeError(error));
    }
  }

  #report(type: string, error: string): void {
    this.#log.error("A listener for {type} failed: {error}", { type, error });
    if (this.#log.isEnabledFor("error")) return;
    // Without a log, a test or a program would never notice its own mistake: a failed assertion in
    // a listener would pass. A runtime's EventTarget prints such an error, too.
    try {
      // deno-lint-ignore no-console
      console.error(`A listener for ${type} failed: ${error}`);
    } catch {
      // An application may have replaced the console by one that throws.
    }
  }
}
