/**
 * The messages of a session, named and with fields exactly as on the wire. Any field of a received
 * message may be missing or null, and so may the entries of a list; fields not listed here are kept
 * unchanged. Enumerations are plain strings, since the service may add values.
 *
 * @module
 */

import type { ElasticNetworkInterface } from "./network_interface.ts";
import type { Attachment, IAMRoleCredentials, Task, TaskIdentifier } from "./task.ts";

export type * from "./container.ts";
export type * from "./network_interface.ts";
export type * from "./task.ts";
export type * from "./volume.ts";

/**
 * Sent regularly to show that the session is alive. Answered by {@linkcode HeartbeatAckRequest}.
 */
export interface HeartbeatMessage {
  /** Whether the service is healthy. */
  healthy?: boolean | null;
  /** The id for the answer. */
  messageId?: string | null;
}

/** Tasks to start, change or stop. Acknowledged once every task was accepted. */
export interface PayloadMessage {
  /** The container instance it is meant for. */
  containerInstanceArn?: string | null;
  /** ARN of the instance's cluster. */
  clusterArn?: string | null;
  /** The tasks. */
  tasks?: (Task | null)[] | null;
  /** When the service created it, in ms since the epoch. */
  generatedAt?: number | null;
  /** The id for the acknowledgement. */
  messageId?: string | null;
  /** The order of payloads. */
  seqNum?: number | null;
  /** The order of payloads and manifests. Exact up to 2^53. */
  timeline?: number | null;
}

/** Fresh credentials for a running task. Answered by {@linkcode IAMRoleCredentialsAckRequest}. */
export interface IAMRoleCredentialsMessage {
  /** ARN of the task they are for. */
  taskArn?: string | null;
  /** ARN of the task's cluster. */
  taskClusterArn?: string | null;
  /** The credentials. */
  roleCredentials?: IAMRoleCredentials | null;
  /**
   * `TaskApplication` (for its containers) or `TaskExecution` (for the agent). Other values may be
   * added.
   */
  roleType?: string | null;
  /** The id for the answer. */
  messageId?: string | null;
}

/** Network interfaces that will soon be attached for one task. */
export interface AttachTaskNetworkInterfacesMessage {
  /** The container instance it is meant for. */
  containerInstanceArn?: string | null;
  /** ARN of the instance's cluster. */
  clusterArn?: string | null;
  /** ARN of the task they are for. */
  taskArn?: string | null;
  /** ARN of the task's cluster. */
  taskClusterArn?: string | null;
  /** When the service created it, in ms since the epoch. */
  generatedAt?: number | null;
  /** The id for the acknowledgement. */
  messageId?: string | null;
  /** How long the service waits for them, in ms from the message's arrival. */
  waitTimeoutMs?: number | null;
  /** The interfaces. */
  elasticNetworkInterfaces?: (ElasticNetworkInterface | null)[] | null;
}

/** Network interfaces that will soon be attached to the container instance, not for one task. */
export interface AttachInstanceNetworkInterfacesMessage {
  /** The container instance it is meant for. */
  containerInstanceArn?: string | null;
  /** ARN of the instance's cluster. */
  clusterArn?: string | null;
  /** When the service created it, in ms since the epoch. */
  generatedAt?: number | null;
  /** The id for the acknowledgement. */
  messageId?: string | null;
  /** How long the service waits for them, in ms from the message's arrival. */
  waitTimeoutMs?: number | null;
  /** The interfaces. */
  elasticNetworkInterfaces?: (ElasticNetworkInterface | null)[] | null;
}

/** A resource, such as a volume, whose attachment the agent should wait for. */
export interface ConfirmAttachmentMessage {
  /** The container instance it is meant for. */
  containerInstanceArn?: string | null;
  /** ARN of the instance's cluster. */
  clusterArn?: string | null;
  /** ARN of the task it is for. */
  taskArn?: string | null;
  /** ARN of the task's cluster. */
  taskClusterArn?: string | null;
  /** When the service created it, in ms since the epoch. */
  generatedAt?: number | null;
  /** The id for the acknowledgement. */
  messageId?: string | null;
  /** How long the service waits for it, in ms from the message's arrival; 0 or missing: 300 000. */
  waitTimeoutMs?: number | null;
  /** The resource. */
  attachment?: Attachment | null;
}

/** Every task that should be on the instance. The agent reports the tasks it has in addition. */
export interface TaskManifestMessage {
  /** The container instance it is meant for. */
  containerInstanceArn?: string | null;
  /** ARN of the instance's cluster. */
  clusterArn?: string | null;
  /** The tasks. */
  tasks?: (TaskIdentifier | null)[] | null;
  /** When the service created it, in ms since the epoch. */
  generatedAt?: number | null;
  /** The id for the acknowledgement and the stop verification. */
  messageId?: string | null;
  /** The order of payloads and manifests; older ones are discarded. Exact up to 2^53. */
  timeline?: number | null;
}

/**
 * The service's answer to {@linkcode TaskStopVerificationMessage}: the tasks that may really be
 * stopped.
 */
export interface TaskStopVerificationAck {
  /** When the service created it, in ms since the epoch. */
  generatedAt?: number | null;
  /** The id of the manifest that started the exchange. */
  messageId?: string | null;
  /** The tasks to stop. */
  stopTasks?: (TaskIdentifier | null)[] | null;
}

/** Asks the agent to download a new version of itself. */
export interface StageUpdateMessage {
  /** The container instance it is meant for. */
  containerInstanceArn?: string | null;
  /** ARN of the instance's cluster. */
  clusterArn?: string | null;
  /** Where to get the new version. */
  updateInfo?: UpdateInfo | null;
  /** The id for the acknowledgement. */
  messageId?: string | null;
}

