/**
 * What the service has to say and what it still waits to hear an answer to.
 *
 * A message waits here until there is a connection to send it over. One that is acknowledged by the
 * agent stays here until then, and is sent again, in order, over every new connection.
 *
 * @module
 */

import { isJsonObject } from "../../protocol/find_problem.ts";
import { AnswerLostError, EmulatorClosedError, MessageNackedError } from "../errors.ts";
import type { EmulatorState } from "../state/emulator_state.ts";
import type { AgentMessage } from "./agent_message.ts";
import { answersCredentialsIn, expectedAnswer, isResent } from "../../protocol/answers.ts";
import type { AnswerVerdict } from "./answer_verdict.ts";
import type { EmulatorConnection } from "./emulator_connection.ts";
import { frameFor, type OutgoingFrame, type Queued } from "./queued_message.ts";
import { SentHistory } from "./sent_history.ts";
import { savedQueued, storedQueued } from "./stored_queued.ts";

/** How many answered messages are remembered, to tell a repeated answer from a stray one. */
const REMEMBERED = 10_000;

/** A message that was handed to the emulator for sending. */
export interface PostedMessage {
  /** The message's id. */
  readonly messageId: string;
  /**
   * Resolves with the agent's acknowledgement.
   *
   * Rejects with {@linkcode MessageNackedError} when the agent refuses the message, with
   * {@linkcode AnswerLostError} when a heartbeat's connection ends first, and with
   * {@linkcode EmulatorClosedError} when the emulator is closed first. A rejection that nobody
   * awaits is not reported.
   */
  readonly acked: Promise<AgentMessage>;
}

/** A connection as the outbox uses it. */
export interface OutboxConnection extends EmulatorConnection {
  /** How many copies of a message go out: more than one while a fault duplicates messages. */
  readonly copies: number;
  /** Sends a message of the outbox. */
  transmit(data: string | Uint8Array): void;
}

/** What the outbox asks of the emulator. */
export interface OutboxOptions {
  /** Where what waits is kept. */
  readonly state: EmulatorState;
  /** Counts payloads and manifests. */
  readonly sequence: () => number;
  /** The open connection for a container instance, or the newest of all. */
  readonly find: (containerInstanceArn: string | undefined) => OutboxConnection | undefined;
  /** Called for every frame that was sent. */
  readonly sent: (
    connection: EmulatorConnection,
    queued: Queued,
    data: string | Uint8Array,
    resent: boolean,
  ) => void;
}

interface Entry {
  readonly queued: Queued;
  readonly settle: PromiseWithResolvers<AgentMessage>;
  /** The instance it is for, once that is known: it belongs to the first that got it. */
  containerInstanceArn: string | undefined;
  /** The connection it was last sent over. */
  connection: EmulatorConnection | undefined;
  frame: OutgoingFrame | undefined;
}

/** Something to be sent, before it has a number. */
export type Unnumbered<T> = T extends Queued ? Omit<T, "number"> : never;

/** The messages of one emulator. */
export class Outbox {
  readonly #options: OutboxOptions;
  /** In the order of their numbers. */
  #entries = new Set<Entry>();
  readonly #byMessageId = new Map<string, Set<Entry>>();
  readonly #history = new SentHistory(REMEMBERED);
  #lastNumber = 0;

  /**
   * Starts with what the state says was left.
   *
   * @param options What the outbox asks of the emulator.
   */
  constructor(options: OutboxOptions) {
    this.#options = options;
    for (const saved of options.state.all("message", storedQueued)) {
      this.#insert(entryOf(saved));
      this.#lastNumber = Math.max(this.#lastNumber, saved.number);
    }
  }

  /** How many messages wait to be sent or answered. */
  get size(): number {
    return this.#entries.size;
  }

