/**
 * Passes received messages to their responders, through lanes. Belongs to the session, not to a
 * connection: a message that is being handled when its connection ends is answered on the next one.
 *
 * @module
 */

import { TurnBudget } from "../../internal/turn_budget.ts";
import type { ReceivedMessage } from "../../protocol/decode.ts";
import { LANE_NAMES, type LaneName } from "../../responders/responder.ts";
import type { RequestResponders } from "../../responders/request_responders.ts";
import type { Respond } from "../../responders/responder.ts";
import { laneLimitsOf, type SessionLimits, shareOf } from "../limits.ts";
import type { BackgroundHealth } from "../state.ts";
import type { SessionTiming } from "../timing.ts";
import { BackgroundWork } from "./background_work.ts";
import { HeldCredentials, payloadBefore } from "./held_credentials.ts";
import { JobRunner, type JobRunnerListener } from "./job_runner.ts";
import { emptyLaneHealth, Lane, type LaneHealth } from "./lane.ts";
import { MessageJob } from "./message_job.ts";

/** Reports what happens to messages and lanes. */
export interface MessageDispatcherListener extends JobRunnerListener {
  /** A handler has been running for too long. */
  stuck(lane: string, job: MessageJob): void;
  /** A message has been queued for too long. */
  backlogged(lane: string, waiting: number, oldestWaitingMs: number): void;
  /** A lane is full: it rejects messages until the next connection. */
  overflowed(lane: string, waiting: number): void;
}

/** How messages are dispatched. */
export interface MessageDispatcherOptions {
  /** The responders. */
  readonly responders: RequestResponders;
  /** Sends an answer on the current connection. */
  readonly respond: Respond;
  /** How much the lanes and everything else may hold. */
  readonly limits: SessionLimits;
  /** How long a handler may run and a message may be queued. */
  readonly timing: Pick<SessionTiming, "laneStuckMs" | "updateStuckMs" | "laneBacklogMs">;
  /** Reports what happens. */
  readonly listener: MessageDispatcherListener;
  /** A lane that overflowed on this connection has handled all of its messages. */
  readonly onCaughtUp: (lane: string) => void;
}

/**
 * How long handlers may keep the event loop from turning before the next message waits for it, in ms.
 * Our choice: a heartbeat or a timer may well be this late.
 */
const MAX_TURN_MS = 50;

/** A lane, and what happened to it on the current connection. */
interface DispatchLane {
  readonly lane: Lane<MessageJob>;
  /** Whether it rejects all messages of the current connection. */
  isFull: boolean;
  /** Whether it has rejected one, so that the connection is closed once the lane is idle. */
  hasRefused: boolean;
  /** Whether this is already being awaited: a stuck lane may outlast any number of connections. */
  isAwaited: boolean;
}

/** Dispatches messages. */
export class MessageDispatcher {
  readonly #options: MessageDispatcherOptions;
  readonly #runner: JobRunner;
  /** Each is created for its first message: many instances never use most of them. */
  readonly #lanes: DispatchLane[] = [];
  readonly #turns: TurnBudget = new TurnBudget(MAX_TURN_MS);
  /** Created when it is first needed, which is rare. */
  #held: HeldCredentials | undefined;
  readonly #background: BackgroundWork;
  #stopping = false;