/** Asks the agent to switch to the version it downloaded. */
export interface PerformUpdateMessage {
  /** The container instance it is meant for. */
  containerInstanceArn?: string | null;
  /** ARN of the instance's cluster. */
  clusterArn?: string | null;
  /** Where the new version came from. */
  updateInfo?: UpdateInfo | null;
  /** The id for the acknowledgement. */
  messageId?: string | null;
}

/** A new version of the agent. */
export interface UpdateInfo {
  /** The URL to download it from. */
  location?: string | null;
  /** Its checksum. */
  signature?: string | null;
}

/** The service is about to close the connection. */
export interface CloseMessage {
  /** The reason, as text. */
  message?: string | null;
}

/** An error in the service, or in what the agent sent. */
export interface ErrorMessage {
  /** The error, as text. */
  message?: string | null;
}

/** The service failed. */
export interface ServerException {
  /** The error, as text. */
  message?: string | null;
}

/** The request was malformed. */
export interface BadRequestException {
  /** The error, as text. */
  message?: string | null;
}

/** The cluster does not exist or must not be used. */
export interface InvalidClusterException {
  /** The error, as text. */
  message?: string | null;
}

/** The container instance is not known to the cluster. */
export interface InvalidInstanceException {
  /** The error, as text. */
  message?: string | null;
}

/** The credentials do not allow it. */
export interface AccessDeniedException {
  /** The error, as text. */
  message?: string | null;
}

/** The container instance was deregistered. */
export interface InactiveInstanceException {
  /** The error, as text. */
  message?: string | null;
}

/** Says that a message was accepted; the service resends unacknowledged messages. */
export interface AckRequest {
  /** The message's cluster ARN. */
  cluster?: string | null | undefined;
  /** The message's container instance ARN. */
  containerInstance?: string | null | undefined;
  /** The message's id. */
  messageId?: string | null | undefined;
}

/** Says that an update failed. */
export interface NackRequest {
  /** The message's cluster ARN. */
  cluster?: string | null | undefined;
  /** The message's container instance ARN. */
  containerInstance?: string | null | undefined;
  /** The message's id. */
  messageId?: string | null | undefined;
  /** The reason, as text. */
  reason?: string | null | undefined;
}

/** Answers a heartbeat. */
export interface HeartbeatAckRequest {
  /** The heartbeat's id. */
  messageId?: string | null | undefined;
}

/** Says that a task's credentials have been stored. */
export interface IAMRoleCredentialsAckRequest {
  /** Id of the message that contained them. */
  messageId?: string | null | undefined;
  /** The credentials' own expiry, unchanged. */
  expiration?: string | null | undefined;
  /** The credentials' own id. */
  credentialsId?: string | null | undefined;
}

/** Asks whether tasks that a manifest does not list should really be stopped. */
export interface TaskStopVerificationMessage {
  /** The manifest's id. */
  messageId?: string | null | undefined;
  /** The tasks. */
  stopCandidates?: (TaskIdentifier | null)[] | null | undefined;
}

/** Every type of message the service sends, by its name on the wire. */
export interface ReceivedMessages {
  /** The session is alive. */
  HeartbeatMessage: HeartbeatMessage;
  /** Tasks to run. */
  PayloadMessage: PayloadMessage;
  /** The connection is about to be closed. */
  CloseMessage: CloseMessage;
  /** Switch to the downloaded agent. */
  PerformUpdateMessage: PerformUpdateMessage;
  /** Download a new agent. */
  StageUpdateMessage: StageUpdateMessage;
  /** Fresh credentials. */
  IAMRoleCredentialsMessage: IAMRoleCredentialsMessage;
  /** Network interfaces for a task. */
  AttachTaskNetworkInterfacesMessage: AttachTaskNetworkInterfacesMessage;
  /** Network interfaces for the instance. */
  AttachInstanceNetworkInterfacesMessage: AttachInstanceNetworkInterfacesMessage;
  /** Another resource. */
  ConfirmAttachmentMessage: ConfirmAttachmentMessage;
  /** Every task that should be on the instance. */
  TaskManifestMessage: TaskManifestMessage;
  /** Which tasks may be stopped. */
  TaskStopVerificationAck: TaskStopVerificationAck;
  /** An error. */
  ErrorMessage: ErrorMessage;
  /** The service failed. */
  ServerException: ServerException;
  /** The request was malformed. */
  BadRequestException: BadRequestException;
  /** The cluster is wrong. */
  InvalidClusterException: InvalidClusterException;
  /** The instance is wrong. */
  InvalidInstanceException: InvalidInstanceException;
  /** Not allowed. */
  AccessDeniedException: AccessDeniedException;
  /** The instance was deregistered. */
  InactiveInstanceException: InactiveInstanceException;
}

/** Every type of message the agent sends, by its name on the wire. */
export interface SentMessages {
  /** A message was accepted. */
  AckRequest: AckRequest;
  /** An update failed. */
  NackRequest: NackRequest;
  /** A heartbeat was received. */
  HeartbeatAckRequest: HeartbeatAckRequest;
  /** Credentials have been stored. */
  IAMRoleCredentialsAckRequest: IAMRoleCredentialsAckRequest;
  /** May these tasks be stopped? */
  TaskStopVerificationMessage: TaskStopVerificationMessage;
}

/** The name of a message the service sends. */
export type ReceivedMessageType = keyof ReceivedMessages;

/** The name of a message the agent sends. */
export type SentMessageType = keyof SentMessages;
