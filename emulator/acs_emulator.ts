/**
 * A local stand-in for the two services an ECS agent talks to: the ECS API, as far as
 * `DiscoverPollEndpoint`, and the Agent Communication Service (ACS).
 *
 * @module
 */

import type {
  IAMRoleCredentialsMessage,
  ReceivedMessages,
  ReceivedMessageType,
  SentMessageType,
  TaskManifestMessage,
} from "../protocol/messages.ts";
import { type AgentMessage, type AgentMessageOf, isOfType } from "./acs/agent_message.ts";
import type { EmulatorConnection } from "./acs/emulator_connection.ts";
import { MessageSender, type PostOptions, type SendOptions } from "./acs/message_sender.ts";
import type { PostedMessage } from "./acs/outbox.ts";
import { type PendingMessage, pendingMessages } from "./acs/pending_message.ts";
import type { TranscriptEntry } from "./acs/transcript.ts";
import { answerControlRequest, isControlRequest } from "./control/answer_control.ts";
import type { EmulatedContainerInstance } from "./ecs/container_instances.ts";
import type {
  AttachNetworkInterfaceOptions,
  AttachVolumeOptions,
  PostedAttachment,
  PostedTask,
  RunTaskOptions,
} from "./ecs/task_control.ts";
import type { EmulatedTask } from "./ecs/tasks.ts";
import { type EmulatorOptions, type ResolvedOptions, resolveOptions } from "./emulator_options.ts";
import { EmulatorService } from "./emulator_service.ts";
import { AckTimeoutError, EmulatorClosedError, MessageNackedError } from "./errors.ts";
import type { EmulatorEvents, EmulatorEventType } from "./events.ts";
import type { ClearFaultsOptions, Fault, InjectFaultOptions } from "./faults/fault.ts";
import type { CountOptions, RefuseOptions, RefuseUpgradeOptions } from "./faults/fault_options.ts";
import { Endpoints } from "./http/endpoints.ts";
import { EmulatorServer } from "./http/server.ts";
import type { EmulatorCredentials } from "./http/sigv4.ts";
import type { TaskRoleType } from "./samples/samples.ts";
import { EmulatorState } from "./state/emulator_state.ts";
import { prepareStateFile } from "./state/state_file.ts";
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
  readonly #server: EmulatorServer;
  readonly #service: EmulatorService;
  readonly #endpoints: Endpoints;
  readonly #publicUrl: string | undefined;
  readonly #closed = new AbortController();
  #closing: Promise<void> | undefined;

  private constructor(options: ResolvedOptions, server: EmulatorServer, state: EmulatorState) {
    super();
    this.#server = server;
    this.#publicUrl = options.publicUrl?.href.replace(/\/$/, "");
    this.#service = new EmulatorService(
      options,
      state,
      (type, detail) => this.dispatchEvent(new CustomEvent(type, { detail })),
    );
    this.#endpoints = new Endpoints({ server, service: this.#service, options });
    const access = { url: server.url, token: options.controlToken };
    server.serve({
      upgrade: this.#endpoints.upgrade,
      request: (request, response) => {
        if (!isControlRequest(request)) return this.#endpoints.request(request, response);
        void answerControlRequest(request, response, { emulator: this, ...access });
      },
    });
  }

  /**
   * Starts an emulator.
   *
   * @param options Its options; all have defaults.
   * @returns The emulator, listening.
   * @throws {RangeError} If an option is out of range.
   * @throws {StateFileError} If the state file cannot be used; one that is not the emulator's is left
   * as it is.
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

  /**
   * Whether a TaskStopVerificationMessage is answered at once, with those of its candidates that
   * should not run. It can be switched at any time.
   */
  get answerTaskStopVerification(): boolean {
    return this.#service.answerTaskStopVerification;
  }
  set answerTaskStopVerification(answer: boolean) {
    this.#service.answerTaskStopVerification = answer;
  }

  /**
   * The endpoint that DiscoverPollEndpoint answers with. By default the option `publicUrl`, else the
   * emulator itself, under the name that the agent used in its request. It can be set at any time.
   */
  get endpoint(): string | undefined {
    return this.#service.endpoint;
  }
  set endpoint(endpoint: string | undefined) {
    this.#service.endpoint = endpoint;
  }

  /** The URL of the ECS API: an agent's `AWS_ENDPOINT_URL_ECS`. */
  get url(): string {
    return this.#server.url;
  }

  /**
   * The URL of the ECS API as agents reach it: the option `publicUrl`, without a slash at its end, or
   * {@linkcode AcsEmulator.url}.
   */
  get publicUrl(): string {
    return this.#publicUrl ?? this.#server.url;
  }

  /** All connections so far, the newest last. */
  get connections(): readonly EmulatorConnection[] {
    return this.#service.hub.connections;
  }

  /** All that agents have sent so far, the newest last. */
  get received(): readonly AgentMessage[] {
    return this.#service.hub.received;
  }

  /** How often DiscoverPollEndpoint was called, whatever the answer. */
  get discoverCount(): number {
    return this.#service.discoverCount;
  }

  /** How many messages wait to be sent or acknowledged. */
  get pendingCount(): number {
    return this.#service.hub.outbox.size;
  }

  /** The messages that wait to be sent or acknowledged, the oldest first. */
  get pending(): readonly PendingMessage[] {
    return pendingMessages(this.#service.hub.outbox.pending);
  }

  /** The container instances that were registered or have connected. */
  get containerInstances(): readonly EmulatedContainerInstance[] {
    return this.#service.instances.all;
  }

  /** The tasks that were run by {@linkcode AcsEmulator.runTask}. */
  get tasks(): readonly EmulatedTask[] {
    return this.#service.tasks.all;
  }

  /** All that has happened, the newest last, without secrets. */
  get transcript(): readonly TranscriptEntry[] {
    return this.#service.transcript.entries;
  }

  /** The service's clock, in ms since the epoch. */
  now(): number {
    return this.#service.now();
  }

  /** Makes a container instance known and active. */
  registerContainerInstance(arn: string): void {
    this.#service.instances.register(arn);
  }

  /**
   * Makes a container instance inactive: its next upgrade is refused with
   * InactiveInstanceException, and no task can be run on it. An open connection stays open.
   */
  deregisterContainerInstance(arn: string): void {
    this.#service.instances.deregister(arn);
  }

  /** Accepts only these credentials from now on. */
  acceptCredentials(credentials: EmulatorCredentials): void {
    this.#service.credentials = credentials;
  }

  /**
   * Issues credentials without sending them: only agents that ask for all credentials when they
   * connect get them. Those given to {@linkcode AcsEmulator.sendCredentials} are issued, too. Those of
   * a task belong to the task's container instance, others to the first that gets them.
   */
  issueCredentials(message: IAMRoleCredentialsMessage, options: SendOptions = {}): void {
    this.#service.issueCredentials(message, options);
  }

  /** Sends fresh credentials of one task's role. */
  override sendCredentials(
    message: IAMRoleCredentialsMessage,
    options: SendOptions = {},
  ): PostedMessage {
    return this.#service.sendCredentials(message, options);
  }

  /**
   * Sends the list of all tasks that should be on the instance: by default those that were run and
   * not stopped.
   */
  override sendTaskManifest(
    message: TaskManifestMessage = {},
    options: SendOptions = {},
  ): PostedMessage {
    return this.#service.sendTaskManifest(message, options);
  }

  /**
   * Runs a task on a container instance, by default the one that connected last: the agent gets it in
   * a payload, its roles' credentials with it.
   *
   * While none is connected, the task waits for the first one that connects, and is that one's from
   * then on.
   *
   * @param options Where, and what the task is like.
   * @returns The payload's id, the task's ARN, and whether the task waits for a container instance.
   * @throws {InactiveInstanceError} If the container instance is deregistered.
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
    return this.#service.taskControl.run(options);
  }

  /**
   * Stops a task: the agent gets it in a payload that wants it stopped.
   *
   * @param taskArn The ARN of a task that was run.
   * @throws {UnknownTaskError} If none was.
   */
  stopTask(taskArn: string): PostedTask {
    return this.#service.taskControl.stop(taskArn);
  }

  /** Attaches a network interface to a task or, when none is named, to a container instance. */
  attachNetworkInterface(options: AttachNetworkInterfaceOptions = {}): PostedAttachment {
    return this.#service.taskControl.attachNetworkInterface(options);
  }

  /** Attaches an EBS volume to a task. */
  attachVolume(options: AttachVolumeOptions = {}): PostedAttachment {
    return this.#service.taskControl.attachVolume(options);
  }

  /**
   * Renews the credentials of one of a task's roles: new keys under the same id.
   *
   * @param taskArn The ARN of a task that was run.
   * @param roleType Which role. Default `"TaskApplication"`.
   * @throws {UnknownTaskError} If none was.
   */
  rotateCredentials(taskArn: string, roleType: TaskRoleType = "TaskApplication"): PostedMessage {
    return this.#service.taskControl.rotate(taskArn, roleType);
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
    this.#service.faults.inject(fault, options);
  }

  /**
   * Forgets the faults that have not happened yet, and ends those that last: slowRead, fragment,
   * delay, duplicate and reorder. What these kept back is sent at once.
   *
   * @param options Whose.
   */
  clearFaults(options: ClearFaultsOptions = {}): void {
    this.#service.faults.clear(options);
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
    return this.#service.hub.find(undefined) ?? await this.waitFor("connected", options);
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
   * Expects a message to be acknowledged, by the type of answer that acknowledges it: AckRequest,
   * IAMRoleCredentialsAckRequest for credentials, HeartbeatAckRequest for a heartbeat. What does not
   * fit the message, such as an answer with another `cluster`, does not count.
   *
   * @param messageId The message's id.
   * @param options How long to wait for it.
   * @returns The acknowledgement, also when it has come before.
   * @throws {AckTimeoutError} If none comes in time.
   * @throws {MessageNackedError} If the agent refuses the message with a NackRequest.
   */
  async expectAck(messageId: string, options: WithinOptions = {}): Promise<AgentMessage> {
    const wanted = (message: AgentMessage): message is AgentMessage =>
      message.answers && message.messageId === messageId;
    const answer = await this.#firstReceived(
      wanted,
      options,
      (within) => new AckTimeoutError(messageId, within),
    );
    if (answer.type !== "NackRequest") return answer;
    throw new MessageNackedError(messageId, answer.message.reason ?? "");
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
    return waitForEvent(this, type, { ...options, closed: this.#closed.signal });
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
    options: PostOptions,
  ): PostedMessage {
    return this.#service.post(type, message, options);
  }

  /** Sends a frame or keeps it for sending. */
  protected override postFrame(data: string | Uint8Array, options: SendOptions): void {
    this.#service.postFrame(data, options);
  }

  async #close(): Promise<void> {
    this.#closed.abort(new EmulatorClosedError("that happened"));
    this.#service.endConnections();
    await this.#server.close();
    this.#endpoints.close();
    this.#service.close();
  }

  async #firstReceived<T extends AgentMessage>(
    wanted: (message: AgentMessage) => message is T,
    { within, signal }: WithinOptions,
    onExpired?: (within: number) => Error,
  ): Promise<T> {
    for (;;) {
      const found = this.#service.hub.received.find(wanted);
      if (found !== undefined) return found;
      const { signal: closed } = this.#closed;
      await waitForEvent(this, "received", { where: wanted, within, signal, closed, onExpired });
    }
  }
}

/** Loads the database only for those who want it. */
async function openState(path: string | undefined): Promise<EmulatorState> {
  if (path === undefined) return new EmulatorState(NO_STORE);
  prepareStateFile(path);
  const { openSqliteStore } = await import("./state/sqlite_store.ts");
  return new EmulatorState(openSqliteStore(path));
}
