/**
 * The service behind the emulator's methods and its two endpoints: its state, and the messages that
 * it sends automatically.
 *
 * @module
 */

import type {
  IAMRoleCredentialsMessage,
  ReceivedMessages,
  ReceivedMessageType,
  TaskManifestMessage,
  TaskStopVerificationMessage,
} from "../protocol/messages.ts";
import { toError } from "../internal/redaction/describe_error.ts";
import { TypedEventTarget } from "../internal/typed_event_target.ts";
import { type EmulatorTarget, reachableUrl } from "./agent_variables.ts";
import { AgentHub } from "./acs/agent_hub.ts";
import type { EmulatorConnection } from "./acs/emulator_connection.ts";
import type { PostedMessage } from "./acs/outbox.ts";
import { completeMessage, textField } from "./acs/queued_message.ts";
import type { PostOptions, SendOptions } from "./acs/send_options.ts";
import { Transcript } from "./acs/transcript.ts";
import type { AgentEndpoints } from "./api/api_operation.ts";
import { describeCall, instanceIn } from "./api/describe_call.ts";
import { EcsApi } from "./api/ecs_api.ts";
import { AttachmentControl, type AttachmentControlOptions } from "./ecs/attachment_control.ts";
import { ClientTokens } from "./ecs/client_tokens.ts";
import { Clusters } from "./ecs/clusters.ts";
import { ContainerInstances } from "./ecs/container_instances.ts";
import { IssuedCredentials } from "./ecs/issued_credentials.ts";
import { Services } from "./ecs/services.ts";
import { Tags } from "./ecs/tags.ts";
import { TaskControl } from "./ecs/task_control.ts";
import { TaskDefinitions } from "./ecs/task_definitions.ts";
import { taskStateChange } from "./ecs/task_state_change.ts";
import type { TaskRecord } from "./ecs/task_record.ts";
import { TaskReports } from "./ecs/task_reports.ts";
import { Tasks } from "./ecs/tasks.ts";
import type { EmulatorCredentials } from "./emulator_credentials.ts";
import type { ResolvedOptions } from "./resolve_options.ts";
import { type Entropy, seededEntropy, SYSTEM_ENTROPY } from "./entropy.ts";
import { EmulatorClosedError } from "./errors.ts";
import type { EmulatorEvents, EmulatorEventType } from "./events.ts";
import type { ApiFault, DiscoverFault } from "./faults/fault.ts";
import { FaultInjector } from "./faults/fault_injector.ts";
import type { SignatureExpectations } from "./http/sigv4.ts";
import type { HistoryLimits } from "./history.ts";
import { logger } from "./log.ts";
import { Counter } from "./state/counter.ts";
import type { EmulatorState } from "./state/emulator_state.ts";
import { welcome } from "./welcome.ts";
import { TelemetryHub } from "./tcs/telemetry_hub.ts";
import type { TraceFile } from "./trace/trace_file.ts";
import { TraceFileError } from "./trace/trace_file_error.ts";

/** The parts of a service. */
export interface EmulatorServiceParts {
  /** The emulator's options. */
  readonly options: ResolvedOptions;
  /** Where it keeps tasks, credentials and unanswered messages. */
  readonly state: EmulatorState;
  /** The URL that it is served at. */
  readonly url: string;
  /** The trace to write events to; `undefined` for none. */
  readonly trace?: TraceFile | undefined;
}

/** One emulated service. */
export class EmulatorService {
  /** The URL that it is served at. */
  readonly url: string;
  /** When it was started, in ms since the epoch. */
  readonly startedAt: number;
  /** Its events. */
  readonly events: TypedEventTarget<EmulatorEvents> = new TypedEventTarget(logger);
  /** The only credentials that agents may sign with. */
  credentials: EmulatorCredentials;
  /** Whether a TaskStopVerificationMessage is answered. */
  answerTaskStopVerification: boolean;
  /**
   * The endpoint that DiscoverPollEndpoint returns, or a path relative to the emulator's own URL;
   * `undefined` for the emulator's own.
   */
  endpoint: string | undefined;
  /** Number of DiscoverPollEndpoint calls. */
  discoverCount = 0;
  /** The container instances. */
  readonly instances: ContainerInstances;
  /** The injected faults. */
  readonly faults: FaultInjector;
  /** The tasks. */
  readonly tasks: Tasks;
  /** Runs and stops tasks. */
  readonly taskControl: TaskControl;
  /** Attaches resources. */
  readonly attachments: AttachmentControl;
  /** The issued credentials. */
  readonly issued: IssuedCredentials;
  /** The recorded events. */
  readonly transcript: Transcript;
  /** The connections. */
  readonly hub: AgentHub;
  /** The telemetry connections. */
  readonly telemetry: TelemetryHub;
  /** The clusters. */
  readonly clusters: Clusters;
  /** The ECS API. */
  readonly api: EcsApi;
  readonly #options: ResolvedOptions;
  readonly #state: EmulatorState;
  readonly #closed = new AbortController();
  readonly #entropy: Entropy;
  readonly #sequence: Counter;
  #trace: TraceFile | undefined;

