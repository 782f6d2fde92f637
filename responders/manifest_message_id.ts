/**
 * The id of the manifest whose verification is expected.
 *
 * @module
 */

import { describeType } from "../internal/describe_type.ts";
import { ignoreRejection } from "../internal/ignore_rejection.ts";

/** Stores the message id. */
export interface ManifestMessageIdAccessor {
  /** The id of the last manifest, or an empty string if none is expected. */
  getMessageId(): string;
  /** Saves it. Throwing means that the message is not acknowledged. */
  setMessageId(messageId: string): void | Promise<void>;
}

/** Stores the message id in memory. */
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
 * The checked id of the manifest whose verification is expected.
 *
 * @param accessor The agent's accessor; if it returns nothing, no manifest is expected.
 * @returns The id; an empty string if none is expected.
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
