/**
 * A local stand-in for the two services an ECS agent talks to: `DiscoverPollEndpoint` of the ECS
 * API, and the Agent Communication Service (ACS).
 *
 * @module
 */

import { CONNECTION_EXPIRED } from "../protocol/close.ts";
import type {
  AttachInstanceNetworkInterfacesMessage,
  AttachTaskNetworkInterfacesMessage,
  CloseMessage,
  ConfirmAttachmentMessage,
  ErrorMessage,
  HeartbeatMessage,
  IAMRoleCredentialsMessage,
  PayloadMessage,
  PerformUpdateMessage,
  ReceivedMessages,
  ReceivedMessageType,
  SentMessageType,
  StageUpdateMessage,
  TaskManifestMessage,
  TaskStopVerificationAck,
} from "../protocol/messages.ts";
import type { ListenOptions } from "../internal/typed_event_target.ts";
import type { AgentMessage, AgentMessageOf } from "./acs/agent_message.ts";
import type { EmulatorConnection } from "./acs/emulator_connection.ts";
import type { PostedMessage } from "./acs/outbox.ts";
import { type PendingMessage, pendingMessages } from "./acs/pending_message.ts";
import type { SendOptions } from "./acs/send_options.ts";
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
import type { EmulatorEventListener, EmulatorEvents, EmulatorEventType } from "./events.ts";
import type { ClearFaultsOptions, Fault, InjectFaultOptions } from "./faults/fault.ts";
import type { NextOptions, RefuseOptions, RefuseUpgradeOptions } from "./faults/fault_options.ts";
import { Endpoints } from "./http/endpoints.ts";
import { EmulatorServer } from "./http/server.ts";
import type { EmulatorCredentials } from "./http/sigv4.ts";
import { type SampleTrafficOptions, sendSampleTraffic } from "./samples/sample_traffic.ts";
import type { TaskRoleType } from "./samples/samples.ts";
import { playScenario } from "./scenario/play_scenario.ts";
import type { PlayOptions, Scenario, ScenarioReport } from "./scenario/scenario.ts";
import { sendExactly, sendMessage } from "./send_message.ts";
import { EmulatorState } from "./state/emulator_state.ts";
import { prepareStateFile } from "./state/state_file.ts";
import { NO_STORE } from "./state/state_store.ts";
import {
  expectAck,
  waitForConnection,
  waitForEvent,
  waitForMessage,
  type WaitOptions,
  type WithinOptions,
} from "./waiting.ts";

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
export class AcsEmulator implements AsyncDisposable {
  readonly #server: EmulatorServer;
  readonly #service: EmulatorService;
  readonly #endpoints: Endpoints;
  readonly #publicUrl: string | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: ResolvedOptions, server: EmulatorServer, state: EmulatorState) {
    const { url } = server;
    const service = new EmulatorService({ options, state, url });
    this.#server = server;
    this.#service = service;
    this.#publicUrl = options.publicUrl?.href.replace(/\/$/, "");
    this.#endpoints = new Endpoints({ server, service, options });
    server.serve({
      upgrade: this.#endpoints.upgrade,
      request: (request, response) => {
        if (!isControlRequest(request)) return this.#endpoints.request(request, response);
        const token = options.controlToken;
        void answerControlRequest(request, response, { service, url, token });
      },
    });
  }

  /**
   * Starts an emulator.
   *
   * @param options Its options; all have defaults.
   * @returns The emulator, listening.
   * @throws {RangeError} If an option is out of range.
   * @throws {StateFileError} If the state file cannot be used; another program's file is not
   * modified.
   * @throws The system's error if the port is not available.
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
   * Whether a TaskStopVerificationMessage is answered immediately, with the candidates that should
   * not run. It can be changed at any time.
   */
  get answerTaskStopVerification(): boolean {
    return this.#service.answerTaskStopVerification;
  }
  set answerTaskStopVerification(answer: boolean) {
    this.#service.answerTaskStopVerification = answer;
  }

  /**
   * The endpoint that DiscoverPollEndpoint returns: by default the option `publicUrl`, else the
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
   * The URL of the ECS API as agents reach it: the option `publicUrl`, without a slash at its end,
   * or {@linkcode AcsEmulator.url}.
   */
  get publicUrl(): string {
    return this.#publicUrl ?? this.#server.url;
  }

  /** All connections, the newest last. */
  get connections(): readonly EmulatorConnection[] {
    return this.#service.hub.connections;
  }

  /** All messages from agents, the newest last. */
  get received(): readonly AgentMessage[] {
    return this.#service.hub.received;
  }

  /** Number of DiscoverPollEndpoint calls, including refused ones. */
  get discoverCount(): number {
    return this.#service.discoverCount;
  }

  /** Number of messages that wait to be sent or acknowledged. */
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

  /** All events, the newest last, without secrets. */
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
   * connect get them. Credentials passed to {@linkcode AcsEmulator.sendCredentials} are issued,
   * too. Credentials of a task belong to the task's container instance, others to the first
   * instance that gets them.
   */
  issueCredentials(message: IAMRoleCredentialsMessage, options: SendOptions = {}): void {
    this.#service.issueCredentials(message, options);
  }

  /** Sends a heartbeat, in addition to the regular ones. It is not resent. */
  sendHeartbeat(message: HeartbeatMessage = {}, options: SendOptions = {}): PostedMessage {
    return sendMessage(this.#service, "HeartbeatMessage", message, options);
  }

  /** Sends tasks. */
  sendPayload(message: PayloadMessage, options: SendOptions = {}): PostedMessage {
    return sendMessage(this.#service, "PayloadMessage", message, options);
  }

  /** Sends fresh credentials of one task's role. */
  sendCredentials(message: IAMRoleCredentialsMessage, options: SendOptions = {}): PostedMessage {
    return sendMessage(this.#service, "IAMRoleCredentialsMessage", message, options);
  }

  /** Announces network interfaces of a task. */
  attachTaskNetworkInterfaces(
    message: AttachTaskNetworkInterfacesMessage,
    options: SendOptions = {},
  ): PostedMessage {
    return sendMessage(this.#service, "AttachTaskNetworkInterfacesMessage", message, options);
  }

  /** Announces network interfaces of the container instance. */
  attachInstanceNetworkInterfaces(
    message: AttachInstanceNetworkInterfacesMessage,
    options: SendOptions = {},
  ): PostedMessage {
    return sendMessage(this.#service, "AttachInstanceNetworkInterfacesMessage", message, options);
  }

  /** Announces another resource, such as a volume. */
  confirmAttachment(message: ConfirmAttachmentMessage, options: SendOptions = {}): PostedMessage {
    return sendMessage(this.#service, "ConfirmAttachmentMessage", message, options);
  }

  /**
   * Sends the list of all tasks that should be on the instance: by default those that were run and
   * not stopped.
   *
   * Agents discard a manifest that is not newer than the last one, so each gets a new `timeline`,
   * unless the message has one.
   */
  sendTaskManifest(
    message: TaskManifestMessage = {},
    options: SendOptions = {},
  ): PostedMessage {
    return sendMessage(this.#service, "TaskManifestMessage", message, options);
  }

  /** Lists the tasks that the agent may stop. `messageId` is the manifest's. */
  sendTaskStopVerificationAck(message: TaskStopVerificationAck, options: SendOptions = {}): void {
    sendMessage(this.#service, "TaskStopVerificationAck", message, options);
  }

  /** Asks the agent to download a new version of itself. */
  sendStageUpdate(message: StageUpdateMessage, options: SendOptions = {}): PostedMessage {
    return sendMessage(this.#service, "StageUpdateMessage", message, options);
  }

  /** Asks the agent to switch to the version it downloaded. */
  sendPerformUpdate(message: PerformUpdateMessage, options: SendOptions = {}): PostedMessage {
    return sendMessage(this.#service, "PerformUpdateMessage", message, options);
  }

  /** Reports an error to the agent. */
  sendError(message: ErrorMessage, options: SendOptions = {}): void {
    sendMessage(this.#service, "ErrorMessage", message, options);
  }

  /** Announces that the agent's connection is about to be closed. Does not close it. */
  sendClose(message: CloseMessage = {}, options: SendOptions = {}): void {
    sendMessage(this.#service, "CloseMessage", message, options);
  }

  /**
   * Sends a message unchanged, complete or not.
   *
   * @returns The handle; its `acked` never settles for a type that agents do not answer.
   */
  send<T extends ReceivedMessageType>(
    type: T,
    message: ReceivedMessages[T],
    options: SendOptions = {},
  ): PostedMessage {
    return sendExactly(this.#service, type, message, options);
  }

  /**
   * Sends one frame of any content: text as a text frame, bytes as a binary one.
   *
   * @param data The frame's content.
   * @param options Where it goes.
   */
  sendRaw(data: string | Uint8Array, options: SendOptions = {}): void {
    this.#service.postFrame(data, options);
  }

  /**
   * Runs a task on a container instance, by default the one that connected last: the agent gets it
   * in a payload, with the credentials of its roles.
   *
   * While none is connected, the task waits for the first one that connects, and then belongs to
   * it.
   *
   * @param options The container instance, and the fields of the task.
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
   * Stops a task by sending it in a payload with `desiredStatus` STOPPED.
   *
   * @param taskArn The ARN of a task that was run.
   * @throws {UnknownTaskError} If there is no such task.
   */
  stopTask(taskArn: string): PostedTask {
    return this.#service.taskControl.stop(taskArn);
  }

  /** Attaches a network interface to a task or, by default, to a container instance. */
  attachNetworkInterface(options: AttachNetworkInterfaceOptions = {}): PostedAttachment {
    return this.#service.taskControl.attachNetworkInterface(options);
  }

  /** Attaches an EBS volume to a task. */
  attachVolume(options: AttachVolumeOptions = {}): PostedAttachment {
    return this.#service.taskControl.attachVolume(options);
  }

  /**
   * Rotates the credentials of one of a task's roles: new keys under the same id.
   *
   * @param taskArn The ARN of a task that was run.
   * @param roleType Which role. Default `"TaskApplication"`.
   * @throws {UnknownTaskError} If there is no such task.
   */
  rotateCredentials(taskArn: string, roleType?: TaskRoleType): PostedMessage {
    return this.#service.taskControl.rotate(taskArn, roleType);
  }

  /**
   * Injects a fault into the next requests, the open connections, or the next connections.
   *
   * A request fault hits the next request, or the next `next` requests. A connection fault hits the
   * open connections now or, with `next`, the next `next` connections.
   *
   * @param fault The fault.
   * @param options Which instance it hits, and how often.
   * @throws {TypeError} If it is not a fault, naming the field that is unknown, missing or of the
   * wrong type.
   * @throws {RangeError} If one of its values, or `next`, is out of range.
   */
  injectFault(fault: Fault, options: InjectFaultOptions = {}): void {
    this.#service.faults.inject(fault, options);
  }

  /**
   * Cancels pending faults, and ends lasting ones: slowRead, fragment, delay, duplicate and
   * reorder. Messages that these held back are sent immediately.
   *
   * @param options Which instance's; by default all.
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
  closeConnections(code = 1000, reason = CONNECTION_EXPIRED): void {
    this.injectFault({ at: "connection", action: "close", code, reason });
  }

  /** Ends the TCP streams of all connections (FIN), without a close frame. */
  endConnections(): void {
    this.injectFault({ at: "connection", action: "end" });
  }

  /** Resets the TCP streams of all connections (RST). */
  resetConnections(): void {
    this.injectFault({ at: "connection", action: "reset" });
  }

  /**
   * Stops reading from and writing to all connections, and leaves their sockets open.
   * Unacknowledged messages are resent over the next connection.
   */
  stallConnections(): void {
    this.injectFault({ at: "connection", action: "stall" });
  }

  /** Refuses the next upgrades, valid or not. */
  refuseNextUpgrade({ next = 1, ...refusal }: RefuseUpgradeOptions = {}): void {
    this.injectFault({ at: "upgrade", action: "refuse", ...refusal }, { next });
  }

  /** Never answers the next upgrades. */
  hangNextUpgrade({ next = 1, ...rest }: NextOptions = {}): void {
    this.injectFault({ at: "upgrade", action: "hang", ...rest }, { next });
  }

  /** Answers the next calls of DiscoverPollEndpoint with an error, or with a given body. */
  refuseNextDiscover({ next = 1, ...refusal }: RefuseOptions = {}): void {
    this.injectFault({ at: "discover", action: "refuse", ...refusal }, { next });
  }

  /** Never answers the next calls of DiscoverPollEndpoint. */
  hangNextDiscover({ next = 1, ...rest }: NextOptions = {}): void {
    this.injectFault({ at: "discover", action: "hang", ...rest }, { next });
  }

  /**
   * Waits for an agent to be connected.
   *
   * @returns The newest open connection; immediately if there is one.
   */
  waitForConnection(options: WithinOptions = {}): Promise<EmulatorConnection> {
    return waitForConnection(this.#service, options);
  }

  /**
   * Waits for an agent's message.
   *
   * @param type The message's type.
   * @param options Which one, and the end of the wait.
   * @returns The first such message, even if it arrived before the call.
   * @throws {EventTimeoutError} If none comes in time.
   */
  waitForMessage<T extends SentMessageType>(
    type: T,
    options: WaitOptions<AgentMessageOf<T>> = {},
  ): Promise<AgentMessageOf<T>> {
    return waitForMessage(this.#service, type, options);
  }

  /**
   * Waits for the acknowledgement of a message, of the type that fits it: AckRequest,
   * IAMRoleCredentialsAckRequest for credentials, HeartbeatAckRequest for a heartbeat. An answer
   * that does not fit the message, for example with another `cluster`, does not count.
   *
   * @param messageId The message's id.
   * @param options How long to wait for it.
   * @returns The acknowledgement, even if it arrived before the call.
   * @throws {AckTimeoutError} If none comes in time.
   * @throws {MessageNackedError} If the agent refuses the message with a NackRequest.
   */
  expectAck(messageId: string, options: WithinOptions = {}): Promise<AgentMessage> {
    return expectAck(this.#service, messageId, options);
  }

  /**
   * Waits for the next event of a type.
   *
   * @param type The event's name.
   * @param options Which one, and the end of the wait.
   * @returns The event's detail.
   * @throws {EventTimeoutError} If none comes in time.
   * @throws {EmulatorClosedError} If the emulator is closed first.
   */
  waitFor<T extends EmulatorEventType>(
    type: T,
    options: WaitOptions<EmulatorEvents[T]> = {},
  ): Promise<EmulatorEvents[T]> {
    return waitForEvent(this.#service, type, options);
  }

  /**
   * Listens to an event.
   *
   * @param type The event's name.
   * @param listener Called with each event; `detail` says what happened. An error that it throws is
   * logged and does no harm.
   * @param options How long to listen.
   */
  addEventListener<T extends EmulatorEventType>(
    type: T,
    listener: EmulatorEventListener<T>,
    options?: ListenOptions,
  ): void {
    this.#service.events.addEventListener(type, listener, options);
  }

  /** Stops listening to an event. */
  removeEventListener<T extends EmulatorEventType>(
    type: T,
    listener: EmulatorEventListener<T>,
  ): void {
    this.#service.events.removeEventListener(type, listener);
  }

  /**
   * Plays a scenario against the agents that connect. The report says what went wrong; the first
   * step that fails ends the scenario.
   *
   * @param scenario The scenario. Its own `emulator` options are for
   * {@linkcode AcsEmulator.listen}.
   * @param options What ends it early, and the callback for each step.
   * @returns The report.
   * @throws {ScenarioError} If the scenario cannot be played at all.
   *
   * @example
   * ```ts
   * import { AcsEmulator, type Scenario } from "@acs/session/emulator";
   *
   * const scenario: Scenario = {
   *   emulator: { heartbeatIntervalMs: 1_000 },
   *   timeoutMs: 100,
   *   steps: [
   *     { expect: "connected" },
   *     { do: "run-task", as: "web" },
   *     { expect: "ack", messageId: "$web.messageId", within: 5_000 },
   *   ],
   * };
   * await using emulator = await AcsEmulator.listen(scenario.emulator);
   * // Start your agent here; without one the first step fails.
   * const report = await emulator.playScenario(scenario);
   * for (const { title, outcome, error } of report.steps) console.log(outcome, title, error ?? "");
   * ```
   */
  playScenario(scenario: Scenario, options: PlayOptions = {}): Promise<ScenarioReport> {
    return playScenario(this.#service, scenario, options);
  }

  /**
   * Sends sample messages, one after the other, until the signal aborts: something to see without
   * writing a test. The first one is sent as soon as an agent is connected; while none is, nothing
   * is sent.
   *
   * @param options The pace, the messages and the end.
   * @returns When the signal has aborted.
   * @throws {EmulatorClosedError} If the emulator is closed first.
   *
   * @example
   * ```ts
   * import { AcsEmulator } from "@acs/session/emulator";
   *
   * await using emulator = await AcsEmulator.listen();
   * await emulator.sendSampleTraffic({ signal: AbortSignal.timeout(100) });
   * ```
   */
  sendSampleTraffic(options: SampleTrafficOptions): Promise<void> {
    return sendSampleTraffic(this.#service, options);
  }

  /** Stops listening, ends all connections, and rejects all waits. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The same as {@linkcode AcsEmulator.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#service.stop();
    await this.#server.close();
    this.#endpoints.close();
    this.#service.close();
  }
}

/** Opens the state file; the database is loaded only if there is one. */
async function openState(path: string | undefined): Promise<EmulatorState> {
  if (path === undefined) return new EmulatorState(NO_STORE);
  prepareStateFile(path);
  const { openSqliteStore } = await import("./state/sqlite_store.ts");
  return new EmulatorState(openSqliteStore(path));
}
