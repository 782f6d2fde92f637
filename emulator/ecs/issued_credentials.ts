/**
 * The credentials that the service has issued to tasks, for agents that request all of them.
 *
 * @module
 */

import * as v from "@badrap/valita";
import type { IAMRoleCredentialsMessage } from "../../protocol/messages.ts";
import { findProblem } from "../../protocol/find_problem.ts";
import type { EmulatorState } from "../state/emulator_state.ts";
import { StoredMap } from "../state/stored_map.ts";

interface Issued {
  readonly message: IAMRoleCredentialsMessage;
  readonly containerInstanceArn?: string | undefined;
}

const stored: v.Type<Issued> = v.object({
  message: v.unknown().assert(isCredentials, "is not a credentials message"),
  containerInstanceArn: v.string().optional(),
});

function isCredentials(value: unknown): value is IAMRoleCredentialsMessage {
  return findProblem("IAMRoleCredentialsMessage", value) === undefined;
}

/** The newest credentials of each task and role type. */
export class IssuedCredentials {
  readonly #newest: StoredMap<Issued>;

  /**
   * Loads the saved ones.
   *
   * @param state Where they are kept.
   */
  constructor(state: EmulatorState) {
    this.#newest = new StoredMap({
      state,
      kind: "credentials",
      type: stored,
      keyOf: ({ message }) => keyOf(message),
    });
  }

  /**
   * Records credentials, replacing older ones for the same task and role type.
   *
   * @param message The credentials.
   * @param containerInstanceArn The task's instance; `undefined` for the first instance that gets
   * them.
   */
  add(message: IAMRoleCredentialsMessage, containerInstanceArn: string | undefined): void {
    this.#newest.set({ message, containerInstanceArn });
  }

  /**
   * Assigns credentials without an instance to one.
   *
   * @param containerInstanceArn The instance.
   * @param isMeant Which of them.
   */
  place(
    containerInstanceArn: string,
    isMeant: (message: IAMRoleCredentialsMessage) => boolean,
  ): void {
    for (const { message, containerInstanceArn: owner } of this.#newest.values) {
      if (owner === undefined && isMeant(message)) this.add(message, containerInstanceArn);
    }
  }

  /** Forgets the credentials of a task. */
  removeTask(taskArn: string): void {
    for (const { message } of this.#newest.values) {
      if (message.taskArn === taskArn) this.#newest.delete(keyOf(message));
    }
  }

  /** All credentials that are valid on an instance. */
  all(containerInstanceArn: string): readonly IAMRoleCredentialsMessage[] {
    return this.#newest.values
      .filter((issued) =>
        (issued.containerInstanceArn ?? containerInstanceArn) === containerInstanceArn
      )
      .map(({ message }) => message);
  }
}

function keyOf({ taskArn, roleType }: IAMRoleCredentialsMessage): string {
  return `${taskArn ?? ""} ${roleType ?? ""}`;
}
