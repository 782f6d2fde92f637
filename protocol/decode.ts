/**
 * Decodes a frame into a typed message. Never throws, and never reveals more of a frame than the
 * names of known fields and the name of its type.
 *
 * @module
 */

import { FIELD_CHECKS } from "./field_checks.gen.ts";
import { isReceivedMessageType, receivedMessageTypeOf } from "./message_types.ts";
import type { ReceivedMessages, ReceivedMessageType } from "./messages.ts";
import { SHAPES } from "./shapes.ts";
import { isJsonObject, jsonTypeOf } from "../internal/json.ts";
import { findProblem } from "./find_problem.ts";

/**
 * A frame with a known message; a union over all types, so that checking `type` determines the type
 * of `message`.
 */
export type ReceivedMessage = {
  [T in ReceivedMessageType]: {
    /** Always `"message"`. */
    readonly kind: "message";
    /** The message's name on the wire. */
    readonly type: T;
    /** The message, including fields that this package does not know, unchanged. */
    readonly message: ReceivedMessages[T];
  };
}[ReceivedMessageType];

/** A frame whose type this package does not know. */
export interface UnknownMessage {
  /** Always `"unknown"`. */
  readonly kind: "unknown";
  /** The type's name, safe to log: without control characters, cut to 64 characters. */
  readonly type: string;
}

/** A frame that is not a message, or whose fields have the wrong JSON types. */
export interface UndecodableMessage {
  /** Always `"undecodable"`. */
  readonly kind: "undecodable";
  /** A description of the problem, without any of the message's content. */
  readonly reason: string;
}

/** The result of decoding a frame. */
export type DecodedMessage = ReceivedMessage | UnknownMessage | UndecodableMessage;

/** Maximum length of an unknown type's name in reports, in UTF-16 code units. Our choice. */
const MAX_TYPE_LENGTH = 64;

// A byte order mark is not JSON, so it is kept for JSON.parse to refuse. Bytes that are not UTF-8
// become U+FFFD, as in the reference agent; a text frame with such bytes never gets here.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of a frame. */
export function frameText(data: string | Uint8Array): string {
  return typeof data === "string" ? data : utf8.decode(data);
}

/**
 * Decodes one frame: `{"type": T, "message": {…}}`, or the bare form `{"T": "text"}` of some
 * errors.
 *
 * @example A handler that knows its message's type
 * ```ts
 * const decoded = decodeMessage('{"type":"PayloadMessage","message":{"tasks":[]}}');
 * if (decoded.kind === "message" && decoded.type === "PayloadMessage") {
 *   decoded.message.tasks; // (Task | null)[] | null | undefined
 * }
 * ```
 *
 * @param data A text frame, or the bytes of a binary one.
 */
export function decodeMessage(data: string | Uint8Array): DecodedMessage {
  let frame: unknown;
  try {
    frame = JSON.parse(frameText(data));
  } catch {
    // The error is left out on purpose: a parser's message quotes the frame.
    return undecodable("not JSON");
  }
  if (!isJsonObject(frame)) return undecodable(`expected object, got ${jsonTypeOf(frame)}`);
  const { type, message } = frame;
  if (type === undefined || type === null || type === "") return decodeBare(frame);
  if (typeof type !== "string") {
    return undecodable(`type: expected string, got ${jsonTypeOf(type)}`);
  }
  const known = receivedMessageTypeOf(type);
  if (known === undefined) return unknown(type);
  if (message === undefined) return undecodable(`${type} without a message`);
  return decodeAs(known, message ?? {});
}

function decodeAs(
  type: ReceivedMessageType,
  message: unknown,
): ReceivedMessage | UndecodableMessage {
  const candidate: Candidate = { kind: "message", type, message };
  if (isWellTyped(candidate)) return candidate;
  // Slower, but it finds the field.
  return undecodable(`${type}: ${findProblem(type, message)}`);
}

interface Candidate {
  readonly kind: "message";
  readonly type: ReceivedMessageType;
  readonly message: unknown;
}

function isWellTyped(candidate: Candidate): candidate is ReceivedMessage {
  const { type, message } = candidate;
  return isJsonObject(message) && FIELD_CHECKS[type](message);
}

function decodeBare(frame: Record<string, unknown>): DecodedMessage {
  const [name, ...others] = Object.keys(frame);
  if (name === undefined || name === "type" || others.length > 0) return undecodable("no type");
  const text = frame[name];
  if (typeof text !== "string" && text !== null) return undecodable("no type");
  if (!isReceivedMessageType(name)) return unknown(name);
  if (!("message" in SHAPES[name])) return undecodable(`${name} has no bare form`);
  return decodeAs(name, { message: text });
}

function undecodable(reason: string): UndecodableMessage {
  return { kind: "undecodable", reason };
}

function unknown(type: string): UnknownMessage {
  const name = withoutUnprintable(type.slice(0, MAX_TYPE_LENGTH));
  // V8 keeps the whole text in memory for a slice of it, but not for joined parts.
  return { kind: "unknown", type: name.split("").join("") };
}

/** Removes control and format characters, unpaired surrogates, line ends, invisible characters. */
function withoutUnprintable(text: string): string {
  // Within the function, since creating this takes V8 a while, and few processes need it.
  return text.replace(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, "");
}