  /**
   * Starts with the tasks, credentials and messages of the state.
   *
   * @param parts Its parts.
   */
  constructor({ options, state, url, trace }: EmulatorServiceParts) {
    this.url = url;
    this.startedAt = options.now();
    this.credentials = options.credentials;
    this.answerTaskStopVerification = options.answerTaskStopVerification;
    this.#options = options;
    this.#state = state;
    this.#trace = trace;
    this.#entropy = entropyFor(options.seed, state);
    this.#sequence = new Counter(state, "sequence");
    const history = { maxEntries: options.historyLimit, maxBytes: options.maxHistoryBytes };
    this.transcript = new Transcript(history);
    this.instances = new ContainerInstances({
      arns: options.containerInstances,
      clusterArn: options.clusterArn,
      requireRegistration: options.requireRegistration,
      now: () => this.now(),
      state,
    });
    this.clusters = new Clusters({ ...options, state });
    this.issued = new IssuedCredentials(state);
    this.tasks = new Tasks(state, (task) => this.#onTaskChanged(task));
    this.attachments = new AttachmentControl(this.#controlOptions());
    this.taskControl = this.#createTaskControl();
    this.hub = this.#createHub(history);
    const reports = new TaskReports({
      state,
      tasks: this.tasks,
      issued: this.issued,
      dropMessages: (taskArn) => this.hub.outbox.dropTask(taskArn),
      now: () => this.now(),
    });
    this.telemetry = new TelemetryHub({
      ...options,
      expectations: () => this.expectations,
      reports,
      emit: (type, detail) => this.emit(type, detail),
    });
    this.faults = new FaultInjector({
      openConnections: () => [...this.hub.open, ...this.telemetry.open],
      onFault: (detail) => this.emit("fault", detail),
    });
    this.api = this.#createApi(reports);
  }

  /** The default container instance: the one that connected last. */
  get newestInstance(): string | undefined {
    return this.hub.find(undefined)?.containerInstanceArn;
  }

  /** The default instance for tasks: a deregistered one only if all are. */
  get newestActiveInstance(): string | undefined {
    const active = this.hub.open.findLast(({ open, containerInstanceArn }) =>
      open && !this.instances.isInactive(containerInstanceArn)
    );
    return active?.containerInstanceArn ?? this.newestInstance;
  }

  /** The values that signatures are checked against. */
  get expectations(): SignatureExpectations {
    const { region, publicUrl } = this.#options;
    return { credentials: this.credentials, region, publicUrl, now: this.now() };
  }

  /** The region that agents sign for. */
  get region(): string {
    return this.#options.region;
  }

  /** The service's clock, in ms since the epoch. */
  now(): number {
    return this.#options.now() + this.#options.clockSkewMs;
  }

  /** Aborts when the emulator is closed, with an {@linkcode EmulatorClosedError} as its reason. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Records an event in the transcript and dispatches it; `frame` is what a `sent` event sent. */
  emit<T extends EmulatorEventType>(
    type: T,
    detail: EmulatorEvents[T],
    frame?: string | Uint8Array,
  ): void {
    const isRecorded = type !== "telemetry" || this.#options.recordTelemetry;
    if (isRecorded) {
      const now = this.#options.now();
      this.transcript.record(type, detail, now, frame);
      this.#writeTrace(type, detail, now, frame);
    }
    this.events.emit(type, detail);
  }

  /**
   * Carries out a call to the ECS API, and emits its event.
   *
   * @param operation The operation's name.
   * @param input Its input, as parsed JSON.
   * @param endpoints The endpoints that DiscoverPollEndpoint returns to an agent.
   * @throws {EcsApiError} If the call is refused.
   * @throws {StateWriteError} If its effects cannot be saved; then it has none.
   */
  callApi(operation: string, input: unknown, endpoints: AgentEndpoints): object {
    const answer = this.api.answer(operation, input, { endpoints });
    const call = describeCall(operation, input, answer, this.tasks);
    if ("operation" in call) this.emit("apiCall", call);
    else this.emit("discovered", call);
    return answer;
  }

  /**
   * The endpoint that DiscoverPollEndpoint returns.
   *
   * @param own The emulator's own endpoint, under the host name that the agent used.
   */
  endpointAt(own: string): string {
    const { endpoint = own } = this;
    return endpoint.startsWith("/") ? `${own.replace(/\/$/, "")}${endpoint}` : endpoint;
  }

  /** How agents connect, and what the emulator accepts. */
  get target(): EmulatorTarget {
    const { publicUrl, region, clusterArn, containerInstances } = this.#options;
    const url = publicUrl?.href.replace(/\/$/, "") ?? reachableUrl(this.url);
    return { url, region, clusterArn, containerInstances, credentials: this.credentials };
  }

  /** The endpoints for a call that did not come from a request. */
  get endpoints(): AgentEndpoints {
    return {
      endpoint: this.endpointAt(`${this.url}/`),
      telemetryEndpoint: `${this.url}/telemetry`,
    };
  }

  /** Takes the fault for a call to the ECS API. */
  takeApiFault(operation: string, input: unknown): ApiFault | DiscoverFault | undefined {
    const instance = instanceIn(input, this.tasks);
    const discover = operation === "DiscoverPollEndpoint"
      ? this.faults.takeDiscover(instance)
      : undefined;
    return discover ?? this.faults.takeApi(operation, instance);
  }

  /** Completes a message, and sends or queues it. */
  post<T extends ReceivedMessageType>(
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
      return this.hub.post({
        type,
        messageId: textField(complete, "messageId") ?? "",
        containerInstanceArn: containerInstanceArn ?? textField(message, "containerInstanceArn"),
        message: complete,
        exact,
      });
    });
  }

