/**
 * Brings received messages to their responders: heartbeats at once, all others by lanes. Belongs to
 * the session, not to a connection: what is being handled when a connection ends is answered on the
 * next one.
 *
 * @module
 */

import { hasName, isInstance, safeText } from "../../internal/safe_get.ts";
import { InvalidMessageError } from "../../responders/invalid_message_error.ts";
import type { RequestResponders } from "../../responders/request_responders.ts";
import type { Respond } from "../../responders/responder.ts";
import type { ReceivedMessage } from "../../protocol/decode.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";
import type { ReceivedMessageType } from "../../protocol/messages.ts";
import { oneLine } from "../../internal/one_line.ts";
import { TurnBudget } from "../../internal/turn_budget.ts";
import { secretsIn } from "../../internal/redaction/secrets.ts";
import { SHAPES } from "../../protocol/shapes.ts";
import type { DropReason } from "../reporting/events.ts";
import { HeldCredentials } from "./held_credentials.ts";
import { type BackgroundSource, BackgroundWork } from "./background_work.ts";
import { emptyLaneHealth, Lane, type LaneHealth } from "./lane.ts";
import { type JobActions, MessageJob } from "./message_job.ts";
import { laneLimitsOf, type SessionLimits, shareOf } from "../limits.ts";
import type { BackgroundHealth } from "../state.ts";

/** What the session is told by its dispatcher. */
export interface MessageDispatcherListener {
  /** A message will not be answered. */
  jobDropped(job: MessageJob, reason: DropReason, description: string): void;
  /** A message has been handled, well or not, after so many ms. */
  handled(job: MessageJob, outcome: "success" | "invalid" | "failed", durationMs: number): void;
  /** A handler has been holding its lane for too long. */
  stuck(lane: string, job: MessageJob): void;
  /** A message has been waiting in a lane for too long. */
  backlogged(lane: string, waiting: number, oldestWaitingMs: number): void;
  /** Too much waits in a lane: it takes nothing more on this connection. */
  overflowed(lane: string, waiting: number): void;
  /** A handler, or work in the background, has failed after its message was answered. */
  backgroundFailed(source: BackgroundSource, description: string): void;
}

/** How messages are dispatched. */
export interface MessageDispatcherOptions {
  /** Who answers what. */
  readonly responders: RequestResponders;
  /** Sends on the connection that is alive. */
  readonly respond: Respond;
  /** Redacts the upgrade request's secrets in a text sent by the peer. */
  readonly redact: (text: string) => string;
  /** How much the lanes, and everything else, may hold. */
  readonly limits: SessionLimits;
  /** How long a handler may hold its lane before it counts as stuck, in ms. */
  readonly laneStuckMs: number;
  /** The same for a handler of updates. */
  readonly updateStuckMs: number;
  /** How long a message may wait in its lane before the lane counts as backlogged, in ms. */
  readonly laneBacklogMs: number;
  /** Is told what happens. */
  readonly listener: MessageDispatcherListener;
  /** A lane that overflowed on this connection has handled all that it held. */
  readonly onCaughtUp: (lane: string) => void;
}

/** The lanes, in the order in which `health()` lists them. */
const LANE_NAMES = ["payload", "credentials", "attachments", "updates", "other"] as const;

type LaneName = typeof LANE_NAMES[number];

/**
 * Payloads, manifests and verifications share the sequence number, and so a lane. Updates have one of
 * their own, since a download may take a quarter of an hour.
 */
const LANE_OF_TYPE: { readonly [T in ReceivedMessageType]?: LaneName } = {
  PayloadMessage: "payload",
  TaskManifestMessage: "payload",
  TaskStopVerificationAck: "payload",
  IAMRoleCredentialsMessage: "credentials",
  AttachTaskNetworkInterfacesMessage: "attachments",
  AttachInstanceNetworkInterfacesMessage: "attachments",
  ConfirmAttachmentMessage: "attachments",
  StageUpdateMessage: "updates",
  PerformUpdateMessage: "updates",
};

