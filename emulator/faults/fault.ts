/**
 * All faults that can be injected, as plain JSON data.
 *
 * @module
 */

import type { ApiOperation } from "../api/api_operation.ts";
import type { ConnectionFault, FaultedService } from "./connection_fault.ts";

/**
 * A fault. `at` is its place: the response to a call to the ECS API, to a DiscoverPollEndpoint, or
 * to an upgrade, or a connection; `action` is its kind. Faults are plain data, so that they can be
 * written in a file or sent over HTTP.
 *
 * Request faults hit every request, even one with an invalid signature.
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
export type Fault = ApiFault | DiscoverFault | UpgradeFault | ConnectionFault;

/** Faults in any ECS API operation, including DiscoverPollEndpoint. */
export type ApiFault = RefuseApiFault | HangApiFault | EndApiFault | ResetApiFault;

/** Faults in a DiscoverPollEndpoint call. */
export type DiscoverFault =
  | RefuseDiscoverFault
  | HangDiscoverFault
  | EndpointFault
  | EndDiscoverFault
  | ResetDiscoverFault;

/** Faults of an upgrade. */
export type UpgradeFault =
  | RefuseUpgradeFault
  | HangUpgradeFault
  | EndUpgradeFault
  | ResetUpgradeFault;

/** Which calls an API fault hits. */
export interface ApiFaultBase {
  /** In the answer to a call to the ECS API. */
  readonly at: "api";
  /**
   * Only calls to this operation.
   *
   * @default any
   */
  readonly operation?: ApiOperation;
}

/** The call is answered with an error, or with a given body, and has no effect. */
export interface RefuseApiFault extends ApiFaultBase {
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
  /** The message.
   *
   * @default "Refused by an injected fault"
   */
  readonly message?: string;
  /** The whole body, replacing the service's form: a response as from a proxy. */
  readonly body?: string;
}

/** What happens to a call that gets no answer. */
export interface UnansweredApiFaultBase extends ApiFaultBase {
  /**
   * When the fault occurs: after the `"request"`, so that the call has no effect, or after the
   * `"call"`, so that the call takes effect and only its answer is lost.
   *
   * @default "request"
   */
  readonly after?: "request" | "call";
}

/** The call is never answered; the connection stays open. */
export interface HangApiFault extends UnansweredApiFaultBase {
  /** Never answer. */
  readonly action: "hang";
}

/** The call is not answered, and the TCP stream is ended (FIN). */
export interface EndApiFault extends UnansweredApiFaultBase {
  /** End the stream. */
  readonly action: "end";
}

/** The call is not answered, and the TCP stream is reset (RST). */
export interface ResetApiFault extends UnansweredApiFaultBase {
  /** Reset the stream. */
  readonly action: "reset";
}

/** DiscoverPollEndpoint is answered with an error, or with a given body. */
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
  /** The message.
   *
   * @default "Refused by an injected fault"
   */
  readonly message?: string;
  /** The whole body, replacing the service's form: a response as from a proxy. */
  readonly body?: string;
}

/** DiscoverPollEndpoint is never answered; the connection stays open. */
export interface HangDiscoverFault {
  /** In the answer to a DiscoverPollEndpoint. */
  readonly at: "discover";
  /** Never answer. */
  readonly action: "hang";
}

/** DiscoverPollEndpoint succeeds, but with another endpoint, or without one. */
export interface EndpointFault {
  /** In the answer to a DiscoverPollEndpoint. */
  readonly at: "discover";
  /** Answer with this endpoint. */
  readonly action: "endpoint";
  /**
   * The returned endpoint. It need not be a URL.
   *
   * @default The answer has no endpoint.
   */
  readonly endpoint?: string;
}

/** DiscoverPollEndpoint is not answered, and the TCP stream is ended (FIN). */
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
  /**
   * The service whose upgrade is hit.
   *
   * @default "acs"
   */
  readonly service?: FaultedService;
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
  /** The message.
   *
   * @default "Refused by an injected fault"
   */
  readonly message?: string;
  /** The whole body, replacing the service's form: a response as from a proxy. */
  readonly body?: string;
  /**
   * `true` for a body like a message of the session, `{"type": Name, "message": {…}}`; `false` for
   * the bare form `{Name: "…"}`. The service uses both.
   *
   * @default The emulator's option `exceptionForm`.
   */
  readonly framed?: boolean;
}

/** The upgrade is never answered, or only in part; the connection stays open. */
export interface HangUpgradeFault {
  /** In the answer to an upgrade. */
  readonly at: "upgrade";
  /**
   * The service whose upgrade is hit.
   *
   * @default "acs"
   */
  readonly service?: FaultedService;
  /** Stop answering. */
  readonly action: "hang";
  /**
   * How far the response gets: `"request"` sends nothing, `"head"` sends the first half of the
   * 101's head.
   *
   * @default "request"
   */
  readonly after?: "request" | "head";
}

/** The upgrade is not answered, and the TCP stream is ended (FIN). */
export interface EndUpgradeFault {
  /** In the answer to an upgrade. */
  readonly at: "upgrade";
  /**
   * The service whose upgrade is hit.
   *
   * @default "acs"
   */
  readonly service?: FaultedService;
  /** End the stream. */
  readonly action: "end";
}

/** The upgrade is not answered, and the TCP stream is reset (RST). */
export interface ResetUpgradeFault {
  /** In the answer to an upgrade. */
  readonly at: "upgrade";
  /**
   * The service whose upgrade is hit.
   *
   * @default "acs"
   */
  readonly service?: FaultedService;
  /** Reset the stream. */
  readonly action: "reset";
}

/** Which requests or connections a fault hits. */
export interface InjectFaultOptions {
  /**
   * Only requests and connections of this container instance. DiscoverPollEndpoint names the
   * instance in its body, an upgrade in its query.
   *
   * @default any
   */
  readonly containerInstanceArn?: string | undefined;
  /**
   * Number of requests, or of new connections, to hit. Each request is hit by one fault only, in
   * the order of injection; each connection is hit by all faults that wait for it. Some agents
   * repeat a failed upgrade to learn the reason: each of their attempts is then two requests.
   *
   * @default 1 for request faults; a connection fault hits the open connections, and no later ones.
   */
  readonly next?: number | undefined;
}

/** Which faults are cleared. */
export interface ClearFaultsOptions {
  /**
   * Only faults that were injected for this container instance, and lasting ones on its
   * connections.
   *
   * @default all faults
   */
  readonly containerInstanceArn?: string | undefined;
  /**
   * The id that `injectFault` returned, to clear only that fault. The id of a fault that has ended
   * is ignored.
   *
   * @default all faults
   */
  readonly id?: string | undefined;
}
