/**
 * The responders of a session, created from the handlers in its options.
 *
 * @module
 */

import { attachInstanceEniResponder } from "../responders/attach_instance_eni_responder.ts";
import { attachResourceResponder } from "../responders/attach_resource_responder.ts";
import { attachTaskEniResponder } from "../responders/attach_task_eni_responder.ts";
import { heartbeatResponder } from "../responders/heartbeat_responder.ts";
import { payloadResponder } from "../responders/payload_responder.ts";
import { refreshCredentialsResponder } from "../responders/refresh_credentials_responder.ts";
import { RequestResponders } from "../responders/request_responders.ts";
import { StoppedTasks } from "../responders/stopped_tasks.ts";
import { taskManifestResponder } from "../responders/task_manifest_responder.ts";
import { taskStopVerificationAckResponder } from "../responders/task_stop_verification_ack_responder.ts";
import {
  performUpdateResponder,
  REFUSING_UPDATES,
  stageUpdateResponder,
  type UpdateHandler,
} from "../responders/update_responder.ts";
import { CONTAINERD } from "../wsclient/acs_url.ts";
import type { ResolvedSessionOptions } from "./options.ts";

/**
 * Creates the responders: those for heartbeats and credentials always, those for updates except
 * with containerd, the others if there is a handler.
 *
 * @param options The session's options.
 * @param onTaskStopped Called for each task that is passed to the task stopper.
 */
export function sessionResponders(
  options: ResolvedSessionOptions,
  onTaskStopped: () => void,
): RequestResponders {
  const {
    sequenceNumberAccessor,
    manifestMessageIdAccessor,
    payloadMessageHandler,
    eniHandler,
    resourceHandler,
    taskComparer,
    taskStopper,
    updateHandler,
  } = options;
  const responders = new RequestResponders();
  responders.add(heartbeatResponder(options.doctor));
  const stoppedTasks = new StoppedTasks();
  responders.add(
    refreshCredentialsResponder(
      options.credentialsManager,
      options.credentialsMetadataSetter,
      stoppedTasks,
    ),
  );
  if (payloadMessageHandler !== undefined) {
    const credentialsManager = options.payloadCredentials === "session"
      ? options.credentialsManager
      : undefined;
    responders.add(
      payloadResponder(payloadMessageHandler, {
        sequenceNumbers: sequenceNumberAccessor,
        credentialsManager,
        stoppedTasks,
      }),
    );
  }
  if (eniHandler !== undefined) {
    responders.add(attachTaskEniResponder(eniHandler));
    responders.add(attachInstanceEniResponder(eniHandler));
  }
  if (resourceHandler !== undefined) responders.add(attachResourceResponder(resourceHandler));
  if (taskComparer !== undefined) {
    responders.add(
      taskManifestResponder(taskComparer, sequenceNumberAccessor, manifestMessageIdAccessor),
    );
  }
  if (taskStopper !== undefined) {
    const stopTask = async (taskArn: string) => {
      onTaskStopped();
      await taskStopper.stopTask(taskArn);
      stoppedTasks.add([taskArn]);
      options.credentialsManager.removeTaskCredentials?.(taskArn);
    };
    responders.add(taskStopVerificationAckResponder({ stopTask }, manifestMessageIdAccessor));
  }
  if (options.dockerVersion !== CONTAINERD) addUpdateResponders(responders, updateHandler);
  return responders;
}

/** An update without a handler is refused, so that the service does not resend it forever. */
function addUpdateResponders(
  responders: RequestResponders,
  updateHandler: UpdateHandler = REFUSING_UPDATES,
): void {
  responders.add(stageUpdateResponder(updateHandler));
  responders.add(performUpdateResponder(updateHandler));
}
