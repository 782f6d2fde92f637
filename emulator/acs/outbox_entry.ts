/**
 * One message of the outbox, and which answers fit it.
 *
 * @module
 */

import { isJsonObject } from "../../internal/json.ts";
import type { AgentMessage } from "./agent_message.ts";
import type { EmulatorConnection } from "./emulator_connection.ts";
import { type OutgoingFrame, type Queued, textField } from "./queued_message.ts";

/** One message of the outbox. */
export interface Entry {
  /** The message. */
  readonly queued: Queued;
  /** Settles the caller's promise. */
  readonly settle: PromiseWithResolvers<AgentMessage>;
  /** The instance it belongs to: once sent, the first one that got it. */
  containerInstanceArn: string | undefined;
  /** The connection it was last sent over. */
  connection: EmulatorConnection | undefined;
  /** The frame in which it was last sent. */
  frame: OutgoingFrame | undefined;
}

/** A new entry for a message. */
export function entryOf(queued: Queued): Entry {
  const settle = Promise.withResolvers<AgentMessage>();
  settle.promise.catch(() => {
    // A holder of the promise sees the rejection; without one it must not count as unhandled.
  });
  const { containerInstanceArn } = queued;
  return { queued, settle, containerInstanceArn, connection: undefined, frame: undefined };
}

/** Compares two entries by their numbers. */
export function byNumber({ queued: one }: Entry, { queued: other }: Entry): number {
  return one.number - other.number;
}

/** Once sent, a message belongs to the container instance that got it. */
export function isFor({ containerInstanceArn }: Entry, connection: EmulatorConnection): boolean {
  return (containerInstanceArn ?? connection.containerInstanceArn) ===
    connection.containerInstanceArn;
}

/** Whether a message is about one task, and no other. */
export function isAboutOnly({ type, ...queued }: Queued, taskArn: string): boolean {
  if (type === undefined || !("message" in queued)) return false;
  if (type !== "PayloadMessage") return textField(queued.message, "taskArn") === taskArn;
  const tasks: unknown = Reflect.get(queued.message, "tasks");
  return Array.isArray(tasks) && tasks.length > 0 &&
    tasks.every((task) => isJsonObject(task) && task.arn === taskArn);
}

/** Whether an answer repeats the message's ARNs, if its type has ARNs. */
export function repeatsArns({ frame }: Entry, answer: AgentMessage): boolean {
  if (answer.type !== "AckRequest" && answer.type !== "NackRequest") return true;
  const { cluster, containerInstance } = answer.message;
  return (cluster ?? "") === (frame?.cluster ?? "") &&
    (containerInstance ?? "") === (frame?.containerInstance ?? "");
}

/** Whether an answer to credentials names the message's credentials. */
export function bringsCredentials(queued: Queued, answer: AgentMessage): boolean {
  if (answer.type !== "IAMRoleCredentialsAckRequest" || queued.type === undefined) return true;
  const credentials: unknown = Reflect.get(queued.message, "roleCredentials");
  if (!isJsonObject(credentials)) return true;
  return (answer.message.credentialsId ?? "") === (credentials.credentialsId ?? "");
}
