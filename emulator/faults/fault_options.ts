/**
 * What a test may ask to go wrong with the next requests.
 *
 * @module
 */

/** How a request is refused. */
export interface RefuseOptions {
  /**
   * The HTTP status.
   *
   * @default 403 for an upgrade, 500 for DiscoverPollEndpoint
   */
  readonly status?: number;
  /**
   * The exception's name.
   *
   * @default "AccessDeniedException" for an upgrade, "ServerException" for DiscoverPollEndpoint
   */
  readonly exception?: string;
  /**
   * The service's words.
   *
   * @default "Refused by the emulator, as it was told to"
   */
  readonly message?: string;
  /** The whole body instead of the service's own form, as a proxy would answer. */
  readonly body?: string;
  /**
   * How many requests are refused. An agent may ask a second time to learn why its upgrade was
   * refused; then each attempt is two requests.
   *
   * @default 1
   */
  readonly next?: number;
}

/** How an upgrade is refused. */
export interface RefuseUpgradeOptions extends RefuseOptions {
  /**
   * `true` for a body like a message of the session, `{"type": Name, "message": {…}}`; `false` for
   * the bare form `{Name: "…"}`. The service uses both.
   *
   * @default what the emulator's option `exceptionForm` says
   */
  readonly framed?: boolean;
}

/** How many requests are meant. */
export interface NextOptions {
  /**
   * How many.
   *
   * @default 1
   */
  readonly next?: number;
}
