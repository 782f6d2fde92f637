/**
 * Converts the traffic of a connection to entries of a trace.
 *
 * @module
 */

import type { ServiceEnd } from "../../emulator/acs/emulator_connection.ts";
import type { EntryFields } from "../../emulator/acs/describe_event.ts";
import type { EmulatorEventType } from "../../emulator/events.ts";
import { rawFrame } from "../../emulator/trace/trace_file.ts";
import { isJsonObject, parseJsonObject } from "../../internal/json.ts";
import { expectedAnswer, isResent } from "../../protocol/answers.ts";
import { isReceivedMessageType, isSentMessageType } from "../../protocol/message_types.ts";
import { hideQuotes, QuotedSecrets } from "../../protocol/quoted_secrets.ts";
import { withPlaceholders } from "../../protocol/placeholders.ts";
import { type FrameListener, OPCODE } from "./frame_reader.ts";

/** Adds an entry to the trace. */
export type AddEntry = (event: EmulatorEventType, fields: EntryFields) => void;

/** Maximum number of messages that are remembered, to match answers with messages. */
const REMEMBERED = 10_000;

/** Maximum number of messages whose secrets are remembered, in case the agent refuses them. */
const MOST_QUOTABLE = 1_000;

/** The messages that the service sent on all connections of a recording, by id. */
export class SentMessages {
  readonly #types = new Map<string, { readonly answer: string | undefined; isAnswered: boolean }>();
  readonly #quoted = new QuotedSecrets(MOST_QUOTABLE);

  /**
   * Remembers a message.
   *
   * @returns Whether a message with this id was sent before.
   */
  add(type: string | undefined, messageId: string, message: unknown): boolean {
    if (messageId === "") return false;
    const wasSent = this.#types.has(messageId);
    const answer = type !== undefined && isReceivedMessageType(type)
      ? expectedAnswer(type)
      : undefined;
    if (!wasSent) this.#types.set(messageId, { answer, isAnswered: false });
    const [oldest] = this.#types.keys();
    if (this.#types.size > REMEMBERED && oldest !== undefined) this.#types.delete(oldest);
    // The message itself is not kept: that would make the runtime collect garbage much more often.
    if (answer !== undefined) this.#quoted.of(messageId, [message]);
    return wasSent;
  }

  /** The agent's message without secrets that it quotes from the message that it refuses. */
  withoutQuotes(type: string, messageId: string, message: Record<string, unknown>): object {
    const { reason } = message;
    if (type !== "NackRequest" || typeof reason !== "string") return message;
    const isForgotten = this.#types.has(messageId) && !this.#quoted.has(messageId);
    const secrets = isForgotten ? "too many" : this.#quoted.of(messageId, []);
    return { ...message, reason: hideQuotes(reason, secrets) };
  }

  /** Whether a message is the first answer to a sent message. */
  answers(type: string, messageId: string): boolean {
    const sent = this.#types.get(messageId);
    const isExpected = sent !== undefined &&
      (sent.answer === type || (type === "NackRequest" && sent.answer !== undefined));
    if (!isExpected) return false;
    const isFirst = !sent.isAnswered;
    sent.isAnswered = true;
    return isFirst;
  }
}

/** Identifies a connection and its agent. */
export interface ConnectionIdentity {
  /** The connection's number among the connections to its service. */
  readonly connectionId: number;
  /** The container instance in the upgrade's query. */
  readonly containerInstanceArn: string;
}

/** Records one connection to ACS. */
export class AcsConnectionRecord {
  readonly #identity: ConnectionIdentity;
  readonly #add: AddEntry;
  readonly #messages: SentMessages;
  #agentClose: CloseFrame | undefined;
  #serviceClose: CloseFrame | undefined;
  #isClosed = false;
  #firstToEnd: { readonly side: "agent" | "service"; readonly how: ServiceEnd } | undefined;

  /**
   * @param identity Identifies the connection and its agent.
   * @param add Adds an entry to the trace.
   * @param messages The messages of all connections.
   */
  constructor(identity: ConnectionIdentity, add: AddEntry, messages: SentMessages) {
    this.#identity = identity;
    this.#add = add;
    this.#messages = messages;
  }

  /** Records that the service accepted the upgrade. */
  opened(sendCredentials: boolean): void {
    this.#add("connected", { ...this.#identity, sendCredentials });
  }

