/**
 * One agent's open connection.
 *
 * @module
 */

import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import type { RawData } from "ws";
import type { ConnectionFault, FaultedService } from "../faults/connection_fault.ts";
import { checkFault } from "../faults/check_fault.ts";
import { type CurrentFaults, FaultRunner } from "../faults/fault_runner.ts";
import { type AgentSocket, PingFloodError } from "./agent_socket.ts";
import type { EmulatorConnection, ServiceEnd } from "./emulator_connection.ts";
import type { UpgradeQuery } from "../http/upgrade_query.ts";
import { clusterArn, ecsLocation } from "../../protocol/arn.ts";
import type { ReceivedMessageType } from "../../protocol/messages.ts";
import { messageIn } from "./hand_sent.ts";

/** Maximum time until the agent ends the stream after the emulator has, in ms. As in `ws`. */
const END_TIMEOUT_MS = 30_000;

/** Maximum number of hand-made messages remembered per connection. */
const MAX_SENT_BY_HAND = 1_000;

/** Callbacks of a connection. */
export interface ConnectionListener {
  /** A complete frame arrived, text or binary. */
  frame(connection: AgentConnection, data: Uint8Array): void;
  /** The agent broke the WebSocket protocol; `problem` says how. The connection is about to end. */
  broken(connection: AgentConnection, problem: string): void;
  /** The connection has ended. */
  ended(connection: AgentConnection): void;
}

/** The parts of a connection. */
export interface ConnectionOptions {
  /** The connection's number among the connections to its service, from 1. */
  readonly id: number;
  /** The service. */
  readonly service: FaultedService;
  /** The upgraded socket. */
  readonly webSocket: AgentSocket;
  /** The socket beneath it. */
  readonly socket: Duplex;
  /** Resets the TCP stream beneath that. */
  readonly reset: () => void;
  /** The query of the upgrade. */
  readonly query: UpgradeQuery;
  /** The clock, in ms since the epoch. */
  readonly now: () => number;
  /** Faults injected before it was established. */
  readonly faults: readonly ConnectionFault[];
  /** Called for each fault when it takes effect. */
  readonly faulted: (connection: EmulatorConnection, fault: ConnectionFault) => void;
  /** Its callbacks. */
  readonly listener: ConnectionListener;
}

/** A connection over a `ws` socket. */
export class AgentConnection implements EmulatorConnection {
  readonly id: number;
  /** The service that it belongs to. */
  readonly service: FaultedService;
  readonly query: UpgradeQuery;
  readonly clusterArn: string;
  readonly containerInstanceArn: string;
  readonly connectedAt: number;
  #disconnectedAt: number | undefined;
  #closeCode: number | undefined;
  #closeReason = "";
  #ownCloseReason = "";
  #ownCloseCode: number | null | undefined;
  #ownEnd: ServiceEnd | undefined;
  /** Whether writing has stopped although the WebSocket is still open. */
  #silent = false;
  #endTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #sentByHand = new Map<string, ReceivedMessageType>();
  readonly #webSocket: AgentSocket;
  readonly #socket: Duplex;
  readonly #reset: () => void;
  readonly #faults: FaultRunner;

