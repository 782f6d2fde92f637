/**
 * A frame of telemetry: the signed head of an HTTP request, an empty line, and the message. Each
 * frame has its own signature, that of a GET of the connection's URL with the message as body.
 *
 * @module
 */

import { checkSignature, type SignatureExpectations } from "../http/sigv4.ts";
import { decodeTelemetry, type TelemetryMessage } from "./telemetry_messages.ts";

/** Maximum size of a frame's head, in bytes. A real one has about 300. */
const MAX_HEAD_LENGTH = 16_384;

/** The end of a frame's head. */
const END_OF_HEAD = "\r\n\r\n";

/**
 * Opens a frame.
 *
 * @param data The frame's content.
 * @param target Path and query of the connection's upgrade, which the signature covers.
 * @param expected The values that the signature is checked against.
 * @returns The message, or why the frame is refused, without any of its contents.
 */
export async function openTelemetryFrame(
  data: Uint8Array,
  target: string,
  expected: SignatureExpectations,
): Promise<TelemetryMessage | string> {
  const text = new TextDecoder().decode(data);
  const end = text.indexOf(END_OF_HEAD);
  if (end === -1 || end > MAX_HEAD_LENGTH) return "the frame has no signed head";
  const payload = text.slice(end + END_OF_HEAD.length);
  const unsigned = await checkSignature({
    method: "GET",
    target,
    headers: headersIn(text.slice(0, end)),
    body: new TextEncoder().encode(payload),
  }, expected);
  return unsigned === undefined
    ? decodeTelemetry(payload)
    : `${unsigned.exception}: ${unsigned.message}`;
}

function headersIn(head: string): ReadonlyMap<string, string> {
  return new Map(
    head.split("\r\n").flatMap((line): [string, string][] => {
      const colon = line.indexOf(":");
      if (colon < 1) return [];
      return [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]];
    }),
  );
}
