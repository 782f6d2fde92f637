/**
 * Options of the methods that inject faults into the next requests.
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
  /** The message.
   *
   * @default "Refused by an injected fault"
   */
  readonly message?: string;
  /** The whole body, replacing the service's form: a response as from a proxy. */
  readonly body?: string;
  /**
   * Number of requests to refuse. Some agents repeat a refused upgrade to learn the reason: each of
   * their attempts is then two requests.
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
   * @default the emulator's option `exceptionForm`
   */
  readonly framed?: boolean;
}

/** How many requests are hit. */
export interface NextOptions {
  /** Number of requests.
   *
   * @default 1
   */
  readonly next?: number;
}
