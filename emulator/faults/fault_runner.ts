/**
 * Carries out the faults on one connection.
 *
 * @module
 */

import { CONNECTION_EXPIRED } from "../../protocol/close.ts";
import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { ConnectionFault, HalfFrameFault } from "./connection_fault.ts";
import { OutgoingFaults, type WriteFrame } from "./outgoing_faults.ts";
import { SlowReader } from "./slow_reader.ts";

/** Default time that a reorder waits for a second message, in ms. */
const REORDER_WITHIN_MS = 100;

/** Default number of bytes of garbage. */
const GARBAGE_BYTES = 64;

/** A connection, as its faults use it. */
export interface FaultTarget {
  /** Sends a close frame with any code, or without one. */
  close(code: number | null, reason: string): void;
  /** Ends the TCP stream (FIN). */
  end(): void;
  /** Resets the TCP stream. */
  reset(): void;
  /** Stops reading and writing. */
  stall(): void;
  /** Sends a message through the active faults. */
  send(data: string): void;
  /**
   * Writes bytes that are not a frame; no frame can follow them.
   *
   * @param bytes The bytes.
   * @param then Called when they are written.
   */
  writeRaw(bytes: Uint8Array, then: () => void): void;
}

/** The parts of a FaultRunner. */
export interface FaultRunnerOptions {
  /** The connection. */
  readonly connection: FaultTarget;
  /** Its socket. */
  readonly socket: Duplex;
  /** Writes one frame to it. */
  readonly write: WriteFrame;
  /** Called for each fault when it takes effect. */
  readonly onFault: (fault: ConnectionFault) => void;
}

/** The faults of a connection. */
export interface CurrentFaults {
  /** Active faults that last until the connection ends or they are cleared. */
  readonly lasting: readonly ConnectionFault[];
  /** Faults still waiting for their `afterMs`. */
  readonly scheduled: readonly ConnectionFault[];
}

/**
 * Actions that last until the connection ends or the fault is cleared, in the order in which
 * messages pass through them. When one ends, the messages that it held back pass through the
 * following ones.
 */
const LASTING = [
  "slowRead",
  "reorder",
  "duplicate",
  "delay",
  "fragment",
] as const satisfies readonly ConnectionFault["action"][];

type LastingAction = (typeof LASTING)[number];

/** The faults on one connection, lasting and pending. */
export class FaultRunner {
  readonly #options: FaultRunnerOptions;
  readonly #outgoing: OutgoingFaults;
  readonly #slowReader: SlowReader;
  readonly #scheduled = new Map<ReturnType<typeof setTimeout>, ConnectionFault>();
  /** One for each action: a second one replaces the first. */
  readonly #lasting = new Map<LastingAction, ConnectionFault>();
  #stalled = false;

  /**
   * Starts without any fault.
   *
   * @param options Its parts.
   */
  constructor(options: FaultRunnerOptions) {
    this.#options = options;
    this.#outgoing = new OutgoingFaults(options.write);
    this.#slowReader = new SlowReader(options.socket);
  }

  /** Whether an active fault delays the frames of either side. */
  get slowed(): boolean {
    return this.#outgoing.slowed || this.#slowReader.limited;
  }

