/**
 * A task, as contained in a payload, and the settings of the task as a whole.
 *
 * @module
 */

import type { Container, StringMap } from "./container.ts";
import type { ElasticNetworkInterface } from "./network_interface.ts";
import type { Volume } from "./volume.ts";

/** One task that the service wants in a given state. */
export interface Task {
  /** The task's ARN. */
  arn?: string | null;
  /** ARN of the cluster the task belongs to. */
  taskClusterArn?: string | null;
  /** Its containers. */
  containers?: (Container | null)[] | null;
  /** The state it should be in, such as `RUNNING` or `STOPPED`. */
  desiredStatus?: string | null;
  /** Family of its task definition. */
  family?: string | null;
  /** Overrides given when the task was run, as JSON text. */
  overrides?: string | null;
  /** Revision of its task definition. */
  version?: string | null;
  /** The availability zone. */
  zone?: string | null;
  /** AWS account that owns the task definition. */
  taskDefinitionAccountId?: string | null;
  /** Its volumes. */
  volumes?: (Volume | null)[] | null;
  /** Credentials of the role that its containers use. */
  roleCredentials?: IAMRoleCredentials | null;
  /** Credentials of the role that the agent uses for it: images, logs, secrets. */
  executionRoleCredentials?: IAMRoleCredentials | null;
  /** Its own network interfaces, in network mode `awsvpc`. */
  elasticNetworkInterfaces?: (ElasticNetworkInterface | null)[] | null;
  /** CPU limit of the whole task, in cores. */
  cpu?: number | null;
  /** Memory limit of the whole task, in MiB. */
  memory?: number | null;
  /** Accelerators and similar devices. */
  associations?: (Association | null)[] | null;
  /** `host` or `task`: whose processes its containers see. */
  pidMode?: string | null;
  /** `host`, `task` or `none`: whose IPC its containers share. */
  ipcMode?: string | null;
  /** The proxy for its traffic. */
  proxyConfiguration?: ProxyConfiguration | null;
  /** Settings for the agent, as JSON text. */
  agentConfiguration?: string | null;
  /** How it was launched, such as `EC2` or `EXTERNAL`. */
  launchType?: string | null;
  /** Other resources attached to it. */
  attachments?: (Attachment | null)[] | null;
  /** Such as `awsvpc`, `bridge`, `host` or `none`. */
  networkMode?: string | null;
  /** The ECS service that started it. */
  serviceName?: string | null;
  /** The group it was started in. */
  group?: string | null;
  /** Whether faults may be injected into it. */
  enableFaultInjection?: boolean | null;
  /** How it is isolated from other tasks. */
  trustedExecutionConfiguration?: TrustedExecutionConfiguration | null;
}

/** Temporary credentials of an IAM role. */
export interface IAMRoleCredentials {
  /**
   * The id that the service and the agent use for this set. It is in acknowledgements and is not
   * secret.
   */
  credentialsId?: string | null;
  /** ARN of the role. */
  roleArn?: string | null;
  /** The key's id. */
  accessKeyId?: string | null;
  /** Secret. */
  secretAccessKey?: string | null;
  /** Secret. */
  sessionToken?: string | null;
  /** When they expire, as ISO 8601 text. */
  expiration?: string | null;
  /** Where they may be used, on partitions that restrict it. */
  credentialScope?: string | null;
}

/** Something outside the task that some of its containers use. */
export interface Association {
  /** Its name, unique in its type. */
  name?: string | null;
  /** `elastic-inference` or `gpu`. Other values may be added. */
  type?: string | null;
  /** What the containers need to know about it. */
  content?: EncodedString | null;
  /** Names of the containers that use it. */
  containers?: (string | null)[] | null;
}

/** Text and its encoding. */
export interface EncodedString {
  /** The encoded text. */
  value?: string | null;
  /** `identity` or `base64`. Other values may be added. */
  encoding?: string | null;
}

/** The proxy for a task's traffic. */
export interface ProxyConfiguration {
  /** `APPMESH`. Other values may be added. */
  type?: string | null;
  /** The container that runs the proxy. */
  containerName?: string | null;
  /** Its settings. */
  properties?: StringMap | null;
}

/**
 * A resource attached to a task or to the container instance; its type determines the properties.
 */
export interface Attachment {
  /** ARN of the attachment. */
  attachmentArn?: string | null;
  /** Such as `amazonebs`. */
  attachmentType?: string | null;
  /** The properties of the resource. */
  attachmentProperties?: (AttachmentProperty | null)[] | null;
}

/** One property of an attachment. */
export interface AttachmentProperty {
  /** Its name, such as `volumeId`. */
  name?: string | null;
  /** Its value. */
  value?: string | null;
}

/** How a task is isolated from other tasks. */
export interface TrustedExecutionConfiguration {
  /** `SHARED`, `EXCLUSIVE` or `ISOLATED_PARTITION`. Other values may be added. */
  isolationMode?: string | null;
}

/**
 * A task by its ARN. Received in a manifest and in the tasks to stop, and sent as a candidate for
 * stopping.
 */
export interface TaskIdentifier {
  /** The task's ARN. */
  taskArn?: string | null | undefined;
  /** ARN of its cluster. */
  taskClusterArn?: string | null | undefined;
  /** The state it should be in, such as `RUNNING` or `STOPPED`. */
  desiredStatus?: string | null | undefined;
}