  /**
   * Creates a dispatcher.
   *
   * @param options How messages are dispatched.
   */
  constructor(options: MessageDispatcherOptions) {
    this.#options = options;
    const { responders, respond, limits, listener } = options;
    this.#background = new BackgroundWork({
      maxCount: limits.maxBackgroundWork,
      maxBytes: shareOf("background", limits),
      bytesOption: { name: "limits.maxHeldBytes", value: limits.maxHeldBytes },
      onFailed: (source, description) => listener.backgroundFailed(source, description),
    });
    const background = this.#background;
    const onDone = (job: MessageJob) => this.#release(job);
    this.#runner = new JobRunner({ responders, respond, background, listener, onDone });
  }

  /** Whether it now handles only heartbeats. */
  get isStopping(): boolean {
    return this.#stopping;
  }

  /** Whether a handler is running in any lane that is not marked as slow. */
  get isHandling(): boolean {
    for (const { lane } of this.#lanes) if (lane.isHandling) return true;
    return false;
  }

  /** Marks the running handlers as slow until they are done. */
  markSlow(): void {
    for (const { lane } of this.#lanes) lane.markSlow();
  }

  /** A snapshot of every lane. */
  get lanes(): LaneHealth[] {
    return LANE_NAMES.map((name) => {
      const known = this.#knownLane(name);
      const health = known?.lane.health() ?? emptyLaneHealth(name);
      const refusing = known?.isFull ?? false;
      return name === "credentials"
        ? this.#withHeld({ ...health, refusing })
        : { ...health, refusing };
    });
  }

  /** A snapshot of the background work. */
  get background(): BackgroundHealth {
    return this.#background.health();
  }

  /** The types of the messages that are being handled. */
  get handling(): string[] {
    const running = this.#lanes.flatMap(({ lane }) => lane.running?.received.type ?? []);
    return [...new Set([...running, ...this.#background.types])];
  }

  /**
   * Dispatches a message that has a responder.
   *
   * @param received The message.
   * @param size The size of its frame, in characters.
   * @param receivedAt When it was received, in ms of `performance.now()`.
   */
  dispatch(received: ReceivedMessage, size: number, receivedAt: number): void {
    const { responders, listener } = this.#options;
    const job = new MessageJob(received, size, receivedAt, responders.redeliveryOf(received.type));
    const laneName = responders.laneOf(received.type);
    if (laneName === "none") {
      void this.#runner.run(job, receivedAt);
      return this.#turns.spend(job.durationMs);
    }
    if (this.#stopping) return listener.jobDropped(job, "stopping", "the session is stopping");
    const lane = this.#lane(laneName);
    const copy = this.#copyOf(job, lane.lane);
    if (copy !== undefined) copy.isRedelivered = true;
    else this.#queue(lane, job, performance.now());
  }

  /** The service resends rejected messages on a new connection: lanes accept them. */
  connected(): void {
    for (const lane of this.#lanes) lane.isFull = lane.hasRefused = false;
    this.#held?.connected();
  }

  /** The same message, queued or being handled. */
  #copyOf({ key, received }: MessageJob, lane: Lane<MessageJob>): MessageJob | undefined {
    if (key === undefined) return undefined;
    const copy = lane.find(key) ?? this.#held?.find(key);
    return copy?.received.type === received.type ? copy : undefined;
  }

  #lane(name: LaneName): DispatchLane {
    const known = this.#knownLane(name);
    if (known !== undefined) return known;
    const { limits, listener, timing } = this.#options;
    const { laneStuckMs, updateStuckMs, laneBacklogMs } = timing;
    // A message behind an update waits as long as an update may take.
    const isUpdates = name === "updates";
    const lane = new Lane<MessageJob>({
      name,
      limits: laneLimitsOf(name, limits),
      handle: (job, startedAt) => this.#runner.run(job, startedAt),
      turns: this.#turns,
      stuckMs: isUpdates ? updateStuckMs : laneStuckMs,
      backlogMs: isUpdates ? Math.max(updateStuckMs, laneBacklogMs) : laneBacklogMs,
      onStuck: (name, job) => listener.stuck(name, job),
      onBacklogged: (name, waiting, ms) => listener.backlogged(name, waiting, ms),
    });
    const added = { lane, isFull: false, hasRefused: false, isAwaited: false };
    this.#lanes.push(added);
    return added;
  }

  #knownLane(name: LaneName): DispatchLane | undefined {
    for (const known of this.#lanes) if (known.lane.name === name) return known;
    return undefined;
  }

  #queue(lane: DispatchLane, job: MessageJob, now: number): void {
    // A message after a rejected one is rejected too: it would be handled out of order.
    if (lane.isFull || this.#held?.isBehindRefused(job)) return this.#refuse(lane, job);
    const payload = this.#payloadBefore(job);
    if (payload === undefined) return this.#push(lane, job, now);
    this.#held ??= new HeldCredentials(laneLimitsOf("heldCredentials", this.#options.limits));
    if (this.#held.hold(job, payload)) return;
    this.#refuse(lane, job);
    // That payload has to be handled first; the credentials of other tasks continue.
    this.#options.listener.overflowed(lane.lane.name, this.#held.count);
  }

  #push(dispatchLane: DispatchLane, job: MessageJob, now: number): void {
    const { lane, isFull } = dispatchLane;
    if (!isFull && lane.push(job, now)) return;
    if (!isFull && lane.isTooLarge(job)) return this.#refuseForGood(lane, job);
    this.#refuse(dispatchLane, job);
    if (isFull) return;
    dispatchLane.isFull = true;
    this.#options.listener.overflowed(lane.name, lane.health().depth);
    this.#leaveOnceIdle(dispatchLane);
  }

  #refuse({ lane }: DispatchLane, job: MessageJob): void {
    this.#options.listener.jobDropped(job, "overflow", `the lane ${lane.name} is full`);
  }

  /** The service resends it on each connection, and it never fits. */
  #refuseForGood(lane: Lane<MessageJob>, job: MessageJob): void {
    const { maxHeldBytes } = this.#options.limits;
    const description =
      `it takes ${job.bytes} bytes of memory, more than the share of the lane ${lane.name} in the ` +
      `option limits.maxHeldBytes, ${maxHeldBytes}: raise it if the service sends such messages`;
    this.#options.listener.jobDropped(job, "oversized", description);
  }

  /** The payload that has to be handled before credentials, if there is one. */
  #payloadBefore(job: MessageJob): MessageJob | undefined {
    if (job.received.type !== "IAMRoleCredentialsMessage") return undefined;
    const payloads = this.#knownLane("payload");
    return payloads && payloadBefore(job, payloads.lane);
  }

  /** A payload has been handled, successfully or not: the credentials that waited for it follow. */
  #release(payload: MessageJob): void {
    const behind = this.#held?.release(payload);
    if (behind === undefined) return;
    const lane = this.#lane("credentials");
    for (const job of behind.jobs) this.#push(lane, job, performance.now());
    if (behind.refused) this.#leaveOnceIdle(lane);
  }

  /** Once a lane has handled all of its messages, the service is to resend the rejected ones. */
  #leaveOnceIdle(dispatchLane: DispatchLane): void {
    const { lane, isAwaited } = dispatchLane;
    dispatchLane.hasRefused = true;
    if (isAwaited) return;
    dispatchLane.isAwaited = true;
    lane.idle().then(() => {
      dispatchLane.isAwaited = false;
      if (!this.#stopping && dispatchLane.hasRefused) this.#options.onCaughtUp(lane.name);
    });
  }

  #withHeld(health: LaneHealth): LaneHealth {
    if (this.#held?.oldest === undefined) return health;
    const { count, size, oldest, isRefusing } = this.#held;
    const ageMs = Math.round(performance.now() - oldest.receivedAt);
    return {
      ...health,
      depth: health.depth + count,
      size: health.size + size,
      oldestAgeMs: Math.max(health.oldestAgeMs, ageMs),
      oldestWaitingMs: Math.max(health.oldestWaitingMs, ageMs),
      backlogged: health.backlogged || ageMs >= this.#options.timing.laneBacklogMs,
      refusing: health.refusing || isRefusing,
    };
  }

  /** Stops handling messages other than heartbeats, and drops the queued messages. */
  stop(): void {
    this.#stopping = true;
    this.#runner.stop();
    const waiting = [
      ...this.#lanes.flatMap(({ lane }) => lane.stop()),
      ...this.#held?.clear() ?? [],
    ];
    for (const job of waiting) {
      this.#options.listener.jobDropped(job, "stopping", "the session is stopping");
    }
    this.#turns.stop();
  }

  /** Settles when no message is being handled. */
  async idle(): Promise<void> {
    await Promise.all(this.#lanes.map(({ lane }) => lane.idle()));
    await this.#background.idle();
  }
}