/**
 * How long handlers may keep the event loop from turning before the next message waits for it, in ms.
 * Ours: nobody notices a heartbeat or a timer that is late by so much.
 */
const MAX_TURN_MS = 50;

/** Dispatches messages. */
export class MessageDispatcher {
  readonly #options: MessageDispatcherOptions;
  readonly #actions: JobActions;
  /** Each is made for its first message: many instances never see most of them. */
  readonly #lanes: Lane<MessageJob>[] = [];
  /** One for all lanes: they share the thread. */
  readonly #turns: TurnBudget = new TurnBudget(MAX_TURN_MS);
  readonly #held: HeldCredentials;
  readonly #background: BackgroundWork;
  /** Lanes that take nothing more on the connection that is alive. */
  readonly #full: Set<string> = new Set();
  /** Lanes that have refused a message on the connection that is alive, which is left once they are idle. */
  readonly #refusing: Set<string> = new Set();
  readonly #awaited: Set<string> = new Set();
  #stopping = false;

  /**
   * Waits for the first message.
   *
   * @param options How messages are dispatched.
   */
  constructor(options: MessageDispatcherOptions) {
    this.#options = options;
    const { limits } = options;
    this.#held = new HeldCredentials(laneLimitsOf("heldCredentials", limits));
    this.#background = new BackgroundWork({
      maxCount: limits.maxBackgroundWork,
      maxBytes: shareOf("background", limits),
      bytesOption: { name: "limits.maxHeldBytes", value: limits.maxHeldBytes },
      onFailed: (source, description) => options.listener.backgroundFailed(source, description),
    });
    this.#actions = {
      respond: options.respond,
      handle: (job, startedAt) => this.#run(job, startedAt),
      background: ({ received: { type }, messageId }, work, held) =>
        this.#background.start({ type, messageId }, work, held),
    };
  }

  /** Whether it takes nothing more but heartbeats. */
  get isStopping(): boolean {
    return this.#stopping;
  }

  /** Whether a handler is at work in any lane that does not count as slow. */
  get isBusy(): boolean {
    return this.#lanes.some((lane) => lane.isBusy);
  }

  /** Has the handlers that are at work count as slow until they are done. */
  countAsSlow(): void {
    for (const lane of this.#lanes) lane.countAsSlow();
  }

  /** A snapshot of every lane. */
  get lanes(): LaneHealth[] {
    return LANE_NAMES.map((name) => {
      const health = this.#knownLane(name)?.health() ?? emptyLaneHealth(name);
      const refusing = this.#full.has(name);
      return name === "credentials"
        ? this.#withHeld({ ...health, refusing })
        : { ...health, refusing };
    });
  }

  /** A snapshot of the work in the background. */
  get background(): BackgroundHealth {
    return this.#background.health();
  }

  /**
   * Takes a message.
   *
   * @param received The message.
   * @param size Its frame's length, in characters.
   * @param receivedAt When it was received, in ms since the epoch.
   */
  dispatch(received: ReceivedMessage, size: number, receivedAt: number): void {
    const { responders, listener } = this.#options;
    const job = new MessageJob(received, size, receivedAt, this.#actions);
    if (!responders.has(received.type)) {
      return listener.jobDropped(job, "unhandled", this.#describeUnhandled(received));
    }
    if (received.type === "HeartbeatMessage") {
      void this.#run(job, job.arrivedAt);
      return this.#turns.spend(job.durationMs);
    }
    if (this.#stopping) return listener.jobDropped(job, "stopping", "the session is stopping");

    // What has no lane of its own shares one.
    const lane = this.#lane(LANE_OF_TYPE[received.type] ?? "other");
    const { key } = job;
    const copy = key === undefined ? undefined : lane.find(key) ?? this.#held.find(key);
    if (copy?.received.type === received.type) {
      copy.cameAgain = true;
      return;
    }
    this.#queue(lane, job);
  }

  /** A new connection brings what was refused on the one before: lanes take again. */
  connected(): void {
    this.#full.clear();
    this.#refusing.clear();
    this.#held.connected();
  }

  #lane(name: LaneName): Lane<MessageJob> {
    const known = this.#knownLane(name);
    if (known !== undefined) return known;
    const { limits, laneStuckMs, updateStuckMs, laneBacklogMs, listener } = this.#options;
    // What waits behind an update waits for as long as an update may take.
    const isUpdates = name === "updates";
    const lane = new Lane<MessageJob>(name, laneLimitsOf(name, limits), {
      stuckMs: isUpdates ? updateStuckMs : laneStuckMs,
      backlogMs: isUpdates ? Math.max(updateStuckMs, laneBacklogMs) : laneBacklogMs,
      onStuck: (name, job) => listener.stuck(name, job),
      onBacklogged: (name, waiting, ms) => listener.backlogged(name, waiting, ms),
    }, this.#turns);
    this.#lanes.push(lane);
    return lane;
  }

  #knownLane(name: LaneName): Lane<MessageJob> | undefined {
    return this.#lanes.find((lane) => lane.name === name);
  }

  #queue(lane: Lane<MessageJob>, job: MessageJob): void {
    // What comes behind a refused message is refused too: it would be handled out of order.
    if (this.#full.has(lane.name) || this.#held.isBehindRefused(job)) {
      return this.#refuse(lane, job);
    }
    const payload = this.#payloadBefore(job);
    if (payload === undefined) return this.#push(lane, job);
    if (this.#held.hold(job, payload)) return;
    this.#refuse(lane, job);
    // That payload has to be handled first; the credentials of other tasks go on.
    this.#options.listener.overflowed(lane.name, this.#held.count);
  }

  #push(lane: Lane<MessageJob>, job: MessageJob): void {
    const isFull = this.#full.has(lane.name);
    if (!isFull && lane.push(job)) return;
    if (!isFull && lane.isTooLarge(job)) return this.#refuseForGood(lane, job);
    this.#refuse(lane, job);
    if (isFull) return;
    this.#full.add(lane.name);
    this.#options.listener.overflowed(lane.name, lane.health().depth);
    this.#leaveOnceIdle(lane);
  }

  #refuse(lane: Lane<MessageJob>, job: MessageJob): void {
    const description = `too much waits in the lane ${lane.name}`;
    this.#options.listener.jobDropped(job, "overflow", description);
  }

  /** The service sends it again over each connection, and there is never room. */
  #refuseForGood(lane: Lane<MessageJob>, job: MessageJob): void {
    const { maxHeldBytes } = this.#options.limits;
    const description =
      `it takes ${job.bytes} bytes of memory, more than the lane ${lane.name} may of ` +
      `the option limits.maxHeldBytes, ${maxHeldBytes}: raise it if the service is to send such messages`;
    this.#options.listener.jobDropped(job, "oversized", description);
  }

  /** The payload that has to be handled before credentials, if there is one. */
  #payloadBefore(job: MessageJob): MessageJob | undefined {
    if (job.received.type !== "IAMRoleCredentialsMessage") return undefined;
    const payloads = this.#knownLane("payload");
    return payloads && this.#held.payloadBefore(job, payloads);
  }

  /** A payload has been handled, well or not: the credentials that waited for it follow. */
  #release(payload: MessageJob): void {
    const behind = this.#held.release(payload);
    if (behind === undefined) return;
    const lane = this.#lane("credentials");
    for (const job of behind.jobs) this.#push(lane, job);
    if (behind.refused) this.#leaveOnceIdle(lane);
  }

  /** Once a lane has handled all that it holds, the service is to send again what was refused. */
  #leaveOnceIdle(lane: Lane<MessageJob>): void {
    this.#refusing.add(lane.name);
    // One wait for each lane: a stuck one may outlast any number of connections.
    if (this.#awaited.has(lane.name)) return;
    this.#awaited.add(lane.name);
    lane.idle().then(() => {
      this.#awaited.delete(lane.name);
      if (!this.#stopping && this.#refusing.has(lane.name)) this.#options.onCaughtUp(lane.name);
    });
  }

  #withHeld(health: LaneHealth): LaneHealth {
    const { count, size, oldest, isRefusing } = this.#held;
    if (oldest === undefined) return health;
    const ageMs = Math.round(performance.now() - oldest.arrivedAt);
    return {
      ...health,
      depth: health.depth + count,
      size: health.size + size,
      oldestAgeMs: Math.max(health.oldestAgeMs, ageMs),
      oldestWaitingMs: Math.max(health.oldestWaitingMs, ageMs),
      backlogged: health.backlogged || ageMs >= this.#options.laneBacklogMs,
      refusing: health.refusing || isRefusing,
    };
  }

  /** Takes nothing more but heartbeats, and forgets what waits. */
  stop(): void {
    this.#stopping = true;
    const waiting = [...this.#lanes.flatMap((lane) => lane.stop()), ...this.#held.clear()];
    for (const job of waiting) {
      this.#options.listener.jobDropped(job, "stopping", "the session is stopping");
    }
    this.#turns.stop();
  }

  /** Settles when nothing is being handled any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.idle()));
    await this.#background.idle();
  }

  #run(job: MessageJob, startedAt: number): void | Promise<void> {
    try {
      const handled = this.#options.responders.handle(job.received, job.context());
      if (handled === undefined) return this.#succeeded(job, startedAt);
      return handled.then(
        () => this.#succeeded(job, startedAt),
        (error) => this.#failed(job, error, startedAt),
      );
    } catch (error) {
      return this.#failed(job, error, startedAt);
    }
  }

  #succeeded(job: MessageJob, startedAt: number): void {
    // A copy that came meanwhile is not handled once more, but it is answered.
    if (job.cameAgain) job.answerAgain();
    this.#options.listener.handled(job, "success", elapsed(job, startedAt));
    this.#release(job);
  }

  #failed(job: MessageJob, error: unknown, startedAt: number): void | Promise<void> {
    this.#tellFailure(job, error, elapsed(job, startedAt));
    if (!job.cameAgain || this.#stopping) return this.#release(job);
    // The service sent it again meanwhile: that is another try.
    job.cameAgain = false;
    return this.#run(job, performance.now());
  }

  /** The service's own word, where a message is nothing but that. */
  #describeUnhandled({ type, message }: ReceivedMessage): string {
    const isText = "message" in SHAPES[type] && "message" in message;
    if (!isText || typeof message.message !== "string") return `no handler is given for ${type}`;
    return oneLine(this.#options.redact(message.message));
  }

  #tellFailure(job: MessageJob, error: unknown, durationMs: number): void {
    const { listener, responders } = this.#options;
    if (job.isAnswered) {
      const { received: { type }, messageId } = job;
      listener.backgroundFailed(
        { type, messageId },
        describeError(error, secretsIn(job.received.message)),
      );
      listener.handled(job, "failed", durationMs);
      return;
    }
    if (hasName(error, "InvalidMessageError")) {
      // Ours quotes nothing of the message; one of another copy, or a namesake, may.
      const description = isInstance(error, InvalidMessageError)
        ? oneLine(safeText(error, "message") ?? "")
        : describeError(error, secretsIn(job.received.message));
      listener.jobDropped(job, "invalid", description);
      listener.handled(job, "invalid", durationMs);
      return;
    }
    // A handler's error may quote the message it failed on.
    const described = describeError(error, secretsIn(job.received.message));
    const reason = hasName(error, "LimitExceededError") ? "overflow" : "failed";
    listener.jobDropped(job, reason, `${responders.nameOf(job.received.type)}: ${described}`);
    listener.handled(job, "failed", durationMs);
  }
}

/** How long one try took, in ms; adds it to the job's. */
function elapsed(job: MessageJob, startedAt: number): number {
  const durationMs = performance.now() - startedAt;
  job.durationMs += durationMs;
  return durationMs;
}
