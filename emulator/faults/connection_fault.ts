/**
 * What can go wrong on an open connection, as plain JSON data.
 *
 * @module
 */

/**
 * What can go wrong on a connection. Five faults last, to the end of the connection or until they are
 * cleared: slowRead, fragment, delay, duplicate and reorder. Any of them may be in force together;
 * messages are then first reordered, then duplicated, then delayed and at last fragmented. One
 * injected a second time takes the place of the first.
 *
 * With `next`, a connection is hit before the emulator sends its first message.
 *
 * A message that is lost by a fault is sent again over the next connection, if agents answer its
 * type: nothing is lost for good but raw frames and messages such as ErrorMessage.
 */
export type ConnectionFault =
  | CloseFault
  | EndFault
  | ResetFault
  | StallFault
  | SlowReadFault
  | HalfFrameFault
  | GarbageFault
  | FragmentFault
  | OversizedFault
  | DelayFault
  | DuplicateFault
  | ReorderFault;

/** What all faults of connections have. */
export interface ConnectionFaultBase {
  /** On an open connection. */
  readonly at: "connection";
  /**
   * How long the connection goes on before it is hit, in ms, from the moment the fault is injected,
   * or with `next` from the moment the connection is established. At most 2,147,483,647.
   *
   * @default 0
   */
  readonly afterMs?: number;
}

/** A close frame is sent, and the agent's is waited for; after 30 s the connection is cut. */
export interface CloseFault extends ConnectionFaultBase {
  /** Send a close frame. */
  readonly action: "close";
  /**
   * The frame's code, 0 to 65,535: also those that must not be sent, such as 1005, 1006 and 1015.
   * `null` sends a close frame without code and reason.
   *
   * @default 1000
   */
  readonly code?: number | null;
  /**
   * The frame's reason, at most 123 bytes of UTF-8.
   *
   * @default "ConnectionExpired: Reconnect to continue" if the code is left out too, else empty
   */
  readonly reason?: string;
}

/** The TCP stream is ended in order (FIN), without a close frame. */
export interface EndFault extends ConnectionFaultBase {
  /** End the stream. */
  readonly action: "end";
}

/** The TCP stream is reset (RST). */
export interface ResetFault extends ConnectionFaultBase {
  /** Reset the stream. */
  readonly action: "reset";
}

/**
 * Nothing is read and nothing is written any more, and the socket stays open: what an agent sees when
 * the path is dead or the service hangs. It cannot be undone.
 */
export interface StallFault extends ConnectionFaultBase {
  /** Stop reading and writing. */
  readonly action: "stall";
}

/**
 * What the agent sends is read slowly, so that its acknowledgements come late and, once the buffers
 * between are full, its writes wait. Lasts.
 */
export interface SlowReadFault extends ConnectionFaultBase {
  /** Read slowly. */
  readonly action: "slowRead";
  /** How many bytes are read each second, at least 1. */
  readonly bytesPerSecond: number;
}

/** The first half of a heartbeat's frame is sent, and never the rest. */
export interface HalfFrameFault extends ConnectionFaultBase {
  /** Send half a frame. */
  readonly action: "halfFrame";
  /**
   * What comes after it: nothing at all and nothing is read either (`"stall"`), the end of the
   * stream, or its reset.
   *
   * @default "stall"
   */
  readonly then?: "stall" | "end" | "reset";
}

/** Bytes are sent that are no WebSocket frame; after them nothing. The agent has to end it. */
export interface GarbageFault extends ConnectionFaultBase {
  /** Send garbage. */
  readonly action: "garbage";
  /**
   * How many bytes, 2 to 16,777,216. Each is 0xFF: reserved bits and an opcode that does not exist.
   *
   * @default 64
   */
  readonly bytes?: number;
}

/** Messages go out in fragments: a first frame and continuation frames. Lasts. */
export interface FragmentFault extends ConnectionFaultBase {
  /** Send fragments. */
  readonly action: "fragment";
  /** The size of a fragment's payload in bytes, at least 1. Characters of UTF-8 may be cut apart. */
  readonly bytes: number;
}

/** One valid message of that size is sent, an ErrorMessage. It needs no answer. */
export interface OversizedFault extends ConnectionFaultBase {
  /** Send one long message. */
  readonly action: "oversized";
  /** The size of the message's text in bytes, 64 to 268,435,456. */
  readonly bytes: number;
}

/** Each message is sent later, in the same order. Lasts. */
export interface DelayFault extends ConnectionFaultBase {
  /** Send late. */
  readonly action: "delay";
  /** How much later, in ms. At most 2,147,483,647. */
  readonly ms: number;
}

/** Each message is sent twice. Lasts. */
export interface DuplicateFault extends ConnectionFaultBase {
  /** Send twice. */
  readonly action: "duplicate";
}

/** Of every two messages the second is sent first. Lasts. */
export interface ReorderFault extends ConnectionFaultBase {
  /** Send in another order. */
  readonly action: "reorder";
  /**
   * How long a message waits for the one that is sent before it, in ms; then it goes out alone. At
   * most 2,147,483,647.
   *
   * @default 100
   */
  readonly withinMs?: number;
}
