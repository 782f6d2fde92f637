/**
 * The session of an Amazon ECS container agent with the Agent Communication Service (ACS): the
 * long-lived, signed WebSocket through which a container instance receives its work.
 *
 * @example
 * ```ts ignore
 * import { Session } from "@acs/session";
 *
 * const session = new Session({
 *   region: "us-west-2",
 *   containerInstanceArn: "arn:aws:ecs:us-west-2:123456789012:container-instance/default/0123",
 *   credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
 *   agentVersion: "1.0.0",
 *   payloadMessageHandler: { processMessage: (_message, ack) => ack() },
 * });
 * await session.start();
 * ```
 *
 * @module
 */

export { Session } from "./session/session.ts";
export type { SessionOptions } from "./session/options.ts";
export type { AgentHandlers, HandlerOptions } from "./session/agent_handlers.ts";
export { DEFAULT_TIMING, type SessionTiming } from "./session/timing.ts";
export type {
  BackgroundHealth,
  HealthError,
  SessionHealth,
  SessionState,
  SessionTimes,
  UnreadyReason,
} from "./session/state.ts";
export type { LostAnswers } from "./session/answer_watch.ts";
export type { ListenOptions, TypedEventListener } from "./internal/typed_event_target.ts";
export type {
  DropReason,
  SessionEvent,
  SessionEventListener,
  SessionEventMap,
} from "./session/reporting/events.ts";
export { DEFAULT_LIMITS, type SessionLimits } from "./session/limits.ts";
export type { LaneHealth } from "./session/dispatch/lane.ts";
export type { OngoingFailure } from "./session/reporting/failure_tracker.ts";
export type { PollEndpointSource } from "./session/discovery/poll_endpoint_cache.ts";
export type { ReconnectDecision } from "./session/reconnect_policy.ts";
export type { SessionConnectionEnd } from "./session/session_connection_end.ts";
export { ecsEndpoint, type EcsEndpointOptions } from "./session/discovery/ecs_endpoint.ts";
export {
  type DiscoverPollEndpointAnswer,
  DiscoverPollEndpointError,
  type DiscoverPollEndpointErrorKind,
} from "./session/discovery/discover_poll_endpoint_error.ts";
export type { DiscoverPollEndpointOutput } from "./protocol/discover_poll_endpoint.ts";
export { LOG_CATEGORY } from "./session/reporting/log.ts";

export type {
  LaneName,
  Redelivery,
  RequestResponder,
  Respond,
  ResponderContext,
} from "./responders/responder.ts";
export { InvalidMessageError } from "./responders/invalid_message_error.ts";
export type { PayloadAck, PayloadMessageHandler } from "./responders/payload_responder.ts";
export type { CredentialsMetadataSetter } from "./responders/refresh_credentials_responder.ts";
export {
  type CredentialsManager,
  MemoryCredentialsManager,
  type MemoryCredentialsManagerOptions,
  type RoleType,
  type TaskIamRoleCredentials,
} from "./responders/credentials_manager.ts";
export { type EniAttachment, type EniHandler, validateEni } from "./responders/eni_attachment.ts";
export type {
  ResourceAttachment,
  ResourceHandler,
} from "./responders/attach_resource_responder.ts";
export type { TaskComparer } from "./responders/task_manifest_responder.ts";
export type { TaskStopper } from "./responders/task_stop_verification_ack_responder.ts";
export type { UpdateAnswer, UpdateHandler } from "./responders/update_responder.ts";
export { Doctor, type Healthcheck, type HealthcheckResult } from "./responders/doctor.ts";
export { memorySequenceNumber, type SequenceNumberAccessor } from "./responders/sequence_number.ts";
export {
  type ManifestMessageIdAccessor,
  memoryManifestMessageId,
} from "./responders/manifest_message_id.ts";

export type * from "./protocol/messages.ts";
export {
  AcsError,
  ConnectError,
  type ConnectErrorOptions,
  type ConnectPhase,
  LimitExceededError,
  type ProxyUse,
} from "./errors.ts";
export type { FailureCode } from "./failures/failure_code.ts";
export { type FailureHelp, failureHelp } from "./failures/failure_help.ts";
export { UselessConnectionError } from "./session/useless_connection_error.ts";
export { type UpgradeRefusal, UpgradeRefusedError } from "./wsclient/upgrade_refused_error.ts";
export { ServiceException, type ServiceExceptionContext } from "./wsclient/service_exception.ts";
export { SERVICE_EXCEPTION_NAMES, type ServiceExceptionName } from "./protocol/exceptions.ts";
export { InvalidEndpointError } from "./wsclient/acs_url.ts";
export {
  type AwsCredentialIdentity,
  type AwsCredentialIdentityProvider,
  type AwsIdentityProperties,
  CredentialsError,
  type CredentialsErrorKind,
  type CredentialsErrorOptions,
} from "./wsclient/signing/credentials.ts";
export type { ConnectionEnd } from "./wsclient/connection_end.ts";
export type { ConnectionLimits, ConnectionTiming } from "./wsclient/connection_options.ts";
export type { FailingHandler } from "./session/reporting/handler_watch.ts";
export type {
  InstrumentOptions,
  MetricAttributes,
  MetricCounter,
  MetricHistogram,
  SessionMeter,
  SessionMeterProvider,
} from "./session/reporting/meter_provider.ts";
export type { RandomSource } from "./internal/jitter.ts";
export type {
  Frame,
  SocketActivity,
  Transport,
  TransportConnection,
  TransportEnd,
  TransportListener,
  TransportRequest,
} from "./wsclient/transport.ts";
export {
  createNativeTransport,
  nativeTransport,
  type NativeTransportOptions,
} from "./wsclient/transports/native.ts";
