/**
 * The credentials that the service has issued to tasks, for agents that ask for all of them.
 *
 * @module
 */

import * as v from "@badrap/valita";
import type { IAMRoleCredentialsMessage } from "../../protocol/messages.ts";
import { findProblem } from "../../protocol/find_problem.ts";
import type { EmulatorState } from "../state/emulator_state.ts";

interface Issued {
  readonly message: IAMRoleCredentialsMessage;
  readonly containerInstanceArn?: string | undefined;
}

const KIND = "credentials";

const stored: v.Type<Issued> = v.object({
  message: v.unknown().assert(isCredentials, "is not a credentials message"),
  containerInstanceArn: v.string().optional(),
});

function isCredentials(value: unknown): value is IAMRoleCredentialsMessage {
  return findProblem("IAMRoleCredentialsMessage", value) === undefined;
}

/** The newest credentials of each task and role type. */
export class IssuedCredentials {
  readonly #state: EmulatorState;
  readonly #newest = new Map<string, Issued>();

  /**
   * Starts with those saved.
   *
   * @param state Where they are kept.
   */
  constructor(state: EmulatorState) {
    this.#state = state;
    for (const issued of state.all(KIND, stored)) this.#newest.set(keyOf(issued.message), issued);
  }

  /**
   * Takes note of credentials; they replace older ones of the same task and role type.
   *
   * @param message The credentials.
   * @param containerInstanceArn The instance that the task is on; `undefined` for any.
   */
  add(message: IAMRoleCredentialsMessage, containerInstanceArn: string | undefined): void {
    const key = keyOf(message);
    const issued = { message, containerInstanceArn };
    this.#state.put(KIND, key, issued);
    this.#newest.set(key, issued);
  }

  /** Forgets the credentials of a task. */
  removeTask(taskArn: string): void {
    for (const [key, { message }] of this.#newest) {
      if (message.taskArn !== taskArn) continue;
      this.#state.delete(KIND, key);
      this.#newest.delete(key);
    }
  }

  /** All that are in force on an instance. */
  all(containerInstanceArn: string): readonly IAMRoleCredentialsMessage[] {
    return [...this.#newest.values()]
      .filter((issued) =>
        (issued.containerInstanceArn ?? containerInstanceArn) === containerInstanceArn
      )
      .map(({ message }) => message);
  }
}

function keyOf({ taskArn, roleType }: IAMRoleCredentialsMessage): string {
  return `${taskArn ?? ""} ${roleType ?? ""}`;
}
