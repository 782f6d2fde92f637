/**
 * What the emulator's own promises reject with.
 *
 * @module
 */

/** The emulator was closed while something waited for it. */
export class EmulatorClosedError extends Error {
  /** Always `"EmulatorClosedError"`. */
  override readonly name = "EmulatorClosedError";

  /**
   * Names what was waited for.
   *
   * @param waitingFor The end of a sentence that begins "closed before".
   */
  constructor(waitingFor: string) {
    super(`The emulator was closed before ${waitingFor}`);
  }
}

/** The agent answered a message with a NackRequest. */
export class MessageNackedError extends Error {
  /** Always `"MessageNackedError"`. */
  override readonly name = "MessageNackedError";
  /** The message's id. */
  readonly messageId: string;
  /** The agent's words; empty when it gave none. */
  readonly reason: string;

  /**
   * Names the message.
   *
   * @param messageId The message's id.
   * @param reason The agent's words.
   */
  constructor(messageId: string, reason: string) {
    super(`The agent refused message ${messageId} with a NackRequest: ${reason || "no reason"}`);
    this.messageId = messageId;
    this.reason = reason;
  }
}

/** The connection ended before the answer to a message that is not sent again, a heartbeat. */
export class AnswerLostError extends Error {
  /** Always `"AnswerLostError"`. */
  override readonly name = "AnswerLostError";
  /** The message's id. */
  readonly messageId: string;

  /**
   * Names the message.
   *
   * @param messageId The message's id.
   */
  constructor(messageId: string) {
    super(
      `The connection ended before message ${messageId} was answered, and it is not sent again`,
    );
    this.messageId = messageId;
  }
}
