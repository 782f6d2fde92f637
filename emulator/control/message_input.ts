/**
 * Messages and parts of messages as input, checked against the same shapes as
 * messages on the wire.
 *
 * @module
 */

import * as v from "@badrap/valita";
import { isReceivedMessageType, RECEIVED_MESSAGE_TYPES } from "../../protocol/message_types.ts";
import type {
  ElasticNetworkInterface,
  ReceivedMessages,
  ReceivedMessageType,
  Task,
  TaskManifestMessage,
} from "../../protocol/messages.ts";
import {
  type FieldShape,
  isListShape,
  SHAPES,
  type StructureShape,
} from "../../protocol/shapes.ts";
import { isJsonObject, jsonTypeOf } from "../../internal/json.ts";
import { nameHint } from "../../internal/option_names.ts";
import { findProblem, shapeCheck } from "../../protocol/find_problem.ts";
import { choiceOf } from "./input_types.ts";

const [TASK] = SHAPES.PayloadMessage.tasks;
const [NETWORK_INTERFACE] = SHAPES.AttachTaskNetworkInterfacesMessage.elasticNetworkInterfaces;

/** Some fields of a task. */
export const partialTask: v.Type<Partial<Task>> = shaped<Partial<Task>>(TASK).chain((task) =>
  task.containers === undefined || hasContainers(task)
    ? v.ok(task)
    : v.err(`containers: ${NO_CONTAINERS}`)
);

/** Some fields of a network interface. */
export const partialNetworkInterface: v.Type<Partial<ElasticNetworkInterface>> = shaped<
  Partial<ElasticNetworkInterface>
>(NETWORK_INTERFACE);

/** Some fields of a manifest. */
export const taskManifest: v.Type<TaskManifestMessage> = messageInput("TaskManifestMessage", {
  anyField: false,
});

/** The name of a message that the service sends. */
export const messageType: v.Type<ReceivedMessageType> = choiceOf(
  isReceivedMessageType,
  RECEIVED_MESSAGE_TYPES,
);

/**
 * A message of a type.
 *
 * @param type Its type.
 * @param options Whether unknown fields and tasks without containers are allowed.
 */
export function messageInput<T extends ReceivedMessageType>(
  type: T,
  { anyField }: { readonly anyField: boolean },
): v.Type<ReceivedMessages[T]> {
  const shape: StructureShape = SHAPES[type];
  const fits = (value: unknown): value is ReceivedMessages[T] =>
    isJsonObject(value) && findProblem(type, value) === undefined &&
    (anyField || findUnknownField(shape, value) === undefined);
  return v.unknown().chain((value) => {
    if (!fits(value)) return v.err(problemOf(shape, value));
    const problem = anyField || type !== "PayloadMessage" ? undefined : problemOfTasks(value);
    return problem === undefined ? v.ok(value) : v.err(problem);
  });
}

const NO_CONTAINERS =
  "a task without containers never starts, and blocks all later messages of an unmodified agent";

function hasContainers({ containers }: Pick<Task, "containers">): boolean {
  return (containers ?? []).length > 0;
}

/** Finds a task to be run that has no containers. */
function problemOfTasks(message: ReceivedMessages[ReceivedMessageType]): string | undefined {
  const tasks = "tasks" in message && Array.isArray(message.tasks) ? message.tasks : [];
  const index = tasks.findIndex((task) =>
    isJsonObject(task) && task.desiredStatus !== "STOPPED" &&
    !(Array.isArray(task.containers) && task.containers.length > 0)
  );
  return index === -1 ? undefined : `tasks[${index}].containers: ${NO_CONTAINERS}`;
}

function shaped<T>(shape: StructureShape): v.Type<T> {
  const check = shapeCheck(shape);
  const fits = (value: unknown): value is T =>
    isJsonObject(value) && check(value) === undefined &&
    findUnknownField(shape, value) === undefined;
  return v.unknown().chain((value) => fits(value) ? v.ok(value) : v.err(problemOf(shape, value)));
}

function problemOf(shape: StructureShape, value: unknown): string {
  if (!isJsonObject(value)) return `expected object, got ${jsonTypeOf(value)}`;
  const problem = shapeCheck(shape)(value);
  if (problem !== undefined) return problem.slice(1);
  return findUnknownField(shape, value)?.slice(1) ?? "does not fit";
}

/** Finds a field that the shape does not have, most likely a typing error, and describes it. */
function findUnknownField(shape: FieldShape, value: unknown): string | undefined {
  if (typeof shape === "string") return undefined;
  if (isListShape(shape)) return findInList(shape[0], value);
  if (!isJsonObject(value)) return undefined;
  for (const [name, field] of Object.entries(value)) {
    const inner = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (inner === undefined) {
      return `.${name}: unknown field${nameHint(name, Object.keys(shape))}`;
    }
    const found = findUnknownField(inner, field);
    if (found !== undefined) return `.${name}${found}`;
  }
  return undefined;
}

function findInList(shape: FieldShape, value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  for (const [index, entry] of value.entries()) {
    const found = findUnknownField(shape, entry);
    if (found !== undefined) return `[${index}]${found}`;
  }
  return undefined;
}
