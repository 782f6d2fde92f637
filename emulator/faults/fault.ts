/**
 * Everything that the emulator can be told to get wrong, as plain JSON data.
 *
 * @module
 */

import type { ConnectionFault } from "./connection_fault.ts";

/**
 * One thing that goes wrong. `at` says where: in the answer to a DiscoverPollEndpoint, in the answer
 * to an upgrade, or on a connection; `action` says what. It is plain data, so that it can be written
 * in a file or sent over HTTP.
 *
 * Faults of requests hit a request whatever it is like: also one whose signature is wrong.
 *
 * @example
 * ```ts
 * import { AcsEmulator, type Fault } from "@acs/session/emulator";
 *
 * await using emulator = await AcsEmulator.listen();
 * const faults: Fault[] = [
 *   { at: "upgrade", action: "refuse", status: 503, body: "<h1>Unavailable</h1>" },
 *   { at: "connection", action: "delay", ms: 200 },
 *   { at: "connection", action: "close", code: 1006, afterMs: 60_000 },
 * ];
 * for (const fault of faults) emulator.injectFault(fault, { next: 1 });
 * ```
 */
export type Fault = DiscoverFault | UpgradeFault | ConnectionFault;

/** What can go wrong with a DiscoverPollEndpoint. */
export type DiscoverFault =
  | RefuseDiscoverFault
  | HangDiscoverFault
  | EndpointFault
  | EndDiscoverFault
  | ResetDiscoverFault;

/** What can go wrong with an upgrade. */
export type UpgradeFault =
  | RefuseUpgradeFault
  | HangUpgradeFault
  | EndUpgradeFault
  | ResetUpgradeFault;

/** DiscoverPollEndpoint is answered with an error, or with a body of your own. */
export interface RefuseDiscoverFault {
  /** In the answer to a DiscoverPollEndpoint. */
  readonly at: "discover";
  /** Answer with an error. */
  readonly action: "refuse";
  /**
   * The HTTP status, 200 to 599.
   *
   * @default 500
   */
  readonly status?: number;
  /**
   * The exception's name.
   *
   * @default "ServerException"
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
}

/** DiscoverPollEndpoint is never answered; the connection stays open. */
export interface HangDiscoverFault {
  /** In the answer to a DiscoverPollEndpoint. */
  readonly at: "discover";
  /** Never answer. */
  readonly action: "hang";
}

/** DiscoverPollEndpoint is answered well, but with another endpoint, or without one. */
export interface EndpointFault {
  /** In the answer to a DiscoverPollEndpoint. */
  readonly at: "discover";
  /** Answer with this endpoint. */
  readonly action: "endpoint";
  /**
   * What the answer says. It need not be a URL.
   *
   * @default The answer has no endpoint.
   */
  readonly endpoint?: string;
}

/** DiscoverPollEndpoint is not answered, and the TCP stream is ended in order (FIN). */
export interface EndDiscoverFault {
  /** In the answer to a DiscoverPollEndpoint. */
  readonly at: "discover";
  /** End the stream. */
  readonly action: "end";
}

/** DiscoverPollEndpoint is not answered, and the TCP stream is reset (RST). */
export interface ResetDiscoverFault {
  /** In the answer to a DiscoverPollEndpoint. */
  readonly at: "discover";
  /** Reset the stream. */
  readonly action: "reset";
}

/** The upgrade is answered with an ordinary HTTP response. */
export interface RefuseUpgradeFault {
  /** In the answer to an upgrade. */
  readonly at: "upgrade";
  /** Refuse it. */
  readonly action: "refuse";
  /**
   * The HTTP status, 200 to 599.
   *
   * @default 403
   */
  readonly status?: number;
  /**
   * The exception's name.
   *
   * @default "AccessDeniedException"
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
   * `true` for a body like a message of the session, `{"type": Name, "message": {…}}`; `false` for
   * the bare form `{Name: "…"}`. The service uses both.
   *
   * @default What the emulator's option `exceptionForm` says.
   */
  readonly framed?: boolean;
}

/** The upgrade is never answered, or not to the end; the connection stays open. */
export interface HangUpgradeFault {
  /** In the answer to an upgrade. */
  readonly at: "upgrade";
  /** Stop answering. */
  readonly action: "hang";
  /**
   * After what: `"request"` sends not a byte, `"head"` the first half of the 101's head.
   *
   * @default "request"
   */
  readonly after?: "request" | "head";
}

/** The upgrade is not answered, and the TCP stream is ended in order (FIN). */
export interface EndUpgradeFault {
  /** In the answer to an upgrade. */
  readonly at: "upgrade";
  /** End the stream. */
  readonly action: "end";
}

/** The upgrade is not answered, and the TCP stream is reset (RST). */
export interface ResetUpgradeFault {
  /** In the answer to an upgrade. */
  readonly at: "upgrade";
  /** Reset the stream. */
  readonly action: "reset";
}

/** Whom a fault hits, and how often. */
export interface InjectFaultOptions {
  /**
   * Only requests and connections of this container instance. A DiscoverPollEndpoint names its
   * instance in the body, an upgrade in the query.
   *
   * @default any
   */
  readonly containerInstanceArn?: string | undefined;
  /**
   * How many of the next requests, or of the connections established from now on, are hit. Each
   * request is hit by one fault only, in the order in which they were injected; each connection is
   * hit by all that wait for it. An agent may repeat an upgrade that failed, only to learn why: then
   * each of its attempts is two requests.
   *
   * @default 1 for faults of requests; a fault of connections hits those that are open now, and none
   * that come later.
   */
  readonly next?: number | undefined;
}

/** Whose faults are cleared. */
export interface ClearFaultsOptions {
  /**
   * Only faults that were injected for this container instance, and lasting ones on its connections.
   *
   * @default all faults
   */
  readonly containerInstanceArn?: string | undefined;
}