  /** Records frames from the service. */
  readonly fromService: FrameListener = {
    message: (data, bytes, isBinary) => this.#sent(data, bytes, isBinary),
    control: (opcode, payload) => {
      if (opcode !== OPCODE.close) return;
      this.#serviceClose ??= closeFrame(payload);
      this.ended("service", "close");
    },
  };

  /** Records frames from the agent. */
  readonly fromAgent: FrameListener = {
    message: (data, bytes, isBinary) => this.#received(data, bytes, isBinary),
    control: (opcode, payload) => {
      if (opcode !== OPCODE.close) return;
      this.#agentClose ??= closeFrame(payload);
      this.ended("agent", "close");
    },
  };

  /** Records that one side has begun to end the connection. Only the first call has an effect. */
  ended(side: "agent" | "service", how: ServiceEnd): void {
    this.#firstToEnd ??= { side, how };
    // Some agents keep the socket open long after both close frames.
    const isOver = how !== "close" ||
      (this.#agentClose !== undefined && this.#serviceClose !== undefined);
    if (isOver) this.closed();
  }

  /** Records the end of the connection. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { code = NO_FRAME, reason = "" } = this.#agentClose ?? {};
    const { side, how } = this.#firstToEnd ?? {};
    this.#add("disconnected", {
      ...this.#identity,
      closeCode: code ?? NO_CODE,
      closeReason: reason,
      ...(side === "service" && { serviceEnd: how }),
      ...(side === "service" && how === "close" && {
        serviceCloseCode: this.#serviceClose?.code ?? null,
        serviceCloseReason: this.#serviceClose?.reason ?? "",
      }),
    });
  }

  #sent(data: Uint8Array | undefined, bytes: number, isBinary: boolean): void {
    const { type, message, messageId } = messageIn(data);
    const isKnown = !isBinary && type !== undefined && isReceivedMessageType(type);
    const wasSent = this.#messages.add(type, messageId, message);
    this.#add("sent", {
      ...this.#identity,
      bytes,
      messageId,
      resent: wasSent && isKnown && isResent(type),
      ...(isKnown ? { type, message: withPlaceholders(message) } : rawOf(data, isBinary)),
    });
  }

  #received(data: Uint8Array | undefined, bytes: number, isBinary: boolean): void {
    const { type, message, messageId } = messageIn(data);
    const isKnown = type !== undefined && message !== undefined && isSentMessageType(type);
    const shown = isKnown ? this.#messages.withoutQuotes(type, messageId, message) : undefined;
    const answers = isKnown && this.#messages.answers(type, messageId);
    this.#add("received", {
      ...this.#identity,
      bytes,
      messageId,
      ...(answers && { answers }),
      ...(isKnown ? { type, message: withPlaceholders(shown) } : rawOf(data, isBinary)),
    });
  }
}

/** A close frame; the code is `null` if it has none. */
interface CloseFrame {
  readonly code: number | null;
  readonly reason: string;
}

/**
 * The codes that RFC 6455 reserves for a close frame without a code, and for a missing close frame.
 */
const NO_CODE = 1005;
const NO_FRAME = 1006;

function closeFrame(payload: Uint8Array): CloseFrame {
  const [high, low] = payload;
  if (high === undefined || low === undefined) return { code: null, reason: "" };
  return { code: high * 256 + low, reason: new TextDecoder().decode(payload.subarray(2)) };
}

/** Parses the message in a frame, if the frame contains one. */
function messageIn(data: Uint8Array | undefined): {
  readonly type?: string;
  readonly message?: Record<string, unknown>;
  readonly messageId: string;
} {
  const frame = data === undefined ? undefined : parseJsonObject(new TextDecoder().decode(data));
  if (typeof frame?.type !== "string" || !isJsonObject(frame.message)) return { messageId: "" };
  const { type, message } = frame;
  const { messageId } = message;
  return { type, message, messageId: typeof messageId === "string" ? messageId : "" };
}

function rawOf(data: Uint8Array | undefined, isBinary: boolean): EntryFields {
  if (data === undefined) return { raw: isBinary ? "binary" : "text" };
  return rawFrame(isBinary ? data : new TextDecoder().decode(data));
}
