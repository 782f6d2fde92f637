/**
 * Re-signs frames of telemetry, each of which is a signed request.
 *
 * @module
 */

import { parseJsonObject } from "../../internal/json.ts";
import type { RequestSigner } from "./request_signer.ts";

/** The delimiter between a frame's headers and its message. */
const END_OF_HEAD = "\r\n\r\n";

/** The headers of a signature, to be replaced. */
const SIGNATURE_HEADERS = /^(?:authorization|host|x-amz-date|x-amz-security-token)\s*:/i;

/**
 * Re-signs a frame.
 *
 * @param frame The frame: headers, an empty line, and the message.
 * @param url The URL of the service's connection.
 * @param signer Signs it.
 * @returns The frame for the service; a frame without headers is returned unchanged.
 * @throws {CredentialsError} If there are no credentials to sign with.
 */
export async function signTelemetry(
  frame: Uint8Array,
  url: URL,
  signer: RequestSigner,
): Promise<Uint8Array> {
  const text = new TextDecoder().decode(frame);
  const end = text.indexOf(END_OF_HEAD);
  if (end === -1) return frame;
  const kept = text.slice(0, end).split("\r\n").filter((line) => !SIGNATURE_HEADERS.test(line));
  const message = text.slice(end + END_OF_HEAD.length);
  const body = new TextEncoder().encode(message);
  const { headers } = await signer.sign({ method: "GET", url: url.href, body });
  const head = [
    ...kept,
    `Host: ${url.host}`,
    ...Object.entries(headers).map(([name, value]) => `${headerName(name)}: ${value}`),
  ];
  return new TextEncoder().encode(`${head.join("\r\n")}${END_OF_HEAD}${message}`);
}

/** The type of the message in a frame; empty if it has none. */
export function telemetryType(frame: Uint8Array): string {
  const text = new TextDecoder().decode(frame);
  const end = text.indexOf(END_OF_HEAD);
  const type = parseJsonObject(text.slice(end === -1 ? 0 : end + END_OF_HEAD.length))?.type;
  return typeof type === "string" ? type : "";
}

/** Capitalizes a header's name as Go does, such as `X-Amz-Date`. */
function headerName(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
