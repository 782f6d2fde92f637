/**
 * How the service says no, and the forms this takes on the wire.
 *
 * @module
 */

/** A refusal, before it has a form. */
export interface ServiceFault {
  /** The HTTP status. */
  readonly status: number;
  /** The exception's name, such as `AccessDeniedException`. */
  readonly exception: string;
  /** The service's words. */
  readonly message: string;
}

/** A refused request, in the form it takes on the wire. */
export interface FaultResponse {
  /** The HTTP status. */
  readonly status: number;
  /** The body. */
  readonly body: string;
  /** The `Content-Type` header. */
  readonly contentType: string;
}

/** The form of the ECS API: `{"__type": "namespace#Name", "message": "…"}`. */
export function apiFaultBody(fault: ServiceFault): string {
  return JSON.stringify({
    __type: `com.amazonaws.ecs#${fault.exception}`,
    message: fault.message,
  });
}

/**
 * The forms of ACS.
 *
 * @param fault What to say.
 * @param framed `true` for `{"type": Name, "message": {"message": "…"}}`, like a message of the
 * session; `false` for the bare `{Name: "…"}`.
 */
export function upgradeFaultBody(fault: ServiceFault, framed: boolean): string {
  if (!framed) return JSON.stringify({ [fault.exception]: fault.message });
  return JSON.stringify({ type: fault.exception, message: { message: fault.message } });
}
