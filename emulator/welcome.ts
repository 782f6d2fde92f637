/**
 * The messages for an agent that has just connected.
 *
 * @module
 */

import type { IAMRoleCredentialsMessage, TaskManifestMessage } from "../protocol/messages.ts";
import type { EmulatorConnection } from "./acs/emulator_connection.ts";
import type { Outbox } from "./acs/outbox.ts";
import type { SendOptions } from "./acs/send_options.ts";
import type { Clusters } from "./ecs/clusters.ts";
import type { ContainerInstances } from "./ecs/container_instances.ts";
import type { IssuedCredentials } from "./ecs/issued_credentials.ts";
import type { TaskControl } from "./ecs/task_control.ts";
import type { Tasks } from "./ecs/tasks.ts";

/** The parts of the service that are used for a new agent. */
export interface WelcomeParts {
  /** The container instances. */
  readonly instances: ContainerInstances;
  /** The clusters. */
  readonly clusters: Clusters;
  /** The tasks. */
  readonly tasks: Tasks;
  /** Assigns waiting tasks. */
  readonly taskControl: TaskControl;
  /** The issued credentials. */
  readonly issued: IssuedCredentials;
  /** The queued messages. */
  readonly outbox: Outbox;
  /** Issues credentials and sends them. */
  readonly sendCredentials: (message: IAMRoleCredentialsMessage, to: SendOptions) => void;
  /** Sends a manifest. */
  readonly sendTaskManifest: (message: TaskManifestMessage, to: SendOptions) => void;
}

/** Registers the agent's instance, and sends the agent its tasks, credentials and manifest. */
export function welcome(connection: EmulatorConnection, parts: WelcomeParts): void {
  const { instances, clusters, taskControl, issued, outbox } = parts;
  const { containerInstanceArn, query } = connection;
  const { agentVersion, agentHash, dockerVersion } = query;
  instances.connected(containerInstanceArn, query.clusterArn, {
    agentVersion,
    agentHash,
    ...(dockerVersion !== undefined && { dockerVersion }),
  });
  clusters.activate(instances.get(containerInstanceArn)?.cluster ?? "");
  taskControl.place(containerInstanceArn);
  // Queued credentials without an instance are about to be sent to this one.
  issued.place(containerInstanceArn, ({ messageId }) => outbox.has(messageId));
  sendIssued(connection, parts);
  sendManifest(connection, parts);
}

/** Sends all issued credentials to an agent that requests them, unless they are queued already. */
function sendIssued(
  { containerInstanceArn, query }: EmulatorConnection,
  { issued, outbox, sendCredentials }: WelcomeParts,
): void {
  if (!query.sendCredentials) return;
  for (const message of issued.all(containerInstanceArn)) {
    if (outbox.has(message.messageId)) continue;
    // Without an id, the message gets a new one.
    sendCredentials({ ...message, messageId: null }, { containerInstanceArn });
  }
}

/** Sends a manifest to an instance that tasks were run on. */
function sendManifest(
  { containerInstanceArn }: EmulatorConnection,
  { tasks, outbox, sendTaskManifest }: WelcomeParts,
): void {
  if (tasks.manifest(containerInstanceArn) === undefined) return;
  const isQueued = outbox.pending.some((queued) =>
    queued.type === "TaskManifestMessage" && queued.containerInstanceArn === containerInstanceArn
  );
  if (!isQueued) sendTaskManifest({}, { containerInstanceArn });
}
