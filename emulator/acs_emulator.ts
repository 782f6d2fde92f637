/**
 * A local stand-in for the two services an ECS agent talks to: the ECS API, as far as
 * `DiscoverPollEndpoint`, and the Agent Communication Service (ACS).
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { type WebSocket, WebSocketServer } from "ws";
import type {
  IAMRoleCredentialsMessage,
  SentMessageType,
  TaskStopVerificationMessage,
} from "../wsclient/messages.ts";
import {
  type AgentMessage,
  type AgentMessageOf,
  decodeAgentMessage,
  isOfType,
} from "./agent_message.ts";
import { EmulatorConnection } from "./connection.ts";
import { ContainerInstances } from "./container_instances.ts";
import { answerApiRequest, type DiscoverFault } from "./discover_poll_endpoint.ts";
import { type EmulatorOptions, type ResolvedOptions, resolveOptions } from "./emulator_options.ts";
import { EmulatorClosedError } from "./errors.ts";
import {
  type EmulatorEvents,
  type EmulatorEventType,
  nextEvent,
  type RefusedDetail,
  type WaitOptions,
} from "./events.ts";
import { FaultQueue } from "./fault_queue.ts";
import {
  type CountOptions,
  discoverFault,
  type RefuseOptions,
  type RefuseUpgradeOptions,
  upgradeFault,
} from "./faults.ts";
import { Heartbeats } from "./heartbeats.ts";
import { IssuedCredentials } from "./issued_credentials.ts";
import { MessageSender } from "./message_sender.ts";
import { Outbox, type OutgoingMessage, type PostedMessage } from "./outbox.ts";
import type { SendOptions } from "./outgoing_message.ts";
import { EmulatorServer } from "./server.ts";
import type { ServiceFault } from "./service_fault.ts";
import type { EmulatorCredentials, SignatureExpectations } from "./sigv4.ts";
import { answerUpgrade, type UpgradeFault } from "./upgrade.ts";
import type { UpgradeQuery } from "./upgrade_query.ts";

/**
 * The emulator: one port for both services.
 *
 * @example A test of an agent
 * ```ts
 * import { AcsEmulator, EXAMPLE_CREDENTIALS, samplePayload } from "@acs/session/emulator";
 *
 * await using emulator = await AcsEmulator.listen();
 * startMyAgent({ endpoint: emulator.url, region: "us-west-2", ...EXAMPLE_CREDENTIALS });
 *
 * const { acked } = emulator.sendPayload(samplePayload());
 * await acked;
 * ```
 */
export class AcsEmulator extends MessageSender implements AsyncDisposable {
  /**
   * Whether a TaskStopVerificationMessage is answered at once, with all its candidates. It can be
   * switched at any time.
   */
  answerTaskStopVerification: boolean;
  /** The endpoint that DiscoverPollEndpoint answers with. By default the emulator itself. */
  endpoint: string;

  readonly #options: ResolvedOptions;
  readonly #server: EmulatorServer;
  readonly #instances: ContainerInstances;
  readonly #upgradeFaults = new FaultQueue<UpgradeFault>();
  readonly #discoverFaults = new FaultQueue<DiscoverFault>();
  readonly #issued = new IssuedCredentials();
  readonly #outbox: Outbox;
  readonly #webSocketServer = new WebSocketServer({ noServer: true });
  readonly #open = new Map<EmulatorConnection, Heartbeats>();
  readonly #connections: EmulatorConnection[] = [];
  readonly #received: AgentMessage[] = [];
  readonly #closed = new AbortController();
  #credentials: EmulatorCredentials;
  #connectionCount = 0;
  #discoverCount = 0;
  #closing: Promise<void> | undefined;

