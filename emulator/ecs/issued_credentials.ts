/**
 * The credentials that the service has issued to tasks, for agents that ask for all of them.
 *
 * @module
 */

import type { IAMRoleCredentialsMessage } from "../../wsclient/messages.ts";

interface Issued {
  readonly message: IAMRoleCredentialsMessage;
  readonly containerInstanceArn: string | undefined;
}

/** The newest credentials of each task and role type. */
export class IssuedCredentials {
  readonly #newest = new Map<string, Issued>();

  /**
   * Takes note of credentials; they replace older ones of the same task and role type.
   *
   * @param message The credentials.
   * @param containerInstanceArn The instance that the task is on; `undefined` for any.
   */
  add(message: IAMRoleCredentialsMessage, containerInstanceArn: string | undefined): void {
    const key = `${message.taskArn ?? ""} ${message.roleType ?? ""}`;
    this.#newest.set(key, { message, containerInstanceArn });
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