  /** What waits to be sent or answered, the oldest first. */
  get pending(): readonly Queued[] {
    return [...this.#entries].map(({ queued, containerInstanceArn }) => ({
      ...queued,
      containerInstanceArn,
    }));
  }

  /** Whether a message waits to be sent or answered. */
  has(messageId: string | null | undefined): boolean {
    return messageId ? this.#byMessageId.has(messageId) : false;
  }

  /**
   * Sends a message now if there is a connection for it, else as soon as there is one.
   *
   * @throws {StateWriteError} If it cannot be saved; then it is not sent.
   */
  post(unnumbered: Unnumbered<Queued>): PostedMessage {
    const { state, find } = this.#options;
    return state.transaction(() => {
      const entry = entryOf({ ...unnumbered, number: ++this.#lastNumber });
      this.#insert(entry);
      state.onRollback(() => this.#take(entry));
      const connection = find(entry.containerInstanceArn);
      if (connection === undefined) this.#save(entry);
      else this.#dispatch(entry, connection);
      return { messageId: entry.queued.messageId, acked: entry.settle.promise };
    });
  }

  /**
   * Sends all that waits for a new connection, in order.
   *
   * @throws {StateWriteError} If one cannot be saved; it and those after it are not sent.
   */
  deliver(connection: OutboxConnection): void {
    const { state } = this.#options;
    for (const entry of [...this.#entries]) {
      if (!connection.open) return;
      // A listener that heard of the new connection may have sent something over it already.
      if (entry.connection === connection || !isFor(entry, connection)) continue;
      state.transaction(() => this.#dispatch(entry, connection));
    }
  }

  /**
   * Takes an agent's answer.
   *
   * @throws {StateWriteError} If it cannot be saved; then the message still waits.
   */
  answer(answer: AgentMessage, { containerInstanceArn }: EmulatorConnection): AnswerVerdict {
    const entry = [...this.#byMessageId.get(answer.messageId ?? "") ?? []].find((one) =>
      one.connection !== undefined && one.containerInstanceArn === containerInstanceArn
    );
    if (entry !== undefined) return this.#settle(entry, answer);
    return this.#history.answered(answer, containerInstanceArn);
  }

  /**
   * Gives up what was sent over a connection that ended and is not sent again.
   *
   * @throws {StateWriteError} If that cannot be saved; then it still waits.
   */
  ended(connection: EmulatorConnection): void {
    for (const entry of [...this.#entries]) {
      if (entry.connection !== connection || isResent(entry.queued.type)) continue;
      this.#remove(entry);
      entry.settle.reject(new AnswerLostError(entry.queued.messageId));
    }
  }

  /** Gives up everything. What is saved stays so. */
  close(): void {
    for (const { queued, settle } of this.#entries) {
      settle.reject(new EmulatorClosedError(`message ${queued.messageId} was acknowledged`));
    }
    this.#entries.clear();
    this.#byMessageId.clear();
  }

  /** Prepares a message for a connection, saves what that changes, and then sends it. */
  #dispatch(entry: Entry, connection: OutboxConnection): void {
    const { state, sequence, sent } = this.#options;
    const { queued } = entry;
    const resent = entry.connection !== undefined;
    const frame = frameFor(queued, connection, sequence);
    if (expectedAnswer(queued.type) === undefined) this.#remove(entry);
    else this.#bind(entry, connection.containerInstanceArn);
    state.whenSaved(() => {
      if (!connection.open) return;
      entry.connection = connection;
      entry.frame = frame;
      this.#history.sent(queued, connection);
      if (queued.type === undefined) connection.send(frame.data);
      else connection.transmit(frame.data);
      sent(connection, queued, frame.data, resent);
    });
  }

  /** From now on the message belongs to a container instance. */
  #bind(entry: Entry, containerInstanceArn: string): void {
    const isSaved = entry.containerInstanceArn !== undefined && entry.connection !== undefined;
    if (isSaved) return;
    const before = entry.containerInstanceArn;
    entry.containerInstanceArn = containerInstanceArn;
    this.#options.state.onRollback(() => entry.containerInstanceArn = before);
    this.#save(entry);
  }

  #save({ queued, containerInstanceArn }: Entry): void {
    const record = savedQueued({ ...queued, containerInstanceArn });
    this.#options.state.put("message", String(queued.number), record);
  }

  #settle(entry: Entry, answer: AgentMessage): AnswerVerdict {
    const { queued, settle, containerInstanceArn = "" } = entry;
    const { messageId, type } = queued;
    const isRefusal = answer.type === "NackRequest";
    if (!isRefusal && answer.type !== expectedAnswer(type)) {
      return answersCredentialsIn(type, answer) ? "repeated" : "wrongType";
    }
    if (!repeatsArns(entry, answer)) return "wrongArns";
    this.#remove(entry);
    this.#history.answered(answer, containerInstanceArn);
    if (isRefusal) settle.reject(new MessageNackedError(messageId, answer.message.reason ?? ""));
    else settle.resolve(answer);
    return bringsCredentials(queued, answer) ? "settled" : "wrongCredentials";
  }

  #remove(entry: Entry): void {
    const { state } = this.#options;
    state.delete("message", String(entry.queued.number));
    this.#take(entry);
    state.onRollback(() => {
      this.#insert(entry);
      this.#entries = new Set([...this.#entries].sort(byNumber));
    });
  }

  #insert(entry: Entry): void {
    this.#entries.add(entry);
    const { messageId } = entry.queued;
    const sameId = this.#byMessageId.get(messageId) ?? new Set();
    this.#byMessageId.set(messageId, sameId.add(entry));
  }

  #take(entry: Entry): void {
    this.#entries.delete(entry);
    const { messageId } = entry.queued;
    const sameId = this.#byMessageId.get(messageId);
    sameId?.delete(entry);
    if (sameId?.size === 0) this.#byMessageId.delete(messageId);
  }
}

function entryOf(queued: Queued): Entry {
  const settle = Promise.withResolvers<AgentMessage>();
  settle.promise.catch(() => {
    // Whoever holds the promise hears of it; for anybody else it is no failure.
  });
  const { containerInstanceArn } = queued;
  return { queued, settle, containerInstanceArn, connection: undefined, frame: undefined };
}

function byNumber({ queued: one }: Entry, { queued: other }: Entry): number {
  return one.number - other.number;
}

/** A message once sent belongs to the container instance that got it. */
function isFor({ containerInstanceArn }: Entry, connection: EmulatorConnection): boolean {
  return (containerInstanceArn ?? connection.containerInstanceArn) ===
    connection.containerInstanceArn;
}

/** Whether an answer has the ARNs of the message, if it is one that repeats them. */
function repeatsArns({ frame }: Entry, answer: AgentMessage): boolean {
  if (answer.type !== "AckRequest" && answer.type !== "NackRequest") return true;
  const { cluster, containerInstance } = answer.message;
  return (cluster ?? "") === (frame?.cluster ?? "") &&
    (containerInstance ?? "") === (frame?.containerInstance ?? "");
}

/** Whether an answer to credentials names those that the message brought. */
function bringsCredentials(queued: Queued, answer: AgentMessage): boolean {
  if (answer.type !== "IAMRoleCredentialsAckRequest" || queued.type === undefined) return true;
  const credentials: unknown = Reflect.get(queued.message, "roleCredentials");
  if (!isJsonObject(credentials)) return true;
  return (answer.message.credentialsId ?? "") === (credentials.credentialsId ?? "");
}