  /**
   * Takes over an upgraded socket.
   *
   * @param options Its parts.
   */
  constructor(options: ConnectionOptions) {
    const { webSocket, socket, query, now, listener } = options;
    this.id = options.id;
    this.service = options.service;
    this.connectedAt = now();
    this.query = query;
    // A cluster that is given by its name is in the instance's region and account.
    const { account } = ecsLocation(query.containerInstanceArn);
    this.clusterArn = clusterArn(query.clusterArn, account);
    this.containerInstanceArn = query.containerInstanceArn;
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#reset = options.reset;
    this.#faults = new FaultRunner({
      connection: this,
      socket,
      write: (data, binary, fin) => webSocket.send(data, { binary, fin }),
      onFault: (fault) => options.faulted(this, fault),
    });
    webSocket.on("message", (data: RawData) => listener.frame(this, toBytes(data)));
    webSocket.on("error", (error: Error) => {
      const { message } = error;
      listener.broken(this, error instanceof PingFloodError ? message : `Broken frame: ${message}`);
    });
    webSocket.on("close", (code: number, reason: Uint8Array) => {
      clearTimeout(this.#endTimer);
      this.#faults.end();
      this.#disconnectedAt = now();
      this.#closeCode = code;
      this.#closeReason = new TextDecoder().decode(reason);
      listener.ended(this);
    });
    for (const fault of options.faults) this.inject(fault);
  }

  get open(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN && !this.#silent;
  }

  get disconnectedAt(): number | undefined {
    return this.#disconnectedAt;
  }

  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  get closeReason(): string {
    return this.#closeReason;
  }

  get ownEnd(): ServiceEnd | undefined {
    return this.#ownEnd;
  }

  get ownCloseCode(): number | null | undefined {
    return this.#ownCloseCode;
  }

  /** Why the emulator closed the connection; empty if it did not. */
  get ownCloseReason(): string {
    return this.#ownCloseReason;
  }

  /** Whether an active fault delays the frames of either side. */
  get slowed(): boolean {
    return this.#faults.slowed;
  }

  /** Its lasting faults, and those still waiting for their `afterMs`. */
  get currentFaults(): CurrentFaults {
    return this.#faults.current;
  }

  /** Number of copies sent of each message: 2 while a fault duplicates messages. */
  get copies(): number {
    return this.#faults.copies;
  }

  /**
   * The type of a message that was sent by {@linkcode AgentConnection.send}, by the message's id.
   */
  typeSentByHand(messageId: string): ReceivedMessageType | undefined {
    return this.#sentByHand.get(messageId);
  }

  /** Applies a fault, now or after its `afterMs`. */
  inject(fault: ConnectionFault): void {
    this.#faults.inject(fault);
  }

  /** Cancels pending faults, and ends lasting ones. */
  clearFaults(matches: (fault: ConnectionFault) => boolean): void {
    this.#faults.clear(matches);
  }

  send(data: string | Uint8Array): void {
    if (!this.open) return;
    const sent = messageIn(data);
    if (sent !== undefined && this.#sentByHand.size < MAX_SENT_BY_HAND) {
      this.#sentByHand.set(sent.messageId, sent.type);
    }
    this.transmit(data);
  }

  /** Sends a frame whose message is tracked elsewhere. */
  transmit(data: string | Uint8Array): void {
    if (this.open) this.#faults.send(data);
  }

  close(code: number | null, reason: string): void {
    checkFault({ at: "connection", action: "close", code, reason });
    this.#ownCloseReason ||= reason;
    if (!this.open) return;
    this.#ownEnd ??= "close";
    this.#ownCloseCode = code;
    this.#silence();
    if (code !== null && isSendable(code)) return this.#webSocket.close(code, reason);
    this.#webSocket.closeRaw(this.#socket, code, reason);
    this.#terminateLater();
  }

  end(): void {
    this.#beginEnd("end");
    // The agent's frames are still read: closing a socket with unread bytes would reset it.
    if (!this.#webSocket.isPaused) {
      this.#socket.end();
      return this.#terminateLater();
    }
    this.#socket.end(() => this.terminate());
  }

  reset(): void {
    this.#beginEnd("reset");
    this.#reset();
  }

  stall(): void {
    this.#silence();
    this.#faults.stall();
    this.#webSocket.pause();
  }

  /**
   * Writes bytes that are not a frame; nothing else can be sent after them.
   *
   * @param bytes The bytes.
   * @param then Called when they are written.
   */
  writeRaw(bytes: Uint8Array, then: () => void): void {
    if (!this.open) return;
    this.#silence();
    this.#socket.write(bytes, then);
  }

  /** Ends the WebSocket and the TCP stream immediately. */
  terminate(): void {
    this.#webSocket.cut();
  }

  #terminateLater(): void {
    clearTimeout(this.#endTimer);
    this.#endTimer = setTimeout(() => this.terminate(), END_TIMEOUT_MS);
  }

  #beginEnd(how: ServiceEnd): void {
    // If the agent closed the connection first, the end was not the emulator's.
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#ownEnd ??= how;
    this.#silence();
  }

  #silence(): void {
    this.#silent = true;
    this.#faults.silence();
  }
}

/** Whether `ws` sends a close frame with this code: RFC 6455, section 7.4, and IANA's registry. */
function isSendable(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
}

function toBytes(data: RawData): Uint8Array {
  if (ArrayBuffer.isView(data)) return data;
  if (!Array.isArray(data)) return new Uint8Array(data);
  const bytes = new Uint8Array(data.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of data) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}