  /** The persistent faults, and those still waiting for their `afterMs`. */
  get current(): CurrentFaults {
    return { lasting: [...this.#lasting.values()], scheduled: [...this.#scheduled.values()] };
  }

  /** Number of copies sent of each message. */
  get copies(): number {
    return this.#outgoing.copies;
  }

  /** Applies a fault, now or after its `afterMs`. */
  inject(fault: ConnectionFault): void {
    const { afterMs = 0 } = fault;
    if (afterMs === 0) return this.#happen(fault);
    const timer = setTimeout(() => {
      this.#scheduled.delete(timer);
      this.#happen(fault);
    }, afterMs);
    this.#scheduled.set(timer, fault);
  }

  /** Sends a message through the active faults. */
  send(data: string | Uint8Array): void {
    this.#outgoing.send(data);
  }

  /**
   * Cancels pending faults, and ends lasting ones.
   *
   * @param matches Whether to clear a fault.
   */
  clear(matches: (fault: ConnectionFault) => boolean): void {
    this.#cancel(matches);
    for (const action of LASTING) {
      const fault = this.#lasting.get(action);
      if (fault === undefined || !matches(fault)) continue;
      this.#lasting.delete(action);
      this.#lift(action);
    }
  }

  /** Drops the messages that faults hold back: no more can be sent. */
  silence(): void {
    this.#outgoing.drop();
  }

  /** Stops reading. */
  stall(): void {
    this.#stalled = true;
    this.#slowReader.stop();
  }

  /** Releases everything once the connection has ended. */
  end(): void {
    this.#cancel(() => true);
    this.#lasting.clear();
    this.#outgoing.drop();
    this.#slowReader.stop();
  }

  #cancel(matches: (fault: ConnectionFault) => boolean): void {
    for (const [timer, fault] of this.#scheduled) {
      if (!matches(fault)) continue;
      clearTimeout(timer);
      this.#scheduled.delete(timer);
    }
  }

  #lift(action: LastingAction): void {
    switch (action) {
      case "slowRead":
        return this.#slowReader.lift();
      case "reorder":
        return this.#outgoing.liftReorder();
      case "duplicate":
        return this.#outgoing.liftDuplicate();
      case "delay":
        return this.#outgoing.liftDelay();
      case "fragment":
        return this.#outgoing.liftFragment();
    }
  }

  #happen(fault: ConnectionFault): void {
    this.#options.onFault(fault);
    const lasting = LASTING.find((action) => action === fault.action);
    if (lasting !== undefined) this.#lasting.set(lasting, fault);
    const { connection } = this.#options;
    switch (fault.action) {
      case "close": {
        const { code = 1000 } = fault;
        const expired = fault.code === undefined ? CONNECTION_EXPIRED : "";
        return connection.close(code, fault.reason ?? expired);
      }
      case "end":
        return connection.end();
      case "reset":
        return connection.reset();
      case "stall":
        return connection.stall();
      case "slowRead":
        return this.#stalled ? undefined : this.#slowReader.limit(fault.bytesPerSecond);
      case "halfFrame":
        return connection.writeRaw(halfFrame(), () => this.#afterHalf(fault.then ?? "stall"));
      case "garbage":
        return connection.writeRaw(Buffer.alloc(fault.bytes ?? GARBAGE_BYTES, 0xff), () => {});
      case "fragment":
        return this.#outgoing.fragment(fault.bytes);
      case "oversized":
        return connection.send(oversized(fault.bytes));
      case "delay":
        return this.#outgoing.delay(fault.ms);
      case "duplicate":
        return this.#outgoing.duplicate();
      case "reorder":
        return this.#outgoing.reorder(fault.withinMs ?? REORDER_WITHIN_MS);
    }
  }

  #afterHalf(then: NonNullable<HalfFrameFault["then"]>): void {
    const { connection } = this.#options;
    if (then === "stall") return connection.stall();
    return then === "end" ? connection.end() : connection.reset();
  }
}

/**
 * The first half of a heartbeat, after the head of its whole frame: one text frame, short length.
 */
function halfFrame(): Uint8Array {
  const message = { healthy: true, messageId: "half-a-frame" };
  const text = Buffer.from(JSON.stringify({ type: "HeartbeatMessage", message }));
  return Buffer.concat([Buffer.from([0x81, text.length]), text.subarray(0, text.length / 2)]);
}

/** An ErrorMessage, which agents do not answer, of a given size in bytes. */
function oversized(bytes: number): string {
  const [start, end] = [`{"type":"ErrorMessage","message":{"message":"`, `"}}`];
  return `${start}${"x".repeat(bytes - start.length - end.length)}${end}`;
}
