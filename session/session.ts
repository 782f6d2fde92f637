/**
 * The session of one container instance with ACS: the object that its users hold.
 *
 * @module
 */

import type { CredentialsManager } from "../responders/credentials_manager.ts";
import type { RequestResponders } from "../responders/request_responders.ts";
import type { RequestResponder } from "../responders/responder.ts";
import type { ReceivedMessageType } from "../protocol/messages.ts";
import { checkOptionNames } from "../internal/option_names.ts";
import type { ListenOptions } from "../internal/typed_event_target.ts";
import type { SessionEventListener, SessionEventMap } from "./reporting/events.ts";
import { type ResolvedSessionOptions, resolveOptions, type SessionOptions } from "./options.ts";
import { createSessionContext } from "./session_context.ts";
import { SessionLoop } from "./session_loop.ts";
import { SessionReporter } from "./reporting/session_reporter.ts";
import { sessionResponders } from "./session_responders.ts";
import type { SessionHealth, SessionState, SessionTimes } from "./state.ts";

/**
 * The reason of every stop. Work that never settles may keep it in memory, and an error keeps what
 * was being called where it was created: in `stop` that would be the session.
 */
const STOPPED = new DOMException("The session was stopped", "AbortError");

/**
 * Runs one container instance's session with ACS.
 *
 * @example
 * ```ts ignore
 * import { Session } from "@acs/session";
 *
 * const stop = new AbortController();
 * const session = new Session({
 *   region: "us-west-2",
 *   containerInstanceArn: "arn:aws:ecs:us-west-2:123456789012:container-instance/default/0123",
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
 *   agentVersion: "1.0.0",
 *   payloadMessageHandler: {
 *     async processMessage(message, ack) {
 *       for (const task of message.tasks ?? []) console.log("take", task?.arn);
 *       await ack();
 *     },
 *   },
 * });
 * session.addEventListener("connected", ({ detail }) => console.log("connected to", detail.host));
 * await session.start({ signal: stop.signal });
 * ```
 */
export class Session {
  readonly #options: ResolvedSessionOptions;
  readonly #reporter: SessionReporter;
  readonly #responders: RequestResponders;
  readonly #loop: SessionLoop;
  readonly #stop: AbortController = new AbortController();
  #started = false;
  #running: Promise<void> | undefined;

  /**
   * Checks the options; nothing happens before {@linkcode Session.start}.
   *
   * @param options The session's options.
   * @throws {RangeError} If an option is invalid; the message names it.
   */
  constructor(options: SessionOptions) {
    this.#options = resolveOptions(options);
    const reporter = new SessionReporter(this.#options);
    this.#reporter = reporter;
    this.#responders = sessionResponders(this.#options, () => reporter.taskStopped());
    this.#loop = new SessionLoop(
      createSessionContext(this.#options, this.#responders, reporter),
    );
  }

  /** What the session is doing. */
  get state(): SessionState {
    return this.#loop.state;
  }

  /** When the session last connected and disconnected. */
  get times(): SessionTimes {
    return this.#loop.times;
  }

  /** The store of the tasks' credentials: the `credentialsManager` option, or an in-memory one. */
  get credentialsManager(): CredentialsManager {
    return this.#options.credentialsManager;
  }

  /**
   * A snapshot for a readiness probe: ready only if connected, with a message within the idle
   * timeout, and no lane stuck, backlogged or refusing messages.
   */
  health(): SessionHealth {
    return this.#loop.health();
  }

  /**
   * Registers a listener for one type of event.
   *
   * @param type The kind of event.
   * @param listener Called for each event; `event.detail` describes it. Errors that it throws are
   * logged and ignored.
   * @param options `once`, `signal`, as with any event target.
   */
  addEventListener<K extends keyof SessionEventMap>(
    type: K,
    listener: SessionEventListener<K>,
    options?: ListenOptions,
  ): void {
    this.#reporter.events.addEventListener(type, listener, options);
  }

  /**
   * Removes a listener.
   *
   * @param type The kind of event.
   * @param listener The listener passed to {@linkcode Session.addEventListener}.
   */
  removeEventListener<K extends keyof SessionEventMap>(
    type: K,
    listener: SessionEventListener<K>,
  ): void {
    this.#reporter.events.removeEventListener(type, listener);
  }

  /**
   * Registers a custom responder, which replaces the built-in one for its message type, if there is
   * one. Its messages are handled one at a time, in the lane that it names.
   *
   * @param responder The responder.
   * @throws {RangeError} If ACS sends no messages of its type, or its lane is unknown.
   */
  addResponder<T extends ReceivedMessageType>(responder: RequestResponder<T>): void {
    this.#responders.add(responder);
  }

  /**
   * Runs the session until it is stopped. Errors from the network and the service do not end it.
   *
   * @example Stop on SIGTERM
   * ```ts ignore
   * const stop = new AbortController();
   * process.once("SIGTERM", () => stop.abort());
   * await session.start({ signal: stop.signal }); // resolves once the session has stopped
   * ```
   *
   * @param options `signal` stops the session, as {@linkcode Session.stop} does.
   * @returns Resolves once the session has stopped: running handlers get `timing.drainTimeoutMs` to
   * finish and be acknowledged, then the connection is closed with code 1000. A session that was
   * stopped before it started, or whose signal has already aborted, does not connect.
   * @throws {Error} If `start` is called a second time; create a new session instead.
   * @throws {RangeError} If an option is unknown. The session then has not started.
   */
  async start(options: { signal?: AbortSignal } = {}): Promise<void> {
    checkOptionNames(options, { signal: true }, "");
    if (this.#started) {
      throw new Error("This session has already been started; create a new one to start again");
    }
    this.#started = true;
    const { signal } = options;
    const stop = () => this.#stop.abort(signal?.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      await this.#run();
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  /**
   * Stops the session: no further message is handled, running handlers get
   * `timing.drainTimeoutMs` to finish, then the connection is closed.
   *
   * @returns Resolves once the session has stopped. Never rejects.
   */
  stop(): Promise<void> {
    this.#stop.abort(STOPPED);
    return this.#run();
  }

  /** Stops the session. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #run(): Promise<void> {
    this.#running ??= this.#loop.run(this.#stop.signal);
    return this.#running;
  }
}
