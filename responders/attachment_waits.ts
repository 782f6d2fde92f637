/**
 * Waits for attachments, with one wait per attachment at a time.
 *
 * @module
 */

import type { ResponderContext } from "./responder.ts";

/**
 * The attachments of one kind whose handler is still waiting. The service resends an attachment
 * under a new message id until it is attached: a copy joins the wait that is in progress.
 */
export class AttachmentWaits {
  readonly #arns: Set<string> = new Set();

  /**
   * Starts waiting in the background, unless a wait for the same attachment is in progress.
   *
   * @param attachment The attachment. Without an ARN, copies cannot be recognized: each has its own
   * wait.
   * @param context The context of the attachment's message.
   * @param wait Calls the agent's handler with the attachment.
   * @throws {LimitExceededError} If too much background work is running.
   */
  start<T extends { readonly attachmentArn: string }>(
    attachment: T,
    { background }: ResponderContext,
    wait: (attachment: T) => void | Promise<void>,
  ): void {
    const { attachmentArn } = attachment;
    if (attachmentArn === "") return background(() => wait(attachment), attachment);
    if (this.#arns.has(attachmentArn)) return;
    this.#arns.add(attachmentArn);
    const release = () => void this.#arns.delete(attachmentArn);
    try {
      background(() => waitAndRelease(() => wait(attachment), release), attachment);
    } catch (error) {
      release();
      throw error;
    }
  }
}

/** Releases the attachment once the wait has ended, however it ends. */
async function waitAndRelease(
  wait: () => void | Promise<void>,
  release: () => void,
): Promise<void> {
  try {
    await wait();
  } finally {
    release();
  }
}
