/**
 * Converts errors from Node's `net`, `tls` and `http`, and from undici.
 *
 * @module
 */

import { ConnectError, type ProxyUse } from "../../errors.ts";
import { describeError } from "../../internal/redaction/describe_error.ts";
import { oneLine } from "../../internal/one_line.ts";
import { isError, isSafeList, safeGet } from "../../internal/safe_get.ts";

/**
 * Says what happened to the connection to `host`.
 *
 * @param what How the message begins, such as `cannot connect to`.
 * @param host The host.
 * @param error What the runtime reports.
 * @param proxy The proxy in between, if there is one.
 */
export function connectError(
  what: string,
  host: string,
  error: unknown,
  proxy?: ProxyUse,
): ConnectError {
  return new ConnectError(`${what} ${host}: ${oneLine(textOf(error))}`, {
    host,
    systemCode: codeOf(error),
    proxy,
    // HTTP parsers keep the bytes that they could not parse: those must not be shown.
    ...(!keepsBytes(error) && { cause: error }),
  });
}

/** The error's code: the system's, OpenSSL's or undici's name for it. */
export function codeOf(error: unknown): string | undefined {
  return textProperty(first(error), "code");
}

function textOf(error: unknown): string {
  const one = first(error);
  if (!isError(one)) return describeError(one);
  // OpenSSL's messages are lines of file names; its reason is a short text.
  return textProperty(one, "reason") || one.message || codeOf(one) || one.name;
}

/** Trying several addresses of a host gives an error for each and no common message. */
function first(error: unknown): unknown {
  const errors = safeGet(error, "errors");
  return isSafeList(errors) && textProperty(error, "message") === "" ? errors[0] : error;
}

function keepsBytes(error: unknown): boolean {
  return isError(error) && ("data" in error || "rawPacket" in error);
}

function textProperty(value: unknown, name: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return typeof found === "string" ? found : undefined;
}
