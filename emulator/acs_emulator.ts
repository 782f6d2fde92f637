/**
 * A local stand-in for the two services an ECS agent talks to: `DiscoverPollEndpoint` of the ECS
 * API, and the Agent Communication Service (ACS).
 *
 * @module
 */

import type { ListenOptions } from "../internal/typed_event_target.ts";
import type { AgentMessage } from "./acs/agent_message.ts";
import type { EmulatorConnection } from "./acs/emulator_connection.ts";
import { type PendingMessage, pendingMessages } from "./acs/pending_message.ts";
import type { TranscriptEntry } from "./acs/transcript.ts";
import type { ApiOperation } from "./api/api_operation.ts";
import type { EmulatedContainerInstance } from "./ecs/container_instances.ts";
import type { EmulatedTask } from "./ecs/tasks.ts";
import type { EmulatorOptions } from "./emulator_options.ts";
import type { EmulatorEventListener, EmulatorEventType } from "./events.ts";
import type { EmulatorCredentials } from "./emulator_credentials.ts";
import { type FaultMethods, faultMethods } from "./methods/fault_methods.ts";
import { type MessageMethods, messageMethods } from "./methods/message_methods.ts";
import { type ScenarioMethods, scenarioMethods } from "./methods/scenario_methods.ts";
import { type TaskMethods, taskMethods } from "./methods/task_methods.ts";
import { type WaitMethods, waitMethods } from "./methods/wait_methods.ts";
import { type ResolvedOptions, resolveOptions } from "./resolve_options.ts";
import { type RunningService, startService } from "./start_service.ts";
import type { TelemetryCounts } from "./tcs/telemetry_hub.ts";

/**
 * The emulator: one port for both services. {@linkcode AcsEmulatorFactory.listen} starts one.
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
export interface AcsEmulator
  extends MessageMethods, TaskMethods, FaultMethods, WaitMethods, ScenarioMethods, AsyncDisposable {
  /**
   * Whether a TaskStopVerificationMessage is answered immediately, with the candidates that should
   * not run. It can be changed at any time.
   */
  answerTaskStopVerification: boolean;

  /**
   * The endpoint that DiscoverPollEndpoint returns: by default the option `publicUrl`, else the
   * emulator itself, under the name that the agent used in its request. A path such as `/two/` is
   * served by the emulator, too. It can be changed at any time.
   */
  endpoint: string | undefined;

  /** The URL of the ECS API: an agent's `AWS_ENDPOINT_URL_ECS`. */
  readonly url: string;

  /**
   * The URL of the ECS API as agents reach it: the option `publicUrl`, without a slash at its end,
   * or {@linkcode AcsEmulator.url}.
   */
  readonly publicUrl: string;

  /** All connections, the newest last. */
  readonly connections: readonly EmulatorConnection[];

  /** All messages from agents, the newest last. */
  readonly received: readonly AgentMessage[];

  /** Number of DiscoverPollEndpoint calls, including refused ones. */
  readonly discoverCount: number;

  /** Number of messages that wait to be sent or acknowledged. */
  readonly pendingCount: number;

  /** The messages that wait to be sent or acknowledged, the oldest first. */
  readonly pending: readonly PendingMessage[];

  /** The container instances that were registered or have connected. */
  readonly containerInstances: readonly EmulatedContainerInstance[];

  /** The tasks that were run by {@linkcode TaskMethods.runTask}. */
  readonly tasks: readonly EmulatedTask[];

  /** All events, the newest last, without secrets. */
  readonly transcript: readonly TranscriptEntry[];

  /** The service's clock, in ms since the epoch. */
  now(): number;

  /** Makes a container instance known and active. */
  registerContainerInstance(arn: string): void;

  /**
   * Makes a container instance inactive: its next upgrade is refused with
   * InactiveInstanceException, and no task can be run on it. An open connection stays open.
   */
  deregisterContainerInstance(arn: string): void;

  /**
   * Calls an operation of the ECS API, as an AWS SDK would over HTTP.
   *
   * @param operation The operation's name.
   * @param input The operation's input.
   * @returns Its answer: times are in seconds since the epoch.
   * @throws {EcsApiError} If the call is refused.
   *
   * @example
   * ```ts
   * import { AcsEmulator } from "@acs/session/emulator";
   *
   * await using emulator = await AcsEmulator.listen();
   * emulator.callApi("CreateCluster", { clusterName: "test" });
   * ```
   */
  callApi(operation: ApiOperation, input?: Readonly<Record<string, unknown>>): object;

  /** Number of telemetry frames that were accepted, by the types of their messages. */
  readonly telemetryCounts: TelemetryCounts;

  /** Makes the emulator accept only these credentials. */
  acceptCredentials(credentials: EmulatorCredentials): void;

  /**
   * Listens to an event.
   *
   * @param type The event's name.
   * @param listener Called with each event; `detail` says what happened. Errors that it throws are
   * logged and ignored.
   * @param options When to stop listening.
   */
  addEventListener<T extends EmulatorEventType>(
    type: T,
    listener: EmulatorEventListener<T>,
    options?: ListenOptions,
  ): void;

  /** Stops listening to an event. */
  removeEventListener<T extends EmulatorEventType>(
    type: T,
    listener: EmulatorEventListener<T>,
  ): void;

  /** What `JSON.stringify` writes: the URL, and no contents of messages. */
  toJSON(): { readonly url: string };

  /** Stops listening, ends all connections, and rejects all waits. */
  close(): Promise<void>;

  /** The same as {@linkcode AcsEmulator.close}. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts emulators. */
