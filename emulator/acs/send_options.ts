/**
 * How a message is sent.
 *
 * @module
 */

/** Where a message goes. */
export interface SendOptions {
  /**
   * The container instance to send to.
   *
   * @default The message's own `containerInstanceArn`, else the instance that connected last.
   */
  readonly containerInstanceArn?: string | undefined;
}

/** How the service posts a message. */
export interface PostOptions extends SendOptions {
  /** Whether the message is sent unchanged: no missing field is filled in. */
  readonly exact?: boolean;
}