  /** Sends a frame, or queues it. */
  postFrame(data: string | Uint8Array, { containerInstanceArn }: SendOptions): void {
    this.hub.post({ messageId: "", containerInstanceArn, data });
  }

  /** Issues credentials without sending them. */
  issueCredentials(message: IAMRoleCredentialsMessage, to: SendOptions): void {
    this.issued.add(message, to.containerInstanceArn ?? this.#instanceOf(message));
  }

  /** Issues credentials and sends them, by default to the task's instance. */
  sendCredentials(message: IAMRoleCredentialsMessage, to: SendOptions): PostedMessage {
    return this.#state.transaction(() => {
      const named = { ...message, messageId: message.messageId ?? this.#entropy.uuid() };
      const containerInstanceArn = to.containerInstanceArn ?? this.#instanceOf(message) ??
        this.newestInstance;
      this.issued.add(named, containerInstanceArn);
      return this.post("IAMRoleCredentialsMessage", named, { containerInstanceArn });
    });
  }

  /** Sends a manifest, by default with the tasks that were run. */
  sendTaskManifest(message: TaskManifestMessage, to: SendOptions): PostedMessage {
    const instance = to.containerInstanceArn ?? this.newestInstance;
    const tasks = message.tasks ?? this.tasks.manifest(instance) ?? [];
    return this.post("TaskManifestMessage", { ...message, tasks }, to);
  }

  /** Ends all connections and waits, and drops the queued messages. */
  stop(): void {
    this.#closed.abort(new EmulatorClosedError("the awaited event"));
    this.api.close();
    this.hub.close();
    this.telemetry.close();
  }

  /** Closes the state, once no more requests arrive. */
  close(): void {
    this.#state.close();
  }

