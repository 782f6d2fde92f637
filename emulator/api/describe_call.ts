/**
 * Describes the subject of a call to the ECS API, for its event.
 *
 * @module
 */

import { isJsonObject } from "../../internal/json.ts";
import type { Tasks } from "../ecs/tasks.ts";
import type { ApiCallDetail, DiscoveredDetail } from "../events.ts";
import { redactedInput } from "./redacted_input.ts";

/**
 * The event of a call: agents discover endpoints so often that this call has its own event.
 *
 * @param operation The operation.
 * @param input Its input, as parsed JSON.
 * @param answer Its answer.
 * @param tasks The tasks.
 */
export function describeCall(
  operation: string,
  input: unknown,
  answer: object,
  tasks: Tasks,
): ApiCallDetail | DiscoveredDetail {
  if (operation === "DiscoverPollEndpoint") {
    return {
      containerInstance: textIn(input, "containerInstance"),
      cluster: textIn(input, "cluster"),
    };
  }
  const registered: unknown = Reflect.get(answer, "containerInstance");
  return {
    operation,
    containerInstanceArn: textIn(registered, "containerInstanceArn") || instanceIn(input, tasks),
    taskArn: textIn(input, "task"),
    input: redactedInput(operation, input),
  };
}

/** The ARN of the container instance that a call is about; empty if it names none. */
export function instanceIn(input: unknown, tasks: Tasks): string {
  return textIn(input, "containerInstance") || textIn(input, "containerInstanceArn") ||
    tasks.get(textIn(input, "task"))?.containerInstanceArn || "";
}

function textIn(value: unknown, name: string): string {
  const field = isJsonObject(value) ? value[name] : undefined;
  return typeof field === "string" ? field : "";
}
