/**
 * The service's queue of messages to send and of messages without an answer yet.
 *
 * A message waits here until there is a connection to send it over. A message that agents
 * acknowledge stays here until then, and is resent, in order, over every new connection.
 *
 * @module
 */

import {
  AnswerLostError,
  EmulatorClosedError,
  MessageNackedError,
  TaskStoppedError,
} from "../errors.ts";
import type { EmulatorState } from "../state/emulator_state.ts";
import type { AgentMessage } from "./agent_message.ts";
import { answersCredentialsIn, expectedAnswer, isResent } from "../../protocol/answers.ts";
import type { AnswerVerdict } from "./answer_verdict.ts";
import type { EmulatorConnection } from "./emulator_connection.ts";
import {
  bringsCredentials,
  byNumber,
  type Entry,
  entryOf,
  isAboutOnly,
  isFor,
  repeatsArns,
} from "./outbox_entry.ts";
import type { Secrets } from "../../internal/redaction/secrets.ts";
import { hideQuotes, QuotedSecrets } from "../../protocol/quoted_secrets.ts";
import { frameFor, type Queued } from "./queued_message.ts";
import { SentHistory } from "./sent_history.ts";
import { savedQueued, storedQueued } from "./stored_queued.ts";

/** Number of answered messages remembered, to distinguish a repeated answer from a stray one. */
const REMEMBERED = 10_000;

/** A message that was sent or queued. */
export interface PostedMessage {
  /** The message's id. */
  readonly messageId: string;
  /**
   * Resolves with the agent's acknowledgement.
   *
   * Rejects with {@linkcode MessageNackedError} when the agent refuses the message, with
   * {@linkcode AnswerLostError} when a heartbeat's connection ends first, with
   * {@linkcode TaskStoppedError} when the agent reports first that the message's task has stopped,
   * and with {@linkcode EmulatorClosedError} when the emulator is closed first. An unhandled
   * rejection is not reported.
   */
  readonly acked: Promise<AgentMessage>;
}

/** A connection as the outbox uses it. */
export interface OutboxConnection extends EmulatorConnection {
  /** Number of copies sent of each message: 2 while a fault duplicates messages. */
  readonly copies: number;
  /** Sends a message of the outbox. */
  transmit(data: string | Uint8Array): void;
}

/** The outbox's parts and callbacks. */
export interface OutboxOptions {
  /** Where queued messages are kept. */
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

/** A queued message before it has a number. */
export type Unnumbered<T> = T extends Queued ? Omit<T, "number"> : never;

/** The messages of one emulator. */
export class Outbox {
  readonly #options: OutboxOptions;
  /** Ordered by number. */
  #entries = new Set<Entry>();
  readonly #byMessageId = new Map<string, Set<Entry>>();
  readonly #history = new SentHistory(REMEMBERED);
  readonly #quoted = new QuotedSecrets();
  #lastNumber = 0;

  /**
   * Loads the messages of the state.
   *
   * @param options The outbox's parts and callbacks.
   */
  constructor(options: OutboxOptions) {
    this.#options = options;
    for (const saved of options.state.all("message", storedQueued)) {
      this.#insert(entryOf(saved));
      this.#lastNumber = Math.max(this.#lastNumber, saved.number);
    }
  }

  /** Number of messages that wait to be sent or answered. */
  get size(): number {
    return this.#entries.size;
  }

  /** The messages that wait to be sent or answered, the oldest first. */
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
   * Sends a message now, or as soon as there is a connection for it.
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
   * Sends the queued messages over a new connection, in order.
   *
   * @throws {StateWriteError} If a message cannot be saved; it and the later ones are not sent.
   */
  deliver(connection: OutboxConnection): void {
    const { state } = this.#options;
    for (const entry of [...this.#entries]) {
      if (!connection.open) return;
      // A listener for `connected` may already have sent something over it.
      if (entry.connection === connection || !isFor(entry, connection)) continue;
      state.transaction(() => this.#dispatch(entry, connection));
    }
  }

  /**
   * Handles an agent's answer.
   *
   * @throws {StateWriteError} If it cannot be saved; the message then stays queued.
   */
  answer(answer: AgentMessage, { containerInstanceArn }: EmulatorConnection): AnswerVerdict {
    const entry = [...this.#byMessageId.get(answer.messageId ?? "") ?? []].find((one) =>
      one.connection !== undefined && one.containerInstanceArn === containerInstanceArn
    );
    if (entry !== undefined) return this.#settle(entry, answer);
    return this.#history.answered(answer, containerInstanceArn);
  }

  /** The secrets of a message that an agent refuses, which it may quote. */
  secretsOf(messageId: string): Secrets {
    const waiting = [...this.#byMessageId.get(messageId) ?? []];
    return this.#quoted.of(
      messageId,
      waiting.map(({ queued }) => queued.type === undefined ? undefined : queued.message),
    );
  }

  /**
   * Drops the messages that were sent over an ended connection and are not resent.
   *
   * @throws {StateWriteError} If that cannot be saved; they then stay queued.
   */
  ended(connection: EmulatorConnection): void {
    for (const entry of [...this.#entries]) {
      if (entry.connection !== connection || isResent(entry.queued.type)) continue;
      this.#remove(entry);
      entry.settle.reject(new AnswerLostError(entry.queued.messageId));
    }
  }

  /**
   * Drops the messages about a task that has stopped: its agent needs none of them.
   *
   * @throws {StateWriteError} If that cannot be saved; they then stay queued.
   */
  dropTask(taskArn: string): void {
    const { state } = this.#options;
    for (const entry of [...this.#entries]) {
      if (!isAboutOnly(entry.queued, taskArn)) continue;
      this.#remove(entry);
      state.whenSaved(() =>
        entry.settle.reject(new TaskStoppedError(entry.queued.messageId, taskArn))
      );
    }
  }

  /** Drops all messages in memory. Saved messages stay saved. */
  close(): void {
    for (const { queued, settle } of this.#entries) {
      settle.reject(new EmulatorClosedError(`message ${queued.messageId} was acknowledged`));
    }
    this.#entries.clear();
    this.#byMessageId.clear();
  }

  /** Prepares a message for a connection, saves the change, and then sends it. */
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

  /** Assigns the message to a container instance. */
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
    if (isRefusal) {
      const reason = hideQuotes(answer.message.reason ?? "", this.#quoted.of(messageId, []));
      settle.reject(new MessageNackedError(messageId, reason));
    } else {
      settle.resolve(answer);
    }
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
