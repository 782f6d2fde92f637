/**
 * The connections of all agents, and the messages over them.
 *
 * @module
 */

import { CONNECTION_EXPIRED, CONNECTION_REPLACED } from "../../protocol/close.ts";
import type { TaskStopVerificationMessage } from "../../protocol/messages.ts";
import { heldBytes } from "../../internal/held_bytes.ts";
import { oneLine } from "../../internal/one_line.ts";
import type { Entropy } from "../entropy.ts";
import type { EmulatorState } from "../state/emulator_state.ts";
import { History, type HistoryLimits } from "../history.ts";
import { type AgentMessage, AgentMessageRecord, decodeAgentMessage } from "./agent_message.ts";
import { type AnswerVerdict, isAccepted, PROBLEM_OF_VERDICT } from "./answer_verdict.ts";
import { expectedAnswer } from "../../protocol/answers.ts";
import { AgentConnection, type ConnectionOptions } from "./connection.ts";
import { ConnectionEvents, type Emit } from "./connection_events.ts";
import type { EmulatorConnection } from "./emulator_connection.ts";
import { Heartbeats } from "./heartbeats.ts";
import { Outbox, type PostedMessage, type Unnumbered } from "./outbox.ts";
import type { Queued } from "./queued_message.ts";

/** The hub's settings, and its callbacks to the emulator. */
export interface AgentHubOptions {
  /** Shortest and longest time from one heartbeat to the next, in ms; 0 for none. */
  readonly heartbeatIntervalMs: readonly [number, number];
  /** How many unanswered heartbeats close a connection; 0 for any number. */
  readonly missedHeartbeatLimit: number;
  /** Maximum age of a connection, in ms, after which it is closed; 0 for no limit. */
  readonly maxConnectionMs: number;
  /**
   * How many connections and messages are kept for inspection; the limits hold for each of both.
   */
  readonly history: HistoryLimits;
  /** Where unanswered messages are kept. */
  readonly state: EmulatorState;
  /** Makes ids and random delays. */
  readonly entropy: Entropy;
  /** The clock for the times of events, in ms since the epoch. */
  readonly now: () => number;
  /** Counts payloads and manifests. */
  readonly sequence: () => number;
  /** Emits an event. */
  readonly emit: Emit;
  /** Called for a new connection, before its queued messages are delivered. */
  readonly welcome: (connection: EmulatorConnection) => void;
  /** Called when an agent asks whether tasks may be stopped. */
  readonly stopVerification: (
    connection: EmulatorConnection,
    message: TaskStopVerificationMessage,
  ) => void;
}

/** The timers of a connection that has not ended. */
interface OpenConnection {
  readonly heartbeats: Heartbeats;
  readonly expiry: ReturnType<typeof setTimeout> | undefined;
}

/** All connections of one emulator. */
export class AgentHub {
  readonly #options: AgentHubOptions;
  readonly #events: ConnectionEvents;
  readonly #open = new Map<AgentConnection, OpenConnection>();
  readonly #byInstance = new Map<string, AgentConnection>();
  readonly #outbox: Outbox;
  readonly #gotRawFrame = new WeakSet<EmulatorConnection>();
  readonly #connections: History<EmulatorConnection>;
  readonly #received: History<AgentMessage>;
  #connectionCount = 0;

