/**
 * The error for an answer to DiscoverPollEndpoint that is not from ECS.
 *
 * @module
 */

import { AcsError } from "../../errors.ts";

/** The information in a {@linkcode DiscoverPollEndpointError} about the answer. */
export interface DiscoverPollEndpointAnswer {
  /** The host that answered. */
  readonly host: string;
  /** The HTTP status. */
  readonly status: number;
  /** How far the peer's clock is ahead of the local one, in ms; `undefined` if not known. */
  readonly clockSkewMs?: number | undefined;
  /** The answer's content type; `undefined` if it has none. */
  readonly contentType?: string | undefined;
  /** The origin that a redirect points to, such as `https://login.example`. */
  readonly redirectsTo?: string | undefined;
}

/** What is wrong with an answer: its status, its body, or that it lacks an endpoint. */
export type DiscoverPollEndpointErrorKind = "status" | "not-json" | "no-endpoint";

/**
 * The call was answered, but not by ECS: a proxy, a load balancer or another service answered, or
 * the answer has no endpoint.
 */
export class DiscoverPollEndpointError extends AcsError {
  /** Always `"DiscoverPollEndpointError"`. */
  override readonly name = "DiscoverPollEndpointError";
  /** What is wrong with the answer. */
  readonly kind: DiscoverPollEndpointErrorKind;
  /** The host that answered. */
  readonly host: string;
  /** The HTTP status. */
  readonly status: number;
  /** How far the peer's clock is ahead of the local one, in ms; `undefined` if not known. */
  readonly clockSkewMs: number | undefined;
  /** The answer's content type; `undefined` if it has none. */
  readonly contentType: string | undefined;
  /** The origin that a redirect points to; `undefined` if the answer is not one. */
  readonly redirectsTo: string | undefined;

  /**
   * Creates the error.
   *
   * @param kind What is wrong with the answer.
   * @param message The same as text, and who answered; must contain no secret.
   * @param answer Who answered, and how.
   */
  constructor(
    kind: DiscoverPollEndpointErrorKind,
    message: string,
    answer: DiscoverPollEndpointAnswer,
  ) {
    super(message);
    this.kind = kind;
    this.host = answer.host;
    this.status = answer.status;
    this.clockSkewMs = answer.clockSkewMs;
    this.contentType = answer.contentType;
    this.redirectsTo = answer.redirectsTo;
  }
}
