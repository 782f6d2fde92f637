/**
 * Which of two credentials with the same id are newer.
 *
 * @module
 */

import { ignoreRejection } from "../internal/ignore_rejection.ts";
import type { IAMRoleCredentials } from "../protocol/messages.ts";
import type { CredentialsManager } from "./credentials_manager.ts";
import { isPromiseLike } from "./promise_like.ts";

/**
 * Whether the credentials that are stored under an id expire later than these. The service resends
 * a message that was not answered, and the message contains its old credentials even if newer ones
 * were sent, stored and answered in the meantime.
 *
 * @param manager The store.
 * @param credentialsId The id.
 * @param received The credentials of a message.
 */
export function hasNewer(
  manager: CredentialsManager,
  credentialsId: string,
  received: IAMRoleCredentials,
): boolean {
  const known = manager.getTaskCredentials(credentialsId);
  // A manager may be written in JavaScript.
  if (isPromiseLike(known)) void ignoreRejection(known);
  const stored = known?.iamRoleCredentials;
  return Date.parse(stored?.expiration ?? "") > Date.parse(received.expiration ?? "");
}