  private constructor(options: ResolvedOptions, server: EmulatorServer) {
    super();
    this.answerTaskStopVerification = options.answerTaskStopVerification;
    this.endpoint = `${server.url}/`;
    this.#options = options;
    this.#credentials = options.credentials;
    this.#instances = new ContainerInstances(options.containerInstances);
    this.#outbox = new Outbox({
      find: (arn) => this.#find(arn),
      sent: (connection, message, data, resent) =>
        this.#emitSent(connection, message, data, resent),
    });
    this.#webSocketServer.on("headers", (headers: string[]) => {
      headers.push(`Date: ${new Date(this.now()).toUTCString()}`);
    });
    this.#server = server;
    server.serve({
      request: (request, response) => this.#onRequest(request, response),
      upgrade: (request, socket, head) => this.#onUpgrade(request, socket, head),
    });
  }

  /**
   * Starts an emulator.
   *
   * @param options Its options; all have defaults.
   * @returns The emulator, listening.
   * @throws {RangeError} If an option is out of range.
   * @throws The system's error when the port cannot be had.
   */
  static async listen(options: EmulatorOptions = {}): Promise<AcsEmulator> {
    const resolved = resolveOptions(options);
    return new AcsEmulator(resolved, await EmulatorServer.listen(resolved));
  }

  /** The URL of the ECS API: an agent's `AWS_ENDPOINT_URL_ECS`. */
  get url(): string {
    return this.#server.url;
  }

  /** All connections so far, the newest last. */
  get connections(): readonly EmulatorConnection[] {
    return this.#connections;
  }

  /** All that agents have sent so far, the newest last. */
  get received(): readonly AgentMessage[] {
    return this.#received;
  }

  /** How often DiscoverPollEndpoint was called, whatever the answer. */
  get discoverCount(): number {
    return this.#discoverCount;
  }

  /** How many messages wait to be sent or acknowledged. */
  get pendingCount(): number {
    return this.#outbox.pending;
  }

  /** The service's clock, in ms since the epoch. */
  override now(): number {
    return Date.now() + this.#options.clockSkewMs;
  }

  /** Makes a container instance known and active. */
  registerContainerInstance(arn: string): void {
    this.#instances.register(arn);
  }

  /**
   * Makes a container instance inactive: its next upgrade is refused with
   * InactiveInstanceException. An open connection stays open.
   */
  deregisterContainerInstance(arn: string): void {
    this.#instances.deregister(arn);
  }

  /** Accepts only these credentials from now on. */
  acceptCredentials(credentials: EmulatorCredentials): void {
    this.#credentials = credentials;
  }

  /**
   * Issues credentials without sending them: only agents that ask for all credentials when they
   * connect get them. Those given to {@linkcode AcsEmulator.sendCredentials} are issued, too.
   */
  issueCredentials(message: IAMRoleCredentialsMessage): void {
    this.#issued.add(message);
  }

  /** Sends fresh credentials of one task's role. */
  override sendCredentials(
    message: IAMRoleCredentialsMessage,
    options: SendOptions = {},
  ): PostedMessage {
    this.#issued.add(message);
    return super.sendCredentials(message, options);
  }

  /**
   * Closes all open connections with a close frame.
   *
   * @param code The frame's code.
   * @param reason The frame's reason, at most 123 bytes of UTF-8.
   */
  closeConnections(code = 1000, reason = "ConnectionExpired: Reconnect to continue"): void {
    for (const connection of this.#open.keys()) connection.close(code, reason);
  }

  /** Ends all connections' TCP streams in order, without a close frame. */
  dropConnections(): void {
    for (const connection of this.#open.keys()) connection.drop();
  }

  /** Resets all connections' TCP streams. */
  resetConnections(): void {
    for (const connection of this.#open.keys()) connection.reset();
  }

  /**
   * Neither reads from nor writes to the present connections any more, and leaves their sockets
   * open. What is not acknowledged is sent again over the next connection.
   */
  freezeConnections(): void {
    for (const connection of this.#open.keys()) connection.freeze();
  }

  /** Refuses the next upgrades, whatever they are like. */
  refuseNextUpgrade(options: RefuseUpgradeOptions = {}): void {
    this.#upgradeFaults.add(upgradeFault(options), options.count ?? 1);
  }

  /** Never answers the next upgrades. */
  hangNextUpgrade(options: CountOptions = {}): void {
    this.#upgradeFaults.add({ kind: "hang" }, options.count ?? 1);
  }

  /** Answers the next calls of DiscoverPollEndpoint with an error, or with a body of your own. */
  failNextDiscover(options: RefuseOptions = {}): void {
    this.#discoverFaults.add(discoverFault(options), options.count ?? 1);
  }

  /** Never answers the next calls of DiscoverPollEndpoint. */
  hangNextDiscover(options: CountOptions = {}): void {
    this.#discoverFaults.add({ kind: "hang" }, options.count ?? 1);
  }

  /**
   * Waits for an agent to be connected.
   *
   * @returns The newest open connection; at once when there is one.
   */
  async waitForConnection(options: { readonly signal?: AbortSignal } = {}): Promise<
    EmulatorConnection
  > {
    return this.#find(undefined) ?? await this.nextEvent("connected", options);
  }

  /**
   * Waits for an agent's message.
   *
   * @param type The message's type.
   * @param options Which one, and what ends the wait.
   * @returns The first such message, also when it has come before.
   */
  waitForMessage<T extends SentMessageType>(
    type: T,
    options: WaitOptions<AgentMessageOf<T>> = {},
  ): Promise<AgentMessageOf<T>> {
    const { where = () => true, signal } = options;
    const wanted = (message: AgentMessage): message is AgentMessageOf<T> =>
      isOfType(message, type) && where(message);
    return this.#firstReceived(wanted, signal);
  }

  /**
   * Waits for the answer to a message: AckRequest, IAMRoleCredentialsAckRequest, NackRequest or
   * HeartbeatAckRequest.
   *
   * @param messageId The message's id.
   * @param options What ends the wait.
   * @returns The first answer, also when it has come before.
   */
  waitForAck(
    messageId: string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<AgentMessage> {
    const wanted = (message: AgentMessage): message is AgentMessage =>
      message.type !== "TaskStopVerificationMessage" && message.messageId === messageId;
    return this.#firstReceived(wanted, options.signal);
  }

  /**
   * Waits for the next event of a type.
   *
   * @param type The event's name.
   * @param options Which one, and what ends the wait.
   * @returns The event's detail.
   * @throws {EmulatorClosedError} If the emulator is closed first.
   */
  nextEvent<T extends EmulatorEventType>(
    type: T,
    options: WaitOptions<EmulatorEvents[T]> = {},
  ): Promise<EmulatorEvents[T]> {
    const signals = [
      this.#closed.signal,
      ...(options.signal === undefined ? [] : [options.signal]),
    ];
    return nextEvent(this, type, { ...options, signal: AbortSignal.any(signals) });
  }

  /** Stops everything: listening, connections, heartbeats, and whatever waits for something. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The same as {@linkcode AcsEmulator.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Sends a message or keeps it for sending. */
  protected override post(message: OutgoingMessage): PostedMessage {
    return this.#outbox.post(message);
  }

  async #close(): Promise<void> {
    this.#closed.abort(new EmulatorClosedError("that happened"));
    for (const [connection, heartbeats] of this.#open) {
      heartbeats.stop();
      connection.terminate();
    }
    await this.#server.close();
    this.#webSocketServer.close();
    this.#outbox.close();
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    answerApiRequest(request, response, {
      faults: this.#discoverFaults,
      expectations: () => this.#expectations(),
      endpoint: () => this.endpoint,
      called: () => this.#discoverCount++,
      discovered: (detail) => this.#emit("discovered", detail),
      refused: (fault) => this.#emitRefused("DiscoverPollEndpoint", fault),
    }).catch((error: unknown) => {
      // An agent that goes away in the middle of its request needs no answer.
      if (request.complete) throw error;
    });
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    return answerUpgrade(request, socket, {
      faults: this.#upgradeFaults,
      expectations: () => this.#expectations(),
      instances: this.#instances,
      clusterArn: this.#options.clusterArn,
      refused: (fault) => this.#emitRefused("upgrade", fault),
      admitted: (query) =>
        this.#webSocketServer.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
          this.#onConnection(webSocket, socket, query);
        }),
    });
  }

  #onConnection(webSocket: WebSocket, socket: Duplex, query: UpgradeQuery): void {
    const connection = new EmulatorConnection({
      id: ++this.#connectionCount,
      webSocket,
      socket,
      reset: () => this.#server.reset(socket),
      query,
      listener: {
        frame: (from, data) => this.#onFrame(from, data),
        broken: (from, error) => this.#emitProblem(from, `Broken frame: ${error.message}`),
        ended: (from) => this.#onEnd(from),
      },
    });
    const heartbeats = new Heartbeats({
      connection,
      intervalMs: this.#options.heartbeatIntervalMs,
      missedLimit: query.protocolVersion < 2 ? 0 : this.#options.missedHeartbeatLimit,
      send: (to) => this.#beat(to),
    });
    this.#open.set(connection, heartbeats);
    keepLast(this.#connections, connection, this.#options.historyLimit);
    this.#emit("connected", connection);
    heartbeats.start();
    if (query.sendCredentials) this.#sendIssued(connection);
    this.#outbox.deliver(connection);
  }

  #onEnd(connection: EmulatorConnection): void {
    this.#open.get(connection)?.stop();
    this.#open.delete(connection);
    this.#outbox.ended(connection);
    this.#emit("disconnected", connection);
  }

  #onFrame(connection: EmulatorConnection, data: Uint8Array): void {
    const message = decodeAgentMessage(data, { connectionId: connection.id, at: Date.now() });
    if (typeof message === "string") return this.#emitProblem(connection, message);
    keepLast(this.#received, message, this.#options.historyLimit);
    this.#emit("received", message);
    if (message.type === "TaskStopVerificationMessage") {
      return this.#onStopVerification(connection, message.message);
    }
    const id = message.messageId ?? "";
    if (message.type === "HeartbeatAckRequest" && this.#open.get(connection)?.answered(id)) return;
    const verdict = this.#outbox.answer(message);
    if (verdict === "settled" || verdict === "repeated") return;
    const problem = verdict === "mismatch"
      ? "does not fit the message it answers: check its type, cluster and containerInstance"
      : "answers no message that was sent";
    this.#emitProblem(connection, `${message.type} with messageId ${id || "(none)"} ${problem}`);
  }

  #onStopVerification(
    connection: EmulatorConnection,
    { messageId, stopCandidates }: TaskStopVerificationMessage,
  ): void {
    if (!this.answerTaskStopVerification) return;
    const tasks = (stopCandidates ?? []).filter((task) => task !== null);
    this.sendTaskStopVerificationAck(
      { messageId: messageId ?? null, stopTasks: tasks },
      { containerInstanceArn: connection.containerInstanceArn },
    );
  }

  /** An agent that lost its credentials gets all that are in force, unless they are on their way. */
  #sendIssued({ containerInstanceArn }: EmulatorConnection): void {
    for (const message of this.#issued.all()) {
      if (this.#outbox.has(message.messageId)) continue;
      this.sendCredentials(message, { containerInstanceArn });
    }
  }

  #beat(connection: EmulatorConnection): string {
    const messageId = crypto.randomUUID();
    const data = JSON.stringify({
      type: "HeartbeatMessage",
      message: { healthy: true, messageId },
    });
    connection.send(data);
    this.#emitSent(connection, { type: "HeartbeatMessage", messageId }, data, false);
    return messageId;
  }

  /** The newest open connection, of one container instance or of any. */
  #find(containerInstanceArn: string | undefined): EmulatorConnection | undefined {
    return [...this.#open.keys()].findLast((connection) =>
      connection.open &&
      (containerInstanceArn ?? connection.containerInstanceArn) === connection.containerInstanceArn
    );
  }

  #expectations(): SignatureExpectations {
    return { credentials: this.#credentials, region: this.#options.region, now: this.now() };
  }

  async #firstReceived<T extends AgentMessage>(
    wanted: (message: AgentMessage) => message is T,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const earlier = this.#received.find(wanted);
    if (earlier !== undefined) return earlier;
    const found = Promise.withResolvers<T>();
    await this.nextEvent("received", {
      where: (message) => {
        if (!wanted(message)) return false;
        found.resolve(message);
        return true;
      },
      ...(signal !== undefined && { signal }),
    });
    return found.promise;
  }

  #emit<T extends EmulatorEventType>(type: T, detail: EmulatorEvents[T]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #emitRefused(request: RefusedDetail["request"], fault: ServiceFault | undefined): void {
    this.#emit("refused", {
      request,
      status: fault?.status,
      exception: fault?.exception ?? "",
      reason: fault?.message ?? "Left without an answer, as the emulator was told to",
    });
  }

  #emitSent(
    connection: EmulatorConnection,
    { type, messageId }: Pick<OutgoingMessage, "type" | "messageId">,
    data: string | Uint8Array,
    resent: boolean,
  ): void {
    const bytes = Buffer.byteLength(data);
    this.#emit("sent", { connectionId: connection.id, type, messageId, bytes, resent });
  }

  #emitProblem({ id }: EmulatorConnection, problem: string): void {
    this.#emit("problem", { connectionId: id, problem });
  }
}

function keepLast<T>(list: T[], entry: T, limit: number): void {
  list.push(entry);
  if (list.length > limit) list.shift();
}
