/**
 * What the service has to say and what it still waits to hear an answer to.
 *
 * A message waits here until there is a connection to send it over. One that is acknowledged by the
 * agent stays here until then, and is sent again, in order, over every new connection.
 *
 * @module
 */

import type { EmulatorState } from "../state/emulator_state.ts";
import type { AgentMessage } from "./agent_message.ts";
import { expectedAnswer, isResent } from "../../protocol/answers.ts";
import type { EmulatorConnection } from "./emulator_connection.ts";
import { AnswerLostError, EmulatorClosedError, MessageNackedError } from "../errors.ts";
import { frameFor, type OutgoingFrame, type Queued } from "./queued_message.ts";
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

/** What an agent's answer turned out to be. */
export type AnswerVerdict = "settled" | "repeated" | "mismatch" | "unknown";

/** What the outbox asks of the emulator. */
export interface OutboxOptions {
  /** Where what waits is kept. */
  readonly state: EmulatorState;
  /** Counts payloads and manifests. */
  readonly sequence: () => number;
  /** The open connection for a container instance, or the newest of all. */
  readonly find: (containerInstanceArn: string | undefined) => EmulatorConnection | undefined;
  /** Told of every frame that was sent. */
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
  readonly #entries = new Set<Entry>();
  readonly #byMessageId = new Map<string, Set<Entry>>();
  readonly #answered = new Set<string>();
  #lastNumber = 0;

  /**
   * Starts with what the state says was left.
   *
   * @param options What the outbox asks of the emulator.
   */
  constructor(options: OutboxOptions) {
    this.#options = options;
    for (const saved of options.state.all("message", storedQueued)) {
      this.#add(saved);
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
    return this.#byMessageId.has(messageId ?? "");
  }

  /** Sends a message now if there is a connection for it, else as soon as there is one. */
  post(unnumbered: Unnumbered<Queued>): PostedMessage {
    const { state, find } = this.#options;
    const queued: Queued = { ...unnumbered, number: ++this.#lastNumber };
    const connection = find(queued.containerInstanceArn);
    if (expectedAnswer(queued.type) !== undefined || connection === undefined) this.#save(queued);
    const entry = this.#add(queued);
    state.whenSaved(() => {
      if (connection?.open) this.#send(entry, connection);
    });
    return { messageId: queued.messageId, acked: entry.settle.promise };
  }

  /** Sends all that waits for a new connection, in order. */
  deliver(connection: EmulatorConnection): void {
    for (const entry of [...this.#entries]) {
      if (!connection.open) return;
      // A listener that heard of the new connection may have sent something over it already.
      if (entry.connection === connection || !isFor(entry, connection)) continue;
      this.#send(entry, connection);
    }
  }

  /** Takes an agent's answer. */
  answer(answer: AgentMessage, from: EmulatorConnection): AnswerVerdict {
    const id = answer.messageId ?? "";
    const candidates = [...this.#byMessageId.get(id) ?? []];
    const entry = candidates.find((one) => isFor(one, from)) ?? candidates[0];
    if (entry === undefined) return this.#answered.has(id) ? "repeated" : "unknown";
    return this.#settle(entry, answer);
  }

  /** Gives up what was sent over a connection that ended and is not sent again. */
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

  #add(queued: Queued): Entry {
    const settle = Promise.withResolvers<AgentMessage>();
    settle.promise.catch(() => {
      // Whoever holds the promise hears of it; for anybody else it is no failure.
    });
    const { messageId, containerInstanceArn } = queued;
    const entry = { queued, settle, containerInstanceArn, connection: undefined, frame: undefined };
    this.#entries.add(entry);
    const sameId = this.#byMessageId.get(messageId) ?? new Set();
    this.#byMessageId.set(messageId, sameId.add(entry));
    return entry;
  }

  #save(queued: Queued): void {
    this.#options.state.put("message", String(queued.number), savedQueued(queued));
  }

  #send(entry: Entry, connection: EmulatorConnection): void {
    const resent = entry.connection !== undefined;
    const frame = frameFor(entry.queued, connection, this.#options.sequence);
    entry.connection = connection;
    entry.frame = frame;
    if (expectedAnswer(entry.queued.type) === undefined) this.#remove(entry);
    else this.#bind(entry, connection.containerInstanceArn);
    connection.send(frame.data);
    this.#options.sent(connection, entry.queued, frame.data, resent);
  }

  #bind(entry: Entry, containerInstanceArn: string): void {
    if (entry.containerInstanceArn !== undefined) return;
    entry.containerInstanceArn = containerInstanceArn;
    this.#save({ ...entry.queued, containerInstanceArn });
  }

  #settle(entry: Entry, answer: AgentMessage): AnswerVerdict {
    const { messageId, type } = entry.queued;
    if (answer.type === "NackRequest") {
      if (!repeatsArns(entry, answer.message)) return "mismatch";
      this.#remove(entry);
      entry.settle.reject(new MessageNackedError(messageId, answer.message.reason ?? ""));
      return "settled";
    }
    if (answer.type !== expectedAnswer(type)) {
      // The credentials inside a payload are acknowledged one by one, beside the payload itself.
      const besides = type === "PayloadMessage" && answer.type === "IAMRoleCredentialsAckRequest";
      return besides ? "repeated" : "mismatch";
    }
    if (answer.type === "AckRequest" && !repeatsArns(entry, answer.message)) return "mismatch";
    this.#remove(entry);
    entry.settle.resolve(answer);
    return "settled";
  }

  #remove(entry: Entry): void {
    const { messageId, number, type } = entry.queued;
    this.#options.state.delete("message", String(number));
    this.#entries.delete(entry);
    const sameId = this.#byMessageId.get(messageId);
    sameId?.delete(entry);
    if (sameId?.size === 0) this.#byMessageId.delete(messageId);
    if (expectedAnswer(type) === undefined) return;
    this.#answered.add(messageId);
    if (this.#answered.size <= REMEMBERED) return;
    for (const oldest of this.#answered) {
      this.#answered.delete(oldest);
      break;
    }
  }
}

/** A message once sent belongs to the container instance that got it. */
function isFor({ containerInstanceArn }: Entry, connection: EmulatorConnection): boolean {
  return (containerInstanceArn ?? connection.containerInstanceArn) ===
    connection.containerInstanceArn;
}

function repeatsArns(
  entry: Entry,
  answer: {
    readonly cluster?: string | null | undefined;
    readonly containerInstance?: string | null | undefined;
  },
): boolean {
  const { cluster, containerInstance } = entry.frame ?? {};
  return (answer.cluster ?? "") === (cluster ?? "") &&
    (answer.containerInstance ?? "") === (containerInstance ?? "");
}
