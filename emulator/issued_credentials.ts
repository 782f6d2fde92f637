/**
 * The credentials that the service has issued to tasks, for agents that ask for all of them.
 *
 * @module
 */

import type { IAMRoleCredentialsMessage } from "../wsclient/messages.ts";

/** The newest credentials of each task and role type. */
export class IssuedCredentials {
  readonly #newest = new Map<string, IAMRoleCredentialsMessage>();

  /** Takes note of credentials; they replace older ones of the same task and role type. */
  add(message: IAMRoleCredentialsMessage): void {
    this.#newest.set(`${message.taskArn ?? ""} ${message.roleType ?? ""}`, message);
  }

  /** All that are in force. */
  all(): readonly IAMRoleCredentialsMessage[] {
    return [...this.#newest.values()];
  }
}
