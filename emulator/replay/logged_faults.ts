/**
 * Derives faults from what a real agent logged about a failure.
 *
 * @module
 */

import { parseJsonObject } from "../../internal/json.ts";
import { CONNECTION_EXPIRED } from "../../protocol/close.ts";
import type { Fault } from "../faults/fault.ts";

/** The service is silent, and leaves the connection open. */
export const STALL: Fault = { at: "connection", action: "stall" };

/** The fields of a fault of a call. */
export type CallFault =
  | {
    readonly action: "refuse";
    readonly status: number;
    readonly exception: string;
    readonly message: string;
  }
  | { readonly action: "hang" | "end" | "reset" };

/**
 * How the service ended a connection.
 *
 * @param reason What the agent logged.
 */
export function endFault(reason: string): Fault {
  const [, code, rest = ""] = /websocket: close (\d{4})(.*)/.exec(reason) ?? [];
  if (code !== undefined && code !== "1006") {
    const text = rest.replace(/^ \([^)]*\)/, "").replace(/^:? /, "").replace(/\].*$/, "");
    return { at: "connection", action: "close", code: Number(code), reason: text.slice(0, 100) };
  }
  if (/EOF/.test(reason) && reason !== "EOF") return { at: "connection", action: "end" };
  if (/reset by peer|broken pipe/.test(reason)) return { at: "connection", action: "reset" };
  if (/timeout/.test(reason)) return STALL;
  if (/^(?:valid reason|EOF|)$/.test(reason)) {
    return { at: "connection", action: "close", code: 1000, reason: CONNECTION_EXPIRED };
  }
  return { at: "connection", action: "end" };
}

/**
 * Why an upgrade failed.
 *
 * @param reason What the agent logged.
 */
export function upgradeFault(reason: string): Fault {
  const { exception, message } = exceptionIn(reason);
  if (exception !== undefined) {
    const status = /ServerException/.test(exception) ? 500 : 400;
    return { at: "upgrade", action: "refuse", status, exception, message };
  }
  if (/unexpected EOF|: EOF/.test(reason)) return { at: "upgrade", action: "end" };
  if (/timeout|deadline exceeded/i.test(reason)) return { at: "upgrade", action: "hang" };
  const body = responseIn(reason);
  if (body !== undefined) {
    const [, status = "503"] = /\b([45]\d\d) [A-Z]/.exec(body) ?? [];
    return { at: "upgrade", action: "refuse", status: Number(status), body };
  }
  return { at: "upgrade", action: "reset" };
}

/**
 * The fields of a fault that describe why a call failed.
 *
 * @param reason What the agent logged.
 */
export function callFault(reason: string): CallFault {
  const { exception, message } = exceptionIn(reason);
  if (exception !== undefined) {
    const [, status = /ServerException/.test(exception) ? "500" : "400"] =
      /status code: (\d{3})/i.exec(reason) ?? [];
    return { action: "refuse", status: Number(status), exception, message };
  }
  if (/timeout|deadline exceeded|canceled/i.test(reason)) return { action: "hang" };
  if (/EOF/.test(reason)) return { action: "end" };
  return { action: "reset" };
}

/** The body of a refused upgrade's response; `undefined` if there was none. */
function responseIn(reason: string): string | undefined {
  const [, after, before] =
    /bad handshake.*?response: (.*)|response: (.*): websocket: bad handshake/.exec(reason) ?? [];
  return after ?? before ?? (/bad handshake/.test(reason) ? "" : undefined);
}

/**
 * Extracts the service's exception from a log message such as `InactiveInstanceException: …`, or
 * from a response such as `{"AccessDeniedException":"…"}`.
 */
function exceptionIn(
  reason: string,
): { readonly exception?: string; readonly message: string } {
  const response = parseJsonObject(responseIn(reason) ?? "");
  if (response !== undefined) {
    const [[name, text] = ["", ""]] = Object.entries(response);
    const { type = name, message = text } = response;
    if (/Exception$/.test(String(type))) {
      return { exception: String(type), message: String(message) };
    }
  }
  const [, exception, message = ""] = /\b([A-Z]\w+Exception)\b:?\s*(.*)/s.exec(reason) ?? [];
  const [text = ""] = message.split(/\n| status code: /);
  return { ...(exception !== undefined && { exception }), message: text.trim() || "(no message)" };
}