export interface AcsEmulatorFactory {
  /**
   * Starts an emulator.
   *
   * @param options Its options; all have defaults.
   * @returns The emulator, listening.
   * @throws {RangeError} If an option is unknown or out of range.
   * @throws {StateFileError} If the state file cannot be used; another program's file is not
   * modified.
   * @throws {TraceFileError} If the trace cannot be written.
   * @throws The system's error if the port is not available.
   */
  listen(options?: EmulatorOptions): Promise<AcsEmulator>;
}

/** Starts emulators: `await AcsEmulator.listen()`. */
export const AcsEmulator: AcsEmulatorFactory = {
  async listen(options = {}) {
    const resolved = resolveOptions(options);
    return emulatorOf(await startService(resolved), resolved);
  },
};

/** The emulator that a program holds: methods and live values of the service. */
function emulatorOf(running: RunningService, options: ResolvedOptions): AcsEmulator {
  const { service } = running;
  let closing: Promise<void> | undefined;
  const close = () => closing ??= running.close();
  return {
    ...messageMethods(service),
    ...taskMethods(service.taskControl, service.attachments),
    ...faultMethods(service.faults),
    ...waitMethods(service),
    ...scenarioMethods(service),
    get answerTaskStopVerification() {
      return service.answerTaskStopVerification;
    },
    set answerTaskStopVerification(answer) {
      service.answerTaskStopVerification = answer;
    },
    get endpoint() {
      return service.endpoint;
    },
    set endpoint(endpoint) {
      service.endpoint = endpoint;
    },
    url: service.url,
    publicUrl: options.publicUrl?.href.replace(/\/$/, "") ?? service.url,
    get connections() {
      return service.hub.connections;
    },
    get received() {
      return service.hub.received;
    },
    get discoverCount() {
      return service.discoverCount;
    },
    get pendingCount() {
      return service.hub.outbox.size;
    },
    get pending() {
      return pendingMessages(service.hub.outbox.pending);
    },
    get containerInstances() {
      return service.instances.all;
    },
    get tasks() {
      return service.tasks.all;
    },
    get transcript() {
      return service.transcript.entries;
    },
    now: () => service.now(),
    registerContainerInstance: (arn) => service.instances.register(arn),
    deregisterContainerInstance: (arn) => service.instances.deregister(arn),
    callApi: (operation, input) => service.callApi(operation, input ?? {}, service.endpoints),
    get telemetryCounts() {
      return service.telemetry.counts;
    },
    acceptCredentials(credentials) {
      service.credentials = credentials;
    },
    addEventListener: (type, listener, listen) =>
      service.events.addEventListener(type, listener, listen),
    removeEventListener: (type, listener) => service.events.removeEventListener(type, listener),
    toJSON: () => ({ url: service.url }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