  #writeTrace<T extends EmulatorEventType>(
    type: T,
    detail: EmulatorEvents[T],
    at: number,
    frame: string | Uint8Array | undefined,
  ): void {
    try {
      this.#trace?.record(type, detail, at, frame);
    } catch (error) {
      if (!(error instanceof TraceFileError)) throw error;
      // First, since emitting the failure below would otherwise write to the trace and fail again.
      this.#trace = undefined;
      this.emit("failure", {
        connectionId: undefined,
        containerInstanceArn: "",
        reason: error.message,
      });
    }
  }

  #controlOptions(): AttachmentControlOptions {
    return {
      state: this.#state,
      entropy: this.#entropy,
      tasks: this.tasks,
      post: (type, message, to) => this.post(type, message, to),
      defaultInstance: () => this.newestActiveInstance,
      clusterArn: this.#options.clusterArn,
    };
  }

  #createTaskControl(): TaskControl {
    return new TaskControl({
      ...this.#controlOptions(),
      now: () => this.now(),
      issued: this.issued,
      sendCredentials: (message, to) => this.sendCredentials(message, to),
      isInactive: (arn) => this.instances.isInactive(arn),
      isRegistered: (arn) => this.instances.get(arn ?? "")?.registration !== undefined,
    });
  }

  #createHub(history: HistoryLimits): AgentHub {
    return new AgentHub({
      ...this.#options,
      history,
      state: this.#state,
      entropy: this.#entropy,
      sequence: () => this.#sequence.next(),
      emit: (type, detail, frame) => this.emit(type, detail, frame),
      welcome: (connection) => this.#welcome(connection),
      stopVerification: (connection, message) => this.#onStopVerification(connection, message),
    });
  }

  #createApi(reports: TaskReports): EcsApi {
    const { region, requireRegistration } = this.#options;
    const state = this.#state;
    return new EcsApi({
      state,
      failed: (error) => this.#onSchedulerFailed(error),
      context: {
        clusters: this.clusters,
        definitions: new TaskDefinitions(state, this.clusters.account),
        instances: this.instances,
        services: new Services(state),
        tasks: this.tasks,
        tags: new Tags(state),
        clientTokens: new ClientTokens(state),
        taskControl: this.taskControl,
        reports,
        entropy: this.#entropy,
        region,
        now: () => this.now(),
        isConnected: (arn) => this.hub.find(arn) !== undefined,
        instanceHealth: (arn) => this.telemetry.instanceHealth(arn),
        requireRegistration,
      },
    });
  }

  #onStopVerification(
    { containerInstanceArn }: EmulatorConnection,
    { messageId, stopCandidates }: TaskStopVerificationMessage,
  ): void {
    if (!this.answerTaskStopVerification) return;
    const stopTasks = this.tasks.stoppable(stopCandidates ?? [], containerInstanceArn);
    const answer = { messageId: messageId ?? null, stopTasks };
    this.post("TaskStopVerificationAck", answer, { containerInstanceArn });
  }

  /** The instance of the credentials' task. */
  #instanceOf({ taskArn }: IAMRoleCredentialsMessage): string | undefined {
    return this.tasks.get(taskArn ?? "")?.containerInstanceArn;
  }

  #welcome(connection: EmulatorConnection): void {
    this.#state.transaction(() =>
      welcome(connection, {
        instances: this.instances,
        clusters: this.clusters,
        tasks: this.tasks,
        taskControl: this.taskControl,
        issued: this.issued,
        outbox: this.hub.outbox,
        sendCredentials: (message, to) => this.sendCredentials(message, to),
        sendTaskManifest: (message, to) => this.sendTaskManifest(message, to),
      })
    );
    this.api.scheduler.wake();
  }

  #onTaskChanged(task: TaskRecord): void {
    this.emit("taskStateChanged", taskStateChange(task));
    this.api.scheduler.taskChanged(task);
  }

  /** The scheduler has no caller to report the error to. */
  #onSchedulerFailed(error: unknown): void {
    const { message } = toError(error);
    this.emit("failure", {
      connectionId: undefined,
      containerInstanceArn: "",
      reason: `The emulator cannot start or stop the tasks of a service. ${message}`,
    });
  }
}

function entropyFor(seed: number | undefined, state: EmulatorState): Entropy {
  if (seed === undefined) return SYSTEM_ENTROPY;
  const made = new Counter(state, "made");
  return seededEntropy(seed, () => made.next());
}
