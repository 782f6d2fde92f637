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
import { type Server as WsServer, WebSocketServer } from "ws";
import type {
  IAMRoleCredentialsMessage,
  ReceivedMessages,
  ReceivedMessageType,
  SentMessageType,
  TaskManifestMessage,
  TaskStopVerificationMessage,
} from "../wsclient/messages.ts";
import { AgentHub } from "./acs/agent_hub.ts";
import { type AgentMessage, type AgentMessageOf, isOfType } from "./acs/agent_message.ts";
import { AgentSocket } from "./acs/agent_socket.ts";
import type { EmulatorConnection } from "./acs/emulator_connection.ts";
import { MessageSender, type PostOptions, type SendOptions } from "./acs/message_sender.ts";
import type { PostedMessage } from "./acs/outbox.ts";
import { type PendingMessage, pendingMessages } from "./acs/pending_message.ts";
import { completeMessage, textField } from "./acs/queued_message.ts";
import { Transcript, type TranscriptEntry } from "./acs/transcript.ts";
import { answerControlRequest, isControlRequest } from "./control/answer_control.ts";
import { ContainerInstances, type EmulatedContainerInstance } from "./ecs/container_instances.ts";
import { IssuedCredentials } from "./ecs/issued_credentials.ts";
import {
  type AttachNetworkInterfaceOptions,
  type AttachVolumeOptions,
  type PostedAttachment,
  type PostedTask,
  type RunTaskOptions,
  TaskControl,
} from "./ecs/task_control.ts";
import { type EmulatedTask, Tasks } from "./ecs/tasks.ts";
import { type EmulatorOptions, type ResolvedOptions, resolveOptions } from "./emulator_options.ts";
import { type Entropy, seededEntropy, SYSTEM_ENTROPY } from "./entropy.ts";
import { AckTimeoutError, EmulatorClosedError } from "./errors.ts";
import type { EmulatorEvents, EmulatorEventType, RefusedDetail } from "./events.ts";
import type { ClearFaultsOptions, Fault, InjectFaultOptions } from "./faults/fault.ts";
import { FaultInjector } from "./faults/fault_injector.ts";
import type { CountOptions, RefuseOptions, RefuseUpgradeOptions } from "./faults/fault_options.ts";
import { answerApiRequest } from "./http/discover_poll_endpoint.ts";
import { EmulatorServer } from "./http/server.ts";
import type { Refusal } from "./http/service_fault.ts";
import type { EmulatorCredentials, SignatureExpectations } from "./http/sigv4.ts";
import { answerUpgrade } from "./http/upgrade.ts";
import type { TaskRoleType } from "./samples/samples.ts";
import { Counter } from "./state/counter.ts";
import { EmulatorState } from "./state/emulator_state.ts";
import { NO_STORE } from "./state/state_store.ts";
import { waitForEvent, type WaitOptions, type WithinOptions } from "./waiting.ts";

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
  /**
   * The endpoint that DiscoverPollEndpoint answers with. By default the emulator itself, by the name
   * that the agent has asked it under.
   */
  endpoint: string | undefined;

  readonly #options: ResolvedOptions;
  readonly #server: EmulatorServer;
  readonly #instances: ContainerInstances;
  readonly #faults: FaultInjector;
  readonly #state: EmulatorState;
  readonly #entropy: Entropy;
  readonly #sequence: Counter;
  readonly #issued: IssuedCredentials;
  readonly #tasks: Tasks;
  readonly #taskControl: TaskControl;
  readonly #transcript: Transcript;
  readonly #hub: AgentHub;
  readonly #webSocketServer: WsServer<typeof AgentSocket>;
  readonly #closed = new AbortController();
  #credentials: EmulatorCredentials;
  #discoverCount = 0;
  #closing: Promise<void> | undefined;

  private constructor(options: ResolvedOptions, server: EmulatorServer, state: EmulatorState) {
    super();
    this.answerTaskStopVerification = options.answerTaskStopVerification;
    this.#options = options;
    this.#credentials = options.credentials;
    this.#state = state;
    this.#entropy = entropyFor(options.seed, state);
    this.#sequence = new Counter(state, "sequence");
    this.#instances = new ContainerInstances({
      arns: options.containerInstances,
      clusterArn: options.clusterArn,
      state,
    });
    this.#issued = new IssuedCredentials(state);
    this.#tasks = new Tasks(state);
    this.#transcript = new Transcript(options.historyLimit);
    this.#hub = new AgentHub({
      ...options,
      state,
      entropy: this.#entropy,
      sequence: () => this.#sequence.next(),
      emit: (type, detail, frame) => this.#emit(type, detail, frame),
      welcome: (connection) => this.#welcome(connection),
      stopVerification: (connection, message) => this.#onStopVerification(connection, message),
    });
    this.#taskControl = new TaskControl({
      state,
      entropy: this.#entropy,
      now: () => this.now(),
      tasks: this.#tasks,
      issued: this.#issued,
      sender: this,
      defaultInstance: () => this.#hub.find(undefined)?.containerInstanceArn,
    });
    this.#faults = new FaultInjector({
      living: () => this.#hub.living,
      told: (detail) => this.#emit("fault", detail),
    });
    this.#webSocketServer = new WebSocketServer({
      noServer: true,
      WebSocket: AgentSocket,
      maxPayload: options.maxFrameBytes,
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
   * @throws {StateFileError} If the state file cannot be used.
   * @throws The system's error when the port cannot be had.
   */
  static async listen(options: EmulatorOptions = {}): Promise<AcsEmulator> {
    const resolved = resolveOptions(options);
    const state = await openState(resolved.stateFile);
    let server: EmulatorServer | undefined;
    try {
      server = await EmulatorServer.listen(resolved);
      return new AcsEmulator(resolved, server, state);
    } catch (error) {
      await server?.close();
      state.close();
      throw error;
    }
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
    return this.#hub.outbox.size;
  }

  /** The messages that wait to be sent or acknowledged, the oldest first. */
  get pending(): readonly PendingMessage[] {
    return pendingMessages(this.#hub.outbox.pending);
  }

  /** The container instances that were registered or have connected. */
  get containerInstances(): readonly EmulatedContainerInstance[] {
    return this.#instances.all;
  }

  /** The tasks that were run by {@linkcode AcsEmulator.runTask}. */
  get tasks(): readonly EmulatedTask[] {
    return this.#tasks.all;
  }

  /** All that has happened, the newest last, without secrets. */
  get transcript(): readonly TranscriptEntry[] {
    return this.#transcript.entries;
  }

  /** The service's clock, in ms since the epoch. */
  now(): number {
    return this.#options.now() + this.#options.clockSkewMs;
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
    return this.#state.transaction(() => {
      const named = { ...message, messageId: message.messageId ?? this.#entropy.uuid() };
      this.#issued.add(named, options.containerInstanceArn);
      return super.sendCredentials(named, options);
    });
  }

  /**
   * Sends the list of all tasks that should be on the instance: by default those that were run and
   * not stopped.
   */
  override sendTaskManifest(
    message: TaskManifestMessage = {},
    options: SendOptions = {},
  ): PostedMessage {
    const instance = options.containerInstanceArn ??
      this.#hub.find(undefined)?.containerInstanceArn;
    const tasks = message.tasks ?? this.#tasks.manifest(instance) ?? [];
    return super.sendTaskManifest({ ...message, tasks }, options);
  }

  /**
   * Runs a task on a container instance, by default the one that connected last: the agent gets it in
   * a payload, its roles' credentials with it.
   *
   * @param options Where, and what the task is like.
   * @returns The payload's id, and the task's ARN.
   *
   * @example
   * ```ts
   * import { AcsEmulator } from "@acs/session/emulator";
   *
   * await using emulator = await AcsEmulator.listen();
   * const { taskArn } = emulator.runTask({ task: { family: "web" } });
   * emulator.rotateCredentials(taskArn);
   * emulator.stopTask(taskArn);
   * ```
   */
  runTask(options: RunTaskOptions = {}): PostedTask {
    return this.#taskControl.run(options);
  }

  /**
   * Stops a task: the agent gets it in a payload that wants it stopped.
   *
   * @param taskArn The ARN of a task that was run.
   * @throws {UnknownTaskError} If none was.
   */
  stopTask(taskArn: string): PostedTask {
    return this.#taskControl.stop(taskArn);
  }

  /** Attaches a network interface to a task or, when none is named, to a container instance. */
  attachNetworkInterface(options: AttachNetworkInterfaceOptions = {}): PostedAttachment {
    return this.#taskControl.attachNetworkInterface(options);
  }

  /** Attaches an EBS volume to a task. */
  attachVolume(options: AttachVolumeOptions = {}): PostedAttachment {
    return this.#taskControl.attachVolume(options);
  }

  /**
   * Renews the credentials of one of a task's roles: new keys under the same id.
   *
   * @param taskArn The ARN of a task that was run.
   * @param roleType Which role. Default `"TaskApplication"`.
   * @throws {UnknownTaskError} If none was.
   */
  rotateCredentials(taskArn: string, roleType: TaskRoleType = "TaskApplication"): PostedMessage {
    return this.#taskControl.rotate(taskArn, roleType);
  }

  /**
   * Gets something wrong: with the next requests, on the open connections, or on the next ones.
   *
   * Faults of requests hit the next request, or the `next` ones. Faults of connections hit the open
   * connections now, or with `next` that many that are established from now on.
   *
   * @param fault What goes wrong.
   * @param options Whom it hits, and how often.
   * @throws {TypeError} If it is no fault, naming the field that is unknown, missing or of the wrong
   * type.
   * @throws {RangeError} If one of its values, or `next`, is out of range.
   */
  injectFault(fault: Fault, options: InjectFaultOptions = {}): void {
    this.#faults.inject(fault, options);
  }

  /**
   * Forgets the faults that have not happened yet, and ends those that last: slowRead, fragment,
   * delay, duplicate and reorder. What these kept back is sent at once.
   *
   * @param options Whose.
   */
  clearFaults(options: ClearFaultsOptions = {}): void {
    this.#faults.clear(options);
  }

  /**
   * Closes all open connections with a close frame.
   *
   * @param code The frame's code.
   * @param reason The frame's reason, at most 123 bytes of UTF-8.
   */
  closeConnections(code = 1000, reason = "ConnectionExpired: Reconnect to continue"): void {
    this.injectFault({ at: "connection", action: "close", code, reason });
  }

  /** Ends all connections' TCP streams in order, without a close frame. */
  dropConnections(): void {
    this.injectFault({ at: "connection", action: "end" });
  }

  /** Resets all connections' TCP streams. */
  resetConnections(): void {
    this.injectFault({ at: "connection", action: "reset" });
  }

  /**
   * Neither reads from nor writes to the present connections any more, and leaves their sockets
   * open. What is not acknowledged is sent again over the next connection.
   */
  freezeConnections(): void {
    this.injectFault({ at: "connection", action: "stall" });
  }

  /** Refuses the next upgrades, whatever they are like. */
  refuseNextUpgrade({ count = 1, ...refusal }: RefuseUpgradeOptions = {}): void {
    this.injectFault({ at: "upgrade", action: "refuse", ...refusal }, { next: count });
  }

  /** Never answers the next upgrades. */
  hangNextUpgrade({ count = 1 }: CountOptions = {}): void {
    this.injectFault({ at: "upgrade", action: "hang" }, { next: count });
  }

  /** Answers the next calls of DiscoverPollEndpoint with an error, or with a body of your own. */
  failNextDiscover({ count = 1, ...refusal }: RefuseOptions = {}): void {
    this.injectFault({ at: "discover", action: "refuse", ...refusal }, { next: count });
  }

  /** Never answers the next calls of DiscoverPollEndpoint. */
  hangNextDiscover({ count = 1 }: CountOptions = {}): void {
    this.injectFault({ at: "discover", action: "hang" }, { next: count });
  }

  /**
   * Waits for an agent to be connected.
   *
   * @returns The newest open connection; at once when there is one.
   */
  async waitForConnection(options: WithinOptions = {}): Promise<EmulatorConnection> {
    return this.#hub.find(undefined) ?? await this.waitFor("connected", options);
  }

  /**
   * Waits for an agent's message.
   *
   * @param type The message's type.
   * @param options Which one, and what ends the wait.
   * @returns The first such message, also when it has come before.
   * @throws {EventTimeoutError} If none comes in time.
   */
  waitForMessage<T extends SentMessageType>(
    type: T,
    options: WaitOptions<AgentMessageOf<T>> = {},
  ): Promise<AgentMessageOf<T>> {
    const { where = () => true } = options;
    const wanted = (message: AgentMessage): message is AgentMessageOf<T> =>
      isOfType(message, type) && where(message);
    return this.#firstReceived(wanted, options);
  }

  /**
   * Expects the answer to a message: AckRequest, IAMRoleCredentialsAckRequest, NackRequest or
   * HeartbeatAckRequest.
   *
   * @param messageId The message's id.
   * @param options How long to wait for it.
   * @returns The first answer, also when it has come before.
   * @throws {AckTimeoutError} If none comes in time.
   */
  expectAck(messageId: string, options: WithinOptions = {}): Promise<AgentMessage> {
    const wanted = (message: AgentMessage): message is AgentMessage =>
      message.type !== "TaskStopVerificationMessage" && message.messageId === messageId;
    return this.#firstReceived(wanted, options, (within) => new AckTimeoutError(messageId, within));
  }

  /**
   * Waits for the next event of a type.
   *
   * @param type The event's name.
   * @param options Which one, and what ends the wait.
   * @returns The event's detail.
   * @throws {EventTimeoutError} If none comes in time.
   * @throws {EmulatorClosedError} If the emulator is closed first.
   */
  waitFor<T extends EmulatorEventType>(
    type: T,
    options: WaitOptions<EmulatorEvents[T]> = {},
  ): Promise<EmulatorEvents[T]> {
    return waitForEvent(this, type, { ...options, signal: this.#unlessClosed(options.signal) });
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
  protected override post<T extends ReceivedMessageType>(
    type: T,
    message: ReceivedMessages[T],
    { containerInstanceArn, exact = false }: PostOptions,
  ): PostedMessage {
    return this.#state.transaction(() => {
      const complete = exact ? message : completeMessage(type, message, {
        uuid: () => this.#entropy.uuid(),
        now: () => this.now(),
        sequence: () => this.#sequence.next(),
      });
      return this.#hub.post({
        type,
        messageId: textField(complete, "messageId") ?? "",
        containerInstanceArn: containerInstanceArn ?? textField(message, "containerInstanceArn"),
        message: complete,
        exact,
      });
    });
  }

  /** Sends a frame or keeps it for sending. */
  protected override postFrame(data: string | Uint8Array, options: SendOptions): void {
    const { containerInstanceArn } = options;
    this.#hub.post({ messageId: "", containerInstanceArn, data });
  }

  async #close(): Promise<void> {
    this.#closed.abort(new EmulatorClosedError("that happened"));
    this.#hub.close();
    await this.#server.close();
    this.#webSocketServer.close();
    this.#state.close();
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    if (isControlRequest(request)) {
      const { controlToken: token } = this.#options;
      void answerControlRequest(request, response, { emulator: this, url: this.url, token });
      return;
    }
    answerApiRequest(request, response, {
      takeFault: (arn) => this.#faults.takeDiscover(arn),
      expectations: () => this.#expectations(),
      endpoint: (host) => this.endpoint ?? this.#server.endpointFor(host),
      called: () => this.#discoverCount++,
      discovered: (detail) => this.#emit("discovered", detail),
      refused: (refusal) => this.#emitRefused("DiscoverPollEndpoint", refusal),
      reset: (socket) => this.#server.reset(socket),
    }).catch((error: unknown) => {
      // An agent that goes away before it is answered needs no answer.
      if (error !== request.errored) throw error;
    });
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    return answerUpgrade(request, socket, {
      takeFault: (arn) => this.#faults.takeUpgrade(arn),
      expectations: () => this.#expectations(),
      instances: this.#instances,
      exceptionForm: this.#options.exceptionForm,
      refused: (refusal) => this.#emitRefused("upgrade", refusal),
      reset: (socket) => this.#server.reset(socket),
      admitted: (query) =>
        this.#webSocketServer.handleUpgrade(request, socket, head, (webSocket) => {
          this.#hub.connect({
            webSocket,
            socket,
            query,
            reset: () => this.#server.reset(socket),
            faults: this.#faults.takeConnection(query.containerInstanceArn),
            faulted: ({ id, containerInstanceArn }, fault) =>
              this.#emit("fault", { fault, containerInstanceArn, connectionId: id }),
          });
        }),
    });
  }

  #onStopVerification(
    { containerInstanceArn }: EmulatorConnection,
    { messageId, stopCandidates }: TaskStopVerificationMessage,
  ): void {
    if (!this.answerTaskStopVerification) return;
    this.sendTaskStopVerificationAck(
      { messageId: messageId ?? null, stopTasks: this.#tasks.stoppable(stopCandidates ?? []) },
      { containerInstanceArn },
    );
  }

  /** What the service tells an agent that has just connected. */
  #welcome(connection: EmulatorConnection): void {
    this.#state.transaction(() => {
      this.#instances.connected(connection.containerInstanceArn);
      this.#sendIssued(connection);
      this.#sendManifest(connection);
    });
  }

  /** An agent that lost its credentials gets all that are in force, unless they are on their way. */
  #sendIssued({ containerInstanceArn, query }: EmulatorConnection): void {
    if (!query.sendCredentials) return;
    for (const message of this.#issued.all(containerInstanceArn)) {
      if (this.#hub.outbox.has(message.messageId)) continue;
      const messageId = this.#entropy.uuid();
      this.sendCredentials({ ...message, messageId }, { containerInstanceArn });
    }
  }

  /** An instance that tasks were run on learns which of them should still be there. */
  #sendManifest({ containerInstanceArn }: EmulatorConnection): void {
    if (this.#tasks.manifest(containerInstanceArn) === undefined) return;
    const waiting = this.#hub.outbox.pending.some((queued) =>
      queued.type === "TaskManifestMessage" && queued.containerInstanceArn === containerInstanceArn
    );
    if (!waiting) this.sendTaskManifest({}, { containerInstanceArn });
  }

  #expectations(): SignatureExpectations {
    return { credentials: this.#credentials, region: this.#options.region, now: this.now() };
  }

  async #firstReceived<T extends AgentMessage>(
    wanted: (message: AgentMessage) => message is T,
    { within, signal }: WithinOptions,
    onExpired?: (within: number) => Error,
  ): Promise<T> {
    for (;;) {
      const found = this.#hub.received.find(wanted);
      if (found !== undefined) return found;
      const options = { where: wanted, within, signal: this.#unlessClosed(signal) };
      await waitForEvent(this, "received", options, onExpired);
    }
  }

  #unlessClosed(signal: AbortSignal | undefined): AbortSignal {
    const closed = this.#closed.signal;
    return signal === undefined ? closed : AbortSignal.any([closed, signal]);
  }

  #emit<T extends EmulatorEventType>(
    type: T,
    detail: EmulatorEvents[T],
    frame?: string | Uint8Array,
  ): void {
    this.#transcript.record(type, detail, this.#options.now(), frame);
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #emitRefused(request: RefusedDetail["request"], refusal: Refusal): void {
    this.#emit("refused", { request, ...refusal });
  }
}

/** Loads the database only for those who want it. */
async function openState(path: string | undefined): Promise<EmulatorState> {
  if (path === undefined) return new EmulatorState(NO_STORE);
  const { openSqliteStore } = await import("./state/sqlite_store.ts");
  return new EmulatorState(openSqliteStore(path));
}

function entropyFor(seed: number | undefined, state: EmulatorState): Entropy {
  if (seed === undefined) return SYSTEM_ENTROPY;
  const made = new Counter(state, "made");
  return seededEntropy(seed, () => made.next());
}
