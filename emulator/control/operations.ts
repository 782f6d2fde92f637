/**
 * All operations of the control plane. Each is one URL over HTTP and one kind of step in a
 * scenario.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import * as v from "@badrap/valita";
import { MAX_TIMER_MS } from "../../internal/number_option.ts";
import { nameHint } from "../../internal/option_names.ts";
import type { PostedMessage } from "../acs/outbox.ts";
import { pendingMessages } from "../acs/pending_message.ts";
import { MISLEADING_VARIABLES, publicAgentVariables } from "../agent_variables.ts";
import { API_OPERATIONS, isApiOperation } from "../api/api_input.ts";
import { FIELD_OF_ROLE } from "../ecs/role_credentials.ts";
import { EVENT_TYPES } from "../events.ts";
import { checkFault } from "../faults/check_fault.ts";
import type { Fault } from "../faults/fault.ts";
import { VERSION } from "../../internal/version.ts";
import { RECEIVED_MESSAGE_TYPES } from "../../protocol/message_types.ts";
import { sendMessage } from "../send_message.ts";
import { expectAck } from "../waiting.ts";
import {
  choiceOf,
  keyOf,
  MAX_WAIT_MS,
  nonEmptyText,
  wholeNumber,
  wholeNumberText,
} from "./input_types.ts";
import {
  messageInput,
  messageType,
  partialNetworkInterface,
  partialTask,
  taskManifest,
} from "./message_input.ts";
import { command, type Operation, query } from "./operation.ts";
import { sendTyped } from "./send_typed.ts";
import { connectionView, emulatorView } from "./views.ts";
import { waitForEntry } from "./wait_for_entry.ts";

/** Default time limit of a wait, in ms. */
const DEFAULT_WITHIN_MS = 10_000;

/** Default number of transcript entries per response. */
const DEFAULT_ENTRIES = 1_000;

const within = wholeNumber(0, MAX_WAIT_MS).optional(() => DEFAULT_WITHIN_MS);
const waitTimeoutMs = wholeNumber(1, MAX_TIMER_MS).optional();
const containerInstanceArn = nonEmptyText.optional();
const taskArn = nonEmptyText;

const event = keyOf(EVENT_TYPES);

/** The newest entries of a list; all by default. */
const limit = wholeNumberText(1, 10_000).optional();

const fault: v.Type<Fault> = v.unknown().chain((value) => {
  try {
    checkFault(value);
    return v.ok(value);
  } catch (error) {
    return v.err(error instanceof Error ? error.message : String(error));
  }
});

/** The name of an operation. */
export type OperationName =
  | "attach-network-interface"
  | "attach-volume"
  | "call-api"
  | "clear-faults"
  | "configure"
  | "connections"
  | "container-instances"
  | "deregister-container-instance"
  | "environment"
  | "expect-ack"
  | "faults"
  | "health"
  | "inject-fault"
  | "pending"
  | "register-container-instance"
  | "rotate-credentials"
  | "run-task"
  | "send"
  | "send-heartbeat"
  | "send-raw"
  | "send-task-manifest"
  | "state"
  | "stop-task"
  | "tasks"
  | "transcript"
  | "wait-for";

