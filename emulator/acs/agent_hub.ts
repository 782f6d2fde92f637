/**
 * The connections of all agents, and what is said over them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { TaskStopVerificationMessage } from "../../wsclient/messages.ts";
import { type AgentMessage, decodeAgentMessage } from "./agent_message.ts";
import { AgentConnection, type ConnectionOptions } from "./connection.ts";
import type { EmulatorConnection } from "./emulator_connection.ts";
import type { EmulatorEvents, EmulatorEventType } from "../events.ts";
import { Heartbeats } from "./heartbeats.ts";
import { Outbox, type OutgoingMessage, type PostedMessage } from "./outbox.ts";

/** What the hub is told by the emulator, and what it asks of it. */
export interface AgentHubOptions {
  /** Time from one heartbeat to the next, in ms; 0 for none. */
  readonly heartbeatIntervalMs: number;
  /** How many unanswered heartbeats close a connection; 0 for any number. */
  readonly missedHeartbeatLimit: number;
  /** How many connections and messages are kept to look at. */
  readonly historyLimit: number;
  /** Tells the listeners. */
  readonly emit: <T extends EmulatorEventType>(type: T, detail: EmulatorEvents[T]) => void;
  /** Called for a new connection, before what waits for it is delivered. */
  readonly welcome: (connection: EmulatorConnection) => void;
  /** Called when an agent asks whether tasks may be stopped. */
  readonly stopVerification: (
    connection: EmulatorConnection,
    message: TaskStopVerificationMessage,
  ) => void;
}

/** All connections of one emulator. */
export class AgentHub {
  /** All connections so far, the newest last, within the limit. */
  readonly connections: EmulatorConnection[] = [];
  /** All that agents have sent so far, the newest last, within the limit. */
  readonly received: AgentMessage[] = [];
  readonly #options: AgentHubOptions;
  readonly #open = new Map<AgentConnection, Heartbeats>();
  readonly #outbox: Outbox;
  #connectionCount = 0;

  /**
   * Starts without any connection.
   *
   * @param options What it is told and what it asks.
   */
  constructor(options: AgentHubOptions) {
    this.#options = options;
    this.#outbox = new Outbox({
      find: (arn) => this.find(arn),
      sent: (connection, message, data, resent) =>
        this.#emitSent(connection, message, data, resent),
    });
  }

  /** The connections that have not ended. */
  get living(): readonly AgentConnection[] {
    return [...this.#open.keys()];
  }

  /** How many messages wait to be sent or answered. */
  get pendingCount(): number {
    return this.#outbox.pending;
  }

  /** Whether a message waits to be sent or answered. */
  isPending(messageId: string | null | undefined): boolean {
    return this.#outbox.has(messageId);
  }

  /** The newest open connection, of one container instance or of any. */
  find(containerInstanceArn: string | undefined): EmulatorConnection | undefined {
    return this.living.findLast((connection) =>
      connection.open &&
      (containerInstanceArn ?? connection.containerInstanceArn) === connection.containerInstanceArn
    );
  }

  /** Sends a message or keeps it until there is a connection for it. */
  post(message: OutgoingMessage): PostedMessage {
    return this.#outbox.post(message);
  }

  /** Takes over an upgraded socket. */
  connect(parts: Omit<ConnectionOptions, "id" | "listener">): void {
    const connection = new AgentConnection({
      ...parts,
      id: ++this.#connectionCount,
      listener: {
        frame: (from, data) => this.#onFrame(from, data),
        broken: (from, error) => this.#emitProblem(from, `Broken frame: ${error.message}`),
        ended: (from) => this.#onEnd(from),
      },
    });
    const heartbeats = new Heartbeats({
      connection,
      intervalMs: this.#options.heartbeatIntervalMs,
      missedLimit: connection.query.protocolVersion < 2 ? 0 : this.#options.missedHeartbeatLimit,
      send: () => this.#beat(connection),
    });
    this.#open.set(connection, heartbeats);
    keepLast(this.connections, connection, this.#options.historyLimit);
    this.#options.emit("connected", connection);
    heartbeats.start();
    this.#options.welcome(connection);
    this.#outbox.deliver(connection);
  }

  /** Ends all connections and gives up on everything that waits. */
  close(): void {
    for (const [connection, heartbeats] of this.#open) {
      heartbeats.stop();
      connection.terminate();
    }
    this.#outbox.close();
  }

  #onEnd(connection: AgentConnection): void {
    this.#open.get(connection)?.stop();
    this.#open.delete(connection);
    this.#outbox.ended(connection);
    this.#options.emit("disconnected", connection);
  }

  #onFrame(connection: AgentConnection, data: Uint8Array): void {
    const message = decodeAgentMessage(data, { connectionId: connection.id, at: Date.now() });
    if (typeof message === "string") return this.#emitProblem(connection, message);
    keepLast(this.received, message, this.#options.historyLimit);
    this.#options.emit("received", message);
    if (message.type === "TaskStopVerificationMessage") {
      return this.#options.stopVerification(connection, message.message);
    }
    this.#onAnswer(connection, message);
  }

  #onAnswer(connection: AgentConnection, answer: AgentMessage): void {
    const id = answer.messageId ?? "";
    if (answer.type === "HeartbeatAckRequest" && this.#open.get(connection)?.answered(id)) return;
    const verdict = this.#outbox.answer(answer);
    if (verdict === "settled" || verdict === "repeated") return;
    const problem = verdict === "mismatch"
      ? "does not fit the message it answers: check its type, cluster and containerInstance"
      : "answers no message that was sent";
    this.#emitProblem(connection, `${answer.type} with messageId ${id || "(none)"} ${problem}`);
  }

  #beat(connection: EmulatorConnection): string {
    const messageId = crypto.randomUUID();
    const message = { healthy: true, messageId };
    const data = JSON.stringify({ type: "HeartbeatMessage", message });
    connection.send(data);
    this.#emitSent(connection, { type: "HeartbeatMessage", messageId }, data, false);
    return messageId;
  }

  #emitSent(
    connection: EmulatorConnection,
    { type, messageId }: Pick<OutgoingMessage, "type" | "messageId">,
    data: string | Uint8Array,
    resent: boolean,
  ): void {
    const bytes = Buffer.byteLength(data);
    this.#options.emit("sent", { connectionId: connection.id, type, messageId, bytes, resent });
  }

  #emitProblem({ id }: EmulatorConnection, problem: string): void {
    this.#options.emit("problem", { connectionId: id, problem });
  }
}

function keepLast<T>(list: T[], entry: T, limit: number): void {
  list.push(entry);
  if (list.length > limit) list.shift();
}
