/**
 * Decodes a frame within the limits of memory.
 *
 * @module
 */

import { MAX_BYTES_PER_CHARACTER, parsedBytes } from "../../internal/held_bytes.ts";
import { type DecodedMessage, decodeMessage, frameText } from "../../protocol/decode.ts";
import type { Frame } from "../../wsclient/transport.ts";
import { type SessionLimits, shareOf } from "../limits.ts";

/** A frame that is too large: it was not parsed. */
export interface OversizedFrame {
  /** Always `"oversized"`. */
  readonly kind: "oversized";
  /** Why, and which option to raise. */
  readonly reason: string;
}

/** The maximum size of a character of text, in bytes. */
const TEXT_BYTES = 2;

/**
 * The maximum memory of a frame while it is parsed, in bytes per character: its text and its value.
 */
const MAX_PARSING_BYTES = TEXT_BYTES + MAX_BYTES_PER_CHARACTER;

/**
 * Decodes a frame, unless it is longer than `limits.maxFrameSize` or would take more memory than its
 * share of `limits.maxHeldBytes`.
 */
export function decodeFrame(frame: Frame, limits: SessionLimits): DecodedMessage | OversizedFrame {
  const { length } = frame;
  const { maxFrameSize } = limits;
  if (length > maxFrameSize) {
    return oversized(
      `a frame of ${length} is larger than the option limits.maxFrameSize, ${maxFrameSize}`,
    );
  }
  const maxBytes = shareOf("parsing", limits);
  // Most frames are small enough whatever they contain.
  if (length * MAX_PARSING_BYTES <= maxBytes) return decodeMessage(frame);
  const text = frameText(frame);
  const bytes = text.length * TEXT_BYTES + parsedBytes(text);
  if (bytes <= maxBytes) return decodeMessage(text);
  return oversized(
    `a frame of ${length} takes up to ${bytes} bytes of memory while it is parsed, more than its ` +
      `share of the option limits.maxHeldBytes, ${limits.maxHeldBytes}`,
  );
}

function oversized(what: string): OversizedFrame {
  return { kind: "oversized", reason: `${what}: raise it if the service sends such frames` };
}
