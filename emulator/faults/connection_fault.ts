/**
 * Faults on an open connection, as plain JSON data.
 *
 * @module
 */

/**
 * A fault of a connection. Five faults last until the connection ends or they are cleared:
 * slowRead, fragment, delay, duplicate and reorder. They can be combined; messages are then first
 * reordered, then duplicated, then delayed and finally fragmented. Injecting one a second time
 * replaces the first.
 *
 * With `next`, a connection is hit before the emulator sends its first message.
 *
 * A message that is lost to a fault is resent over the next connection if agents answer its type.
 * Only raw frames and messages such as ErrorMessage are lost permanently.
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

/** A service with connections: `acs`, or `tcs` for telemetry. */
export type FaultedService = "acs" | "tcs";

/** The common fields of connection faults. */
export interface ConnectionFaultBase {
  /** On an open connection. */
  readonly at: "connection";
  /**
   * The service whose connections are hit.
   *
   * @default "acs"
   */
  readonly service?: FaultedService;
  /**
   * Time before the connection is hit, in ms, from the injection of the fault or, with `next`, from
   * the establishment of the connection. At most 2,147,483,647.
   *
   * @default 0
   */
  readonly afterMs?: number;
}

/**
 * A close frame is sent. If the agent's does not arrive within 30 s, the connection is destroyed.
 */
export interface CloseFault extends ConnectionFaultBase {
  /** Send a close frame. */
  readonly action: "close";
  /**
   * The frame's code, 0 to 65,535, including codes that must not be sent, such as 1005, 1006 and
   * 1015.
   * `null` sends a close frame without code and reason.
   *
   * @default 1000
   */
  readonly code?: number | null;
  /**
   * The frame's reason, at most 123 bytes of UTF-8.
   *
   * @default "ConnectionExpired: Reconnect to continue" if the code is omitted, too; otherwise
   * empty
   */
  readonly reason?: string;
}

/** The TCP stream is ended (FIN), without a close frame. */
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
 * Reading and writing stop, and the socket stays open, as if the path were dead or the service
 * hung. It cannot be undone.
 */
export interface StallFault extends ConnectionFaultBase {
  /** Stop reading and writing. */
  readonly action: "stall";
}

/**
 * The agent's frames are read slowly, so that its acknowledgements arrive late and, once the
 * buffers in between are full, its writes block. Lasts.
 */
export interface SlowReadFault extends ConnectionFaultBase {
  /** Read slowly. */
  readonly action: "slowRead";
  /** Number of bytes read per second, at least 1. */
  readonly bytesPerSecond: number;
}

/** The first half of a heartbeat's frame is sent, but not the rest. */
export interface HalfFrameFault extends ConnectionFaultBase {
  /** Send half a frame. */
  readonly action: "halfFrame";
  /**
   * What follows: reading and writing stop (`"stall"`), the stream ends, or it is reset.
   *
   * @default "stall"
   */
  readonly then?: "stall" | "end" | "reset";
}

/**
 * Bytes that are not a WebSocket frame are sent, then nothing more. The agent has to end the
 * connection.
 */
export interface GarbageFault extends ConnectionFaultBase {
  /** Send garbage. */
  readonly action: "garbage";
  /**
   * Number of bytes, 2 to 16,777,216. Each is 0xFF: reserved bits and an undefined opcode.
   *
   * @default 64
   */
  readonly bytes?: number;
}

/** Messages are sent in fragments: a first frame and continuation frames. Lasts. */
export interface FragmentFault extends ConnectionFaultBase {
  /** Send fragments. */
  readonly action: "fragment";
  /** The size of a fragment's payload in bytes, at least 1. UTF-8 characters may be split. */
  readonly bytes: number;
}

/** One valid message of the given size is sent, an ErrorMessage, which agents do not answer. */
export interface OversizedFault extends ConnectionFaultBase {
  /** Send one long message. */
  readonly action: "oversized";
  /** The size of the message's text in bytes, 64 to 268,435,456. */
  readonly bytes: number;
}

/** Each message is delayed; the order stays the same. Lasts. */
export interface DelayFault extends ConnectionFaultBase {
  /** Delay messages. */
  readonly action: "delay";
  /** The delay, in ms. At most 2,147,483,647. */
  readonly ms: number;
}

/** Each message is sent twice. Lasts. */
export interface DuplicateFault extends ConnectionFaultBase {
  /** Send twice. */
  readonly action: "duplicate";
}

/** Every two messages swap places. Lasts. */
export interface ReorderFault extends ConnectionFaultBase {
  /** Send in a different order. */
  readonly action: "reorder";
  /**
   * How long a message waits for its partner, in ms; then it is sent alone. At most 2,147,483,647.
   *
   * @default 100
   */
  readonly withinMs?: number;
}
