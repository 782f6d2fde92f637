/**
 * A local stand-in for the ECS API's `DiscoverPollEndpoint` and for the Agent Communication
 * Service, to test agents in any language and to experiment without an AWS account.
 *
 * @module
 */

export type * from "../protocol/messages.ts";
export type { ListenOptions, TypedEventListener } from "../internal/typed_event_target.ts";
export * from "./acs_emulator.ts";
export type {
  AgentMessage,
  AgentMessageOf,
  AgentMessageRecord,
  MessageOrigin,
} from "./acs/agent_message.ts";
export type { EmulatorConnection, ServiceEnd } from "./acs/emulator_connection.ts";
export type { PostedMessage } from "./acs/outbox.ts";
export type { PendingMessage } from "./acs/pending_message.ts";
export type { SendOptions } from "./acs/send_options.ts";
export type { TranscriptEntry } from "./acs/transcript.ts";
export { EcsApiError } from "./api/api_error.ts";
export type { ApiOperation } from "./api/api_operation.ts";
export type { OperationName } from "./control/operations.ts";
export type { EmulatedContainerInstance, InstanceStatus } from "./ecs/container_instances.ts";
export type {
  AttachNetworkInterfaceOptions,
  AttachVolumeOptions,
  PostedAttachment,
} from "./ecs/attachment_control.ts";
export type { PostedTask, RunTaskOptions } from "./ecs/task_control.ts";
export type { HealthStatus, TaskStatus } from "./ecs/task_record.ts";
export type { EmulatedTask } from "./ecs/tasks.ts";
export { type EmulatorCredentials, EXAMPLE_CREDENTIALS } from "./emulator_credentials.ts";
export type { EmulatorOptions, EmulatorTraceOptions, TlsOptions } from "./emulator_options.ts";
export * from "./errors.ts";
export type {
  ApiCallDetail,
  DiscoveredDetail,
  EmulatorEventListener,
  EmulatorEvents,
  EmulatorEventType,
  FailureDetail,
  FaultDetail,
  ProblemDetail,
  RefusedDetail,
  SentDetail,
  TaskContainerState,
  TaskStateDetail,
  TelemetryDetail,
} from "./events.ts";
export type { FaultMethods } from "./methods/fault_methods.ts";
export type { MessageMethods } from "./methods/message_methods.ts";
export type { ScenarioMethods } from "./methods/scenario_methods.ts";
export type { TaskMethods } from "./methods/task_methods.ts";
export type { WaitMethods } from "./methods/wait_methods.ts";
export { checkFault } from "./faults/check_fault.ts";
export type * from "./faults/connection_fault.ts";
export type * from "./faults/fault.ts";
export type { NextOptions, RefuseOptions, RefuseUpgradeOptions } from "./faults/fault_options.ts";
export { MAX_CLOCK_DIFFERENCE_MS } from "./http/sigv4.ts";
export type { UpgradeQuery } from "./http/upgrade_query.ts";
export {
  SAMPLE_STEPS,
  type SampleStep,
  type SampleTrafficOptions,
} from "./samples/sample_traffic.ts";
export * from "./samples/samples.ts";
export { parseScenario } from "./scenario/parse_scenario.ts";
export type {
  DoStep,
  EventSelection,
  ExpectAtMostStep,
  ExpectNoStep,
  ExpectStep,
  PauseStep,
  PlayOptions,
  Scenario,
  ScenarioEmulatorOptions,
  ScenarioEvent,
  ScenarioReport,
  ScenarioStep,
  StepFrame,
  StepReport,
} from "./scenario/scenario.ts";
export type { TypedMessage } from "./send_message.ts";
export type { TelemetryCounts } from "./tcs/telemetry_hub.ts";
export type { TelemetryType } from "./tcs/telemetry_messages.ts";
export { parseTrace } from "./trace/read_trace.ts";
export { type Trace, TraceError, type TraceHeader, type TraceProblem } from "./trace/trace.ts";
export { TraceFileError } from "./trace/trace_file_error.ts";
export { formatTrace, type TraceOrigin } from "./trace/write_trace.ts";
export { ScenarioError, type ScenarioProblem } from "./scenario/scenario_error.ts";
export type { WaitOptions, WithinOptions } from "./waiting.ts";
export type { ExpectedSignature, SentRequest } from "./http/refused_request.ts";
export type { Refusal } from "./http/service_error.ts";
