/**
 * A local stand-in for the two services an ECS agent talks to: the ECS API, as far as
 * `DiscoverPollEndpoint`, and the Agent Communication Service (ACS).
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { type WebSocket, WebSocketServer } from "ws";
import type {
  IAMRoleCredentialsMessage,
  SentMessageType,
  TaskStopVerificationMessage,
} from "../wsclient/messages.ts";
import { AgentHub } from "./acs/agent_hub.ts";
import { type AgentMessage, type AgentMessageOf, isOfType } from "./acs/agent_message.ts";
import type { EmulatorConnection } from "./acs/emulator_connection.ts";
import { ContainerInstances } from "./ecs/container_instances.ts";
import { answerApiRequest, type DiscoverFault } from "./http/discover_poll_endpoint.ts";
import { type EmulatorOptions, type ResolvedOptions, resolveOptions } from "./emulator_options.ts";
import { EmulatorClosedError } from "./errors.ts";
import {
  type EmulatorEvents,
  type EmulatorEventType,
  nextEvent,
  type RefusedDetail,
  type WaitOptions,
} from "./events.ts";
import type { CountOptions, RefuseOptions, RefuseUpgradeOptions } from "./faults/fault_options.ts";
import { FaultQueue } from "./faults/fault_queue.ts";
import { discoverFault, upgradeFault } from "./faults/faults.ts";
import { IssuedCredentials } from "./ecs/issued_credentials.ts";
import { MessageSender } from "./acs/message_sender.ts";
import type { OutgoingMessage, PostedMessage } from "./acs/outbox.ts";
import type { SendOptions } from "./acs/outgoing_message.ts";
import { EmulatorServer } from "./http/server.ts";
import type { ServiceFault } from "./http/service_fault.ts";
import type { EmulatorCredentials, SignatureExpectations } from "./http/sigv4.ts";
import { answerUpgrade, type UpgradeFault } from "./http/upgrade.ts";

/**
 * The emulator: one port for both services.
 *
 * @example A test of an agent
 * ```ts
 * import { Session } from "@acs/session";
 * import {
 *   AcsEmulator,
 *   EXAMPLE_CREDENTIALS,
 *   SAMPLE_CONTAINER_INSTANCE_ARN,
 *   samplePayload,
 * } from "@acs/session/emulator";
 *
 * await using emulator = await AcsEmulator.listen();
 * await using session = new Session({
 *   endpoint: emulator.url,
 *   region: "us-west-2",
 *   credentials: EXAMPLE_CREDENTIALS,
 *   containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
 *   agentVersion: "1.0.0",
 *   payloadMessageHandler: { processMessage: (_message, ack) => ack() },
 * });
 * session.start();
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
  readonly #hub: AgentHub;
  readonly #webSocketServer = new WebSocketServer({ noServer: true });
  readonly #closed = new AbortController();
  #credentials: EmulatorCredentials;
  #discoverCount = 0;
  #closing: Promise<void> | undefined;

  private constructor(options: ResolvedOptions, server: EmulatorServer) {
    super();
    this.answerTaskStopVerification = options.answerTaskStopVerification;
    this.endpoint = `${server.url}/`;
    this.#options = options;
    this.#credentials = options.credentials;
    this.#instances = new ContainerInstances(options.containerInstances);
    this.#hub = new AgentHub({
      ...options,
      emit: (type, detail) => this.#emit(type, detail),
      welcome: (connection) => this.#sendIssued(connection),
      stopVerification: (connection, message) => this.#onStopVerification(connection, message),
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
    return this.#hub.connections;
  }

  /** All that agents have sent so far, the newest last. */
  get received(): readonly AgentMessage[] {
    return this.#hub.received;
  }

  /** How often DiscoverPollEndpoint was called, whatever the answer. */
  get discoverCount(): number {
    return this.#discoverCount;
  }

  /** How many messages wait to be sent or acknowledged. */
  get pendingCount(): number {
    return this.#hub.pendingCount;
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
  issueCredentials(message: IAMRoleCredentialsMessage, options: SendOptions = {}): void {
    this.#issued.add(message, options.containerInstanceArn);
  }

  /** Sends fresh credentials of one task's role. */
  override sendCredentials(
    message: IAMRoleCredentialsMessage,
    options: SendOptions = {},
  ): PostedMessage {
    const named = { ...message, messageId: message.messageId ?? crypto.randomUUID() };
    this.#issued.add(named, options.containerInstanceArn);
    return super.sendCredentials(named, options);
  }

  /**
   * Closes all open connections with a close frame.
   *
   * @param code The frame's code.
   * @param reason The frame's reason, at most 123 bytes of UTF-8.
   */
  closeConnections(code = 1000, reason = "ConnectionExpired: Reconnect to continue"): void {
    for (const connection of this.#hub.living) connection.close(code, reason);
  }

  /** Ends all connections' TCP streams in order, without a close frame. */
  dropConnections(): void {
    for (const connection of this.#hub.living) connection.drop();
  }

  /** Resets all connections' TCP streams. */
  resetConnections(): void {
    for (const connection of this.#hub.living) connection.reset();
  }

  /**
   * Neither reads from nor writes to the present connections any more, and leaves their sockets
   * open. What is not acknowledged is sent again over the next connection.
   */
  freezeConnections(): void {
    for (const connection of this.#hub.living) connection.freeze();
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
    return this.#hub.find(undefined) ?? await this.nextEvent("connected", options);
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
    const closed = this.#closed.signal;
    const signal = options.signal === undefined
      ? closed
      : AbortSignal.any([closed, options.signal]);
    return nextEvent(this, type, { ...options, signal });
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
    return this.#hub.post(message);
  }

  async #close(): Promise<void> {
    this.#closed.abort(new EmulatorClosedError("that happened"));
    this.#hub.close();
    await this.#server.close();
    this.#webSocketServer.close();
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
          this.#hub.connect({ webSocket, socket, query, reset: () => this.#server.reset(socket) });
        }),
    });
  }

  #onStopVerification(
    { containerInstanceArn }: EmulatorConnection,
    { messageId, stopCandidates }: TaskStopVerificationMessage,
  ): void {
    if (!this.answerTaskStopVerification) return;
    this.sendTaskStopVerificationAck(
      { messageId: messageId ?? null, stopTasks: stopCandidates ?? [] },
      { containerInstanceArn },
    );
  }

  /** An agent that lost its credentials gets all that are in force, unless they are on their way. */
  #sendIssued({ containerInstanceArn, query }: EmulatorConnection): void {
    if (!query.sendCredentials) return;
    for (const message of this.#issued.all(containerInstanceArn)) {
      if (this.#hub.isPending(message.messageId)) continue;
      const messageId = crypto.randomUUID();
      this.sendCredentials({ ...message, messageId }, { containerInstanceArn });
    }
  }

  #expectations(): SignatureExpectations {
    return { credentials: this.#credentials, region: this.#options.region, now: this.now() };
  }

  async #firstReceived<T extends AgentMessage>(
    wanted: (message: AgentMessage) => message is T,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    for (;;) {
      const found = this.#hub.received.find(wanted);
      if (found !== undefined) return found;
      await this.nextEvent("received", { where: wanted, signal });
    }
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
}