  /**
   * Creates a hub.
   *
   * @param options Its settings and callbacks.
   */
  constructor(options: AgentHubOptions) {
    this.#options = options;
    this.#events = new ConnectionEvents(options.emit);
    this.#connections = new History(options.history);
    this.#received = new History(options.history);
    this.#outbox = new Outbox({
      state: options.state,
      sequence: options.sequence,
      find: (arn) => this.find(arn),
      sent: (connection, queued, data, resent) => {
        if (queued.type === undefined) this.#gotRawFrame.add(connection);
        this.#events.sent(connection, queued, data, resent);
      },
    });
  }

  /** All connections, the newest last, within the limits. */
  get connections(): readonly EmulatorConnection[] {
    return this.#connections.entries;
  }

  /** All messages from agents, the newest last, within the limits. */
  get received(): readonly AgentMessage[] {
    return this.#received.entries;
  }

  /** The connections that have not ended. */
  get open(): readonly AgentConnection[] {
    return [...this.#open.keys()];
  }

  /** The messages that wait to be sent or answered. */
  get outbox(): Outbox {
    return this.#outbox;
  }

  /** The newest open connection, of one container instance or of any. */
  find(containerInstanceArn: string | undefined): AgentConnection | undefined {
    if (containerInstanceArn === undefined) return this.open.findLast(({ open }) => open);
    const newest = this.#byInstance.get(containerInstanceArn);
    return newest?.open ? newest : undefined;
  }

  /** Sends a message, or queues it until there is a connection for it. */
  post(queued: Unnumbered<Queued>): PostedMessage {
    return this.#outbox.post(queued);
  }

  /** Takes over an upgraded socket. */
  connect(parts: Omit<ConnectionOptions, "id" | "now" | "listener" | "service">): void {
    const { now, emit, welcome, missedHeartbeatLimit, maxConnectionMs } = this.#options;
    const connection = new AgentConnection({
      ...parts,
      service: "acs",
      now,
      id: ++this.#connectionCount,
      listener: {
        frame: (from, data) => this.#onFrame(from, data),
        broken: (from, problem) => this.#events.problem(from, problem),
        ended: (from) => this.#onEnd(from),
      },
    });
    const heartbeats = new Heartbeats({
      connection,
      nextDelayMs: () => this.#heartbeatDelayMs(connection),
      missedLimit: connection.query.protocolVersion < 2 ? 0 : missedHeartbeatLimit,
      send: () => this.#beat(connection),
      missed: (messageId) =>
        this.#events.problem(
          connection,
          `HeartbeatMessage with messageId ${messageId} was not answered by the time the next was due`,
        ),
    });
    const expiry = maxConnectionMs === 0
      ? undefined
      : setTimeout(() => connection.close(1000, CONNECTION_EXPIRED), maxConnectionMs);
    this.#open.set(connection, { heartbeats, expiry });
    this.#connections.push(connection, heldBytes(connection.query));
    this.#replace(connection);
    emit("connected", connection);
    heartbeats.start();
    const isServed = this.#events.unlessUnsaved(
      connection,
      "cannot send the queued messages",
      () => {
        welcome(connection);
        this.#outbox.deliver(connection);
        return true;
      },
    );
    // The agent reconnects and gets the messages then.
    if (!isServed) connection.close(1011, "InternalError: The state cannot be saved");
  }

  /** Ends all connections and drops all queued messages. */
  close(): void {
    for (const [connection, timers] of this.#open) {
      stopTimers(timers);
      connection.terminate();
    }
    this.#outbox.close();
  }

  /** Closes the older connection of the same instance: each instance has one. */
  #replace(connection: AgentConnection): void {
    const { containerInstanceArn } = connection;
    const older = this.#byInstance.get(containerInstanceArn);
    this.#byInstance.set(containerInstanceArn, connection);
    if (older?.open) older.close(REPLACED_CODE, REPLACED);
  }

  #heartbeatDelayMs(connection: EmulatorConnection): number {
    const [shortest, longest] = this.#options.heartbeatIntervalMs;
    if (shortest === longest) return shortest;
    const { entropy } = this.#options;
    const random = this.#events.unlessUnsaved(
      connection,
      "cannot vary the heartbeat interval",
      () => entropy.random(),
    );
    return shortest + (random ?? 0) * (longest - shortest);
  }

  #onEnd(connection: AgentConnection): void {
    const timers = this.#open.get(connection);
    if (timers !== undefined) stopTimers(timers);
    this.#open.delete(connection);
    const { containerInstanceArn } = connection;
    if (this.#byInstance.get(containerInstanceArn) === connection) {
      this.#byInstance.delete(containerInstanceArn);
    }
    this.#events.unlessUnsaved(
      connection,
      "cannot drop the unanswered heartbeats",
      () => this.#outbox.ended(connection),
    );
    this.#options.emit("disconnected", connection);
  }

  #onFrame(connection: AgentConnection, data: Uint8Array): void {
    const { id: connectionId, containerInstanceArn } = connection;
    const at = this.#options.now();
    const message = decodeAgentMessage(data, { connectionId, containerInstanceArn, at });
    if (typeof message === "string") return this.#events.problem(connection, message);
    if (message.type === "NackRequest") {
      const secrets = this.#outbox.secretsOf(message.messageId ?? "");
      AgentMessageRecord.markQuotable(message, secrets);
    }
    const verdict = this.#verdictOn(connection, message);
    if (verdict !== undefined && isAccepted(verdict)) AgentMessageRecord.markAsAnswer(message);
    this.#received.push(message, heldBytes(message.message));
    this.#options.emit("received", message);
    if (verdict !== undefined) this.#emitVerdict(connection, message, verdict);
    if (message.type !== "TaskStopVerificationMessage") return;
    this.#events.unlessUnsaved(
      connection,
      "cannot answer the TaskStopVerificationMessage",
      () => this.#options.stopVerification(connection, message.message),
    );
  }

  /** Classifies an answer; `undefined` if the message is not an answer, or could not be saved. */
  #verdictOn(connection: AgentConnection, answer: AgentMessage): AnswerVerdict | undefined {
    if (answer.type === "TaskStopVerificationMessage") return undefined;
    const id = answer.messageId ?? "";
    if (answer.type === "HeartbeatAckRequest") {
      const verdict = this.#open.get(connection)?.heartbeats.answered(id);
      if (verdict !== undefined) return verdict;
    }
    const verdict = this.#events.unlessUnsaved(
      connection,
      `cannot record the ${answer.type}: the message will be resent over the next connection`,
      () => this.#outbox.answer(answer, connection),
    );
    if (verdict !== "unknown") return verdict;
    const type = connection.typeSentByHand(id);
    if (type !== undefined && expectedAnswer(type) === answer.type) return "settled";
    // It may answer a raw frame, whose id is unknown.
    return this.#gotRawFrame.has(connection) ? undefined : "unknown";
  }

  #emitVerdict(
    connection: EmulatorConnection,
    { type, messageId = "" }: AgentMessage,
    verdict: AnswerVerdict,
  ): void {
    const problem = PROBLEM_OF_VERDICT[verdict];
    if (problem === undefined) return;
    const id = oneLine(messageId, 64) || "(none)";
    this.#events.problem(connection, `${type} with messageId ${id} ${problem}`);
  }

  /** Sends a heartbeat and returns its id; `undefined` if the state cannot be saved. */
  #beat(connection: AgentConnection): string | undefined {
    const { entropy } = this.#options;
    const messageId = this.#events.unlessUnsaved(
      connection,
      "cannot send a heartbeat",
      () => entropy.uuid(),
    );
    if (messageId === undefined) return undefined;
    const message = { healthy: true, messageId };
    const data = JSON.stringify({ type: "HeartbeatMessage", message });
    connection.transmit(data);
    this.#events.sent(connection, { type: "HeartbeatMessage", messageId }, data, false);
    return messageId;
  }
}

/**
 * Code and reason for the older connection of an instance. The service's are not documented. After
 * this code agents wait, so that two agents of one identity do not disconnect each other
 * indefinitely.
 */
const REPLACED_CODE = 1008;
const REPLACED = `${CONNECTION_REPLACED}: This container instance has connected again`;

function stopTimers({ heartbeats, expiry }: OpenConnection): void {
  heartbeats.stop();
  clearTimeout(expiry);
}
