/**
 * The operations that agents call: reports, and DiscoverPollEndpoint.
 *
 * @module
 */

import type { ApiContext } from "./api_context.ts";
import { clientException, invalidParameter } from "./api_error.ts";
import type { ApiHandlers } from "./api_operation.ts";
import { isTaskStatus } from "../ecs/task_lifecycle.ts";

type Operation =
  | "DiscoverPollEndpoint"
  | "SubmitAttachmentStateChanges"
  | "SubmitContainerStateChange"
  | "SubmitTaskStateChange";

/** The answer to every report; agents do not read it. */
const ACCEPTED = { acknowledgment: "ACCEPT" };

/** The operations. A report about a task that the emulator does not know changes nothing. */
export function agentOperations(context: ApiContext): ApiHandlers<Operation> {
  const { instances, reports } = context;
  return {
    DiscoverPollEndpoint: ({ containerInstance = "" }, { endpoints }) => {
      const status = instances.get(containerInstance)?.status;
      if (context.requireRegistration && status === undefined) {
        throw clientException("The referenced container instance was not found.");
      }
      return endpoints;
    },
    SubmitTaskStateChange: ({ task: taskArn = "", ...report }) => {
      checkStatus(report.status);
      reports.task(taskArn, report);
      return ACCEPTED;
    },
    SubmitContainerStateChange: ({ task: taskArn = "", ...report }) => {
      reports.task(taskArn, { containers: [report] });
      return ACCEPTED;
    },
    SubmitAttachmentStateChanges: ({ attachments = [] }) => {
      for (const attachment of attachments) reports.attachment(attachment);
      return ACCEPTED;
    },
  };
}

function checkStatus(status: string | undefined): void {
  if (!status || isTaskStatus(status)) return;
  throw invalidParameter(`Unknown status: ${status.slice(0, 64)}`);
}