/** The operations by their names. */
export const OPERATIONS: Readonly<Record<OperationName, Operation>> = {
  "run-task": command({
    summary: "Runs a task by sending it in a payload; missing fields are those of a sample",
    input: v.object({ containerInstanceArn, task: partialTask.optional() }),
    run: (service, input) => posted(service.taskControl.run(input)),
  }),
  "stop-task": command({
    summary: "Stops a task by sending it in a payload with desiredStatus STOPPED",
    input: v.object({ taskArn }),
    run: (service, input) => posted(service.taskControl.stop(input.taskArn)),
  }),
  "call-api": command({
    summary: "Calls an operation of the ECS API, such as RunTask, with its input",
    input: v.object({
      operation: choiceOf(isApiOperation, API_OPERATIONS),
      input: v.record(v.unknown()).optional(() => ({})),
    }),
    choices: { operation: API_OPERATIONS },
    run: (service, { operation, input }) => service.callApi(operation, input, service.endpoints),
  }),
  "attach-network-interface": command({
    summary: "Announces a network interface of a task, or of the container instance",
    input: v.object({
      containerInstanceArn,
      taskArn: taskArn.optional(),
      networkInterface: partialNetworkInterface.optional(),
      waitTimeoutMs,
    }),
    run: (service, input) => posted(service.attachments.attachNetworkInterface(input)),
  }),
  "attach-volume": command({
    summary: "Announces an EBS volume of a task",
    input: v.object({
      containerInstanceArn,
      taskArn: taskArn.optional(),
      properties: v.record(v.string()).optional(),
      waitTimeoutMs,
    }),
    run: (service, input) => posted(service.attachments.attachVolume(input)),
  }),
  "rotate-credentials": command({
    summary: "Sends fresh credentials of one of a task's roles",
    input: v.object({
      taskArn,
      roleType: keyOf(FIELD_OF_ROLE).optional(),
    }),
    choices: { roleType: Object.keys(FIELD_OF_ROLE) },
    run: (service, input) => posted(service.taskControl.rotate(input.taskArn, input.roleType)),
  }),
  "send-task-manifest": command({
    summary:
      "Sends the list of the tasks that should run: those in the message, or those that were run",
    input: v.object({ containerInstanceArn, message: taskManifest.optional() }),
    run: (service, { message, ...options }) =>
      posted(service.sendTaskManifest(message ?? {}, options)),
  }),
  "send-heartbeat": command({
    summary: "Sends a heartbeat, in addition to the regular ones",
    input: v.object({ containerInstanceArn }),
    run: (service, options) => posted(sendMessage(service, "HeartbeatMessage", {}, options)),
  }),
  "send": command({
    summary:
      "Sends any message; unless exact, fields that the service sets are filled in; plain has no " +
      "other effects, such as issuing the credentials, and allows unknown fields",
    input: v.object({
      containerInstanceArn,
      type: messageType,
      message: v.record(v.unknown()).optional(() => ({})),
      exact: v.boolean().optional(() => false),
      plain: v.boolean().optional(() => false),
    }),
    choices: { type: RECEIVED_MESSAGE_TYPES },
    check({ type, message, exact, plain }) {
      const result = messageInput(type, { anyField: exact || plain }).try(message);
      const [issue] = result.ok ? [] : result.issues;
      if (issue?.code !== "custom_error") return v.ok(undefined);
      return v.err({ message: issue.message ?? "does not fit", path: ["message"] });
    },
    run: (service, { type, message, exact, plain, ...options }) =>
      posted(sendTyped(service, type, message, { ...options, exact, plain })),
  }),
  "send-raw": command({
    summary: "Sends one frame of any content: text, or bytes in base64",
    input: v.object({
      containerInstanceArn,
      text: v.string().optional(),
      base64: v.string().assert(isBase64, "is not base64").optional(),
    }),
    check: ({ text, base64 }) =>
      (text === undefined) === (base64 === undefined)
        ? v.err("expected either text or base64")
        : v.ok(undefined),
    run(service, { text, base64 = "", ...options }) {
      service.postFrame(text ?? new Uint8Array(Buffer.from(base64, "base64")), options);
    },
  }),
  "register-container-instance": command({
    summary: "Makes a container instance known and active",
    input: v.object({ containerInstanceArn: nonEmptyText }),
    run: (service, input) => service.instances.register(input.containerInstanceArn),
  }),
  "deregister-container-instance": command({
    summary: "Makes a container instance inactive: its next upgrade is refused",
    input: v.object({ containerInstanceArn: nonEmptyText }),
    run: (service, input) => service.instances.deregister(input.containerInstanceArn),
  }),
  "configure": command({
    summary: "Changes settings of the running emulator",
    input: v.object({
      answerTaskStopVerification: v.boolean().optional(),
      endpoint: v.string().optional(),
    }),
    run(service, { answerTaskStopVerification, endpoint }) {
      service.answerTaskStopVerification = answerTaskStopVerification ??
        service.answerTaskStopVerification;
      service.endpoint = endpoint ?? service.endpoint;
      return { answerTaskStopVerification: service.answerTaskStopVerification };
    },
  }),
  "inject-fault": command({
    summary: "Injects a fault, now or into the next requests or connections",
    input: v.object({
      containerInstanceArn,
      fault,
      next: wholeNumber(1, 1_000_000).optional(),
    }),
    run: (service, { fault, ...options }) => ({ id: service.faults.inject(fault, options) }),
  }),
  "clear-faults": command({
    summary:
      "Ends lasting faults and cancels pending ones: all, those of an instance, or the one with the id",
    input: v.object({ containerInstanceArn, id: nonEmptyText.optional() }),
    run: (service, options) => service.faults.clear(options),
  }),
  "expect-ack": command({
    summary: "Waits for the acknowledgement of a message, even one that arrived earlier",
    input: v.object({ messageId: nonEmptyText, within }),
    async run(service, { messageId, within }, signal) {
      const answer = await expectAck(service, messageId, { within, signal });
      return { ...answer, message: answer.message };
    },
  }),
  "wait-for": command({
    summary: "Waits for an event: the next one, or the first after an entry of the transcript",
    input: v.object({
      event,
      where: v.record(v.unknown()).optional(),
      after: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(),
      within,
    }),
    choices: { event: Object.keys(EVENT_TYPES) },
    run: waitForEntry,
  }),
  "state": query({
    summary: "Summarizes the emulator's state",
    input: v.object({}),
    run: (service) => emulatorView(service),
  }),
  "health": query({
    summary: "Returns the emulator's version, to show that it is running; needs no control token",
    input: v.object({}),
    run: () => ({ status: "ok", emulator: "@acs/session", version: VERSION }),
  }),
  "environment": query({
    summary: "Returns an agent's environment variables; keys only if they are AWS's example keys",
    input: v.object({}),
    run: (service) => ({ ...publicAgentVariables(service.target), unset: MISLEADING_VARIABLES }),
  }),
  "container-instances": query({
    summary: "Lists the container instances",
    input: v.object({}),
    run: (service) => ({ containerInstances: service.instances.all }),
  }),
  "tasks": query({
    summary: "Lists the tasks, or the newest ones",
    input: v.object({ limit }),
    run: (service, { limit }) => ({ tasks: newest(service.tasks.all, limit) }),
  }),
  "connections": query({
    summary: "Lists the connections, or the newest ones, including ended ones",
    input: v.object({ limit }),
    run: (service, { limit }) => ({
      connections: newest(service.hub.connections, limit).map(connectionView),
    }),
  }),
  "faults": query({
    summary: "Lists the active faults, and those waiting for a request or a connection",
    input: v.object({}),
    run: ({ faults: { waiting, active } }) => ({ waiting, active }),
  }),
  "pending": query({
    summary: "Lists the messages that wait to be sent or acknowledged",
    input: v.object({}),
    run: (service) => ({ pending: pendingMessages(service.hub.outbox.pending) }),
  }),
  "transcript": query({
    summary: "Lists the events, without secrets: the first entries after a given number",
    input: v.object({
      after: wholeNumberText(0, Number.MAX_SAFE_INTEGER).optional(() => 0),
      limit: wholeNumberText(1, 10_000).optional(() => DEFAULT_ENTRIES),
    }),
    run: (service, { after, limit }) => ({ entries: service.transcript.after(after, limit) }),
  }),
};

/** The name of an operation, as input. */
export const operationName: v.Type<OperationName> = v.string().chain((name) =>
  isOperationName(name)
    ? v.ok(name)
    : v.err(`unknown operation${nameHint(name, Object.keys(OPERATIONS))}`)
);

/** Whether there is an operation of that name. */
export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(OPERATIONS, name);
}

/** The last entries of a list, in its order. */
function newest<T>(list: readonly T[], limit: number | undefined): readonly T[] {
  return limit === undefined ? list : list.slice(-limit);
}

/** The result for a posted message. */
function posted<T extends Omit<PostedMessage, "acked">>(message: T | undefined): object {
  if (message === undefined) return {};
  const { acked: _, ...rest }: Omit<T, "acked"> & { acked?: unknown } = message;
  return rest;
}

function isBase64(text: string): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(text);
}
