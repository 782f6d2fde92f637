/**
 * An event target that knows its events, and whose listeners cannot harm it.
 *
 * A listener that throws ends the process with an `EventTarget` of the runtime. A session and an
 * emulator are to run for months, so that here the error is logged.
 *
 * @module
 */

import { describeError } from "./redaction/describe_error.ts";
import type { SafeLogger } from "./safe_logger.ts";

/** Listens to one type of event; may be async. What it returns is ignored. */
export type TypedEventListener<D> = (event: CustomEvent<D>) => unknown;

/** How to listen. */
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
  [K in keyof M]?: Map<TypedEventListener<M[K]>, Registration>;
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
   * @param log Where errors of listeners are logged.
   */
  constructor(log: Pick<SafeLogger, "error" | "isEnabledFor">) {
    this.#log = log;
  }

  /**
   * Listens to a type of event. A listener that is registered already stays as it is.
   *
   * @param type The event's name.
   * @param listener Called with each event. An error that it throws, now or later, is logged.
   * @param options How long to listen.
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

  /** Stops listening. */
  removeEventListener<K extends keyof M & string>(
    type: K,
    listener: TypedEventListener<M[K]>,
  ): void {
    const registrations = this.#registrations[type];
    registrations?.get(listener)?.release();
    registrations?.delete(listener);
  }

  /** Calls the listeners of an event. Never throws; without a listener no event is created. */
  emit<K extends keyof M & string>(type: K, detail: M[K]): void {
    const registrations = this.#registrations[type];
    if (registrations === undefined || registrations.size === 0) return;
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
    // A test or a program without a log would never learn of its own mistake: a failed assertion in
    // a listener would pass. A runtime's EventTarget prints such an error, too.
    try {
      // deno-lint-ignore no-console
      console.error(`A listener for ${type} failed: ${error}`);
    } catch {
      // An application may have replaced the console by one that throws.
    }
  }
}
