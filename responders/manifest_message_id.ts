/**
 * The id of the manifest whose verification is awaited.
 *
 * @module
 */

import { describeType } from "../internal/describe_type.ts";
import { ignoreRejection } from "../internal/ignore_rejection.ts";

/** Keeps the message id. */
export interface ManifestMessageIdAccessor {
  /** The id of the last manifest, or an empty string when none is awaited. */
  getMessageId(): string;
  /** Saves it. Throwing means that the message is not acknowledged. */
  setMessageId(messageId: string): void | Promise<void>;
}

/** Keeps the message id in memory. */
export function memoryManifestMessageId(): ManifestMessageIdAccessor {
  let current = "";
  return {
    getMessageId: () => current,
    setMessageId(messageId) {
      current = messageId;
    },
  };
}

/**
 * The id of the manifest whose verification is awaited, checked.
 *
 * @param accessor The agent's part; one that returns nothing awaits none.
 * @returns The id; an empty string when none is awaited.
 * @throws {TypeError} If it is not a string.
 */
export function awaitedManifestId(accessor: ManifestMessageIdAccessor): string {
  const messageId: unknown = accessor.getMessageId();
  if (messageId === undefined || messageId === null) return "";
  if (typeof messageId === "string") return messageId;
  void ignoreRejection(messageId);
  throw new TypeError(
    `getMessageId returned ${describeType(messageId)}: return the id itself, without a promise`,
  );
}
