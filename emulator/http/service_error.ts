/**
 * Refusals by the service, and their forms on the wire.
 *
 * @module
 */

import type { ExpectedSignature } from "./refused_request.ts";

/** The content of a refusal. */
export interface ServiceError {
  /** The HTTP status. */
  readonly status: number;
  /** The exception's name, such as `AccessDeniedException`. */
  readonly exception: string;
  /** The message. */
  readonly message: string;
  /** The signature that was expected; `undefined` if the request was refused for another reason. */
  readonly expected?: ExpectedSignature | undefined;
}

/** How a request was refused, as events report it. */
export interface Refusal {
  /** The HTTP status of the answer; `undefined` when there is none. */
  readonly status: number | undefined;
  /** The exception's name; empty when there is no answer. */
  readonly exception: string;
  /** The reason, as text. */
  readonly reason: string;
  /** The signature that was expected; absent if the request was refused for another reason. */
  readonly expected?: ExpectedSignature;
}

/** The report of a refusal. */
export function refusal({ status, exception, message, expected }: ServiceError): Refusal {
  return { status, exception, reason: message, ...(expected && { expected }) };
}

/** The report of a request that gets no response. */
export function unanswered(action: "hang" | "end" | "reset"): Refusal {
  const how = { hang: "Left", end: "Ended", reset: "Reset" }[action];
  const reason = `${how} without a response by an injected fault`;
  return { status: undefined, exception: "", reason };
}

/** A refused request, in the form it takes on the wire. */
export interface ErrorResponse {
  /** The HTTP status. */
  readonly status: number;
  /** The body. */
  readonly body: string;
  /** The `Content-Type` header. */
  readonly contentType: string;
}

/** The content of a refusal, as an injected fault sets it. */
export interface InjectedError {
  /** The HTTP status. */
  readonly status?: number;
  /** The exception's name. */
  readonly exception?: string;
  /** The message. */
  readonly message?: string;
}

/** The refusal that an injected fault causes. */
export function injectedError(
  injected: InjectedError,
  defaults: Pick<ServiceError, "status" | "exception">,
): ServiceError {
  return {
    status: injected.status ?? defaults.status,
    exception: injected.exception ?? defaults.exception,
    message: injected.message ?? "Refused by an injected fault",
  };
}

/** The form of the ECS API: `{"__type": "namespace#Name", "message": "…"}`. */
export function apiErrorBody(fault: ServiceError): string {
  return JSON.stringify({
    __type: `com.amazonaws.ecs#${fault.exception}`,
    message: fault.message,
  });
}

/**
 * The forms of ACS.
 *
 * @param fault The refusal.
 * @param framed `true` for `{"type": Name, "message": {"message": "…"}}`, like a message of the
 * session; `false` for the bare `{Name: "…"}`.
 */
export function upgradeErrorBody(fault: ServiceError, framed: boolean): string {
  if (!framed) return JSON.stringify({ [fault.exception]: fault.message });
  return JSON.stringify({ type: fault.exception, message: { message: fault.message } });
}
