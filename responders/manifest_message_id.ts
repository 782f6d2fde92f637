/**
 * The id of the manifest whose verification is awaited.
 *
 * @module
 */

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
