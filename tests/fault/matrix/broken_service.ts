/**
 * ECS and ACS on raw sockets, which a test breaks and repairs.
 *
 * @module
 */

import {
  encodeFrame,
  OPCODE,
  type RawConnection,
  type RawPeer,
  startRawPeer,
} from "../../testing/sockets/raw_peer.ts";
import { ARNS } from "../../testing/fakes/session_stage.ts";

/** What happens to one TCP connection to a broken service. */
export type Behavior = (connection: RawConnection, service: BrokenService) => void | Promise<void>;

/** How a service is broken. Parts left out work normally. */
export interface Faults {
  /** What happens to a connection to ECS. */
  readonly ecs?: Behavior | undefined;
  /** What happens to a connection to ACS. */
  readonly acs?: Behavior | undefined;
  /** A wrong address; it cannot be repaired, only replaced by the right one. */
  readonly deadEnd?: DeadEnd | undefined;
}

/** A wrong address for ECS or for ACS. */
export interface DeadEnd {
  /** Which of the two has the wrong address. Default `"acs"`: ECS returns it to the agent. */
  readonly of?: "ecs" | "acs";
  /** Its URL, given that of a peer with the faulty behavior. */
  readonly url?: (peerUrl: string) => string;
  /** What happens to a connection to that peer. */
  readonly behave?: Behavior;
  /** The TLS key and certificate of that peer. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** The payload that ACS sends over each connection until it is acknowledged. */
export const PAYLOAD_ID = "payload-1";

/** Both services. With faults, broken from the start until they are repaired. */
export class BrokenService {
  /** The ids of the messages acknowledged so far, in order. */
  readonly acked: string[] = [];
  /** Settles when the service is repaired. */
  readonly repaired: Promise<void>;
  readonly #faults: Faults;
  readonly #onAck: (messageId: string) => void;
  #ecs: RawPeer | undefined;
  #acs: RawPeer | undefined;
  #deadEnd: RawPeer | undefined;
  #isBroken = true;
  #markRepaired: () => void = () => {};
  #reached = { ecs: 0, acs: 0 };

  private constructor(faults: Faults, onAck: (messageId: string) => void) {
    this.#faults = faults;
    this.#onAck = onAck;
    this.repaired = new Promise((resolve) => this.#markRepaired = resolve);
  }

  /** Starts both; `onAck` is called for each acknowledgement. */
  static async start(faults: Faults, onAck: (messageId: string) => void = () => {}) {
    const service = new BrokenService(faults, onAck);
    service.#ecs = await startRawPeer((connection) => service.#serve("ecs", connection));
    service.#acs = await startRawPeer((connection) => service.#serve("acs", connection));
    const { deadEnd } = faults;
    if (deadEnd === undefined) return service;
    const { behave = (connection) => connection.end(), tls } = deadEnd;
    service.#deadEnd = await startRawPeer(async (connection) => {
      service.#reached[deadEnd.of ?? "acs"] += 1;
      await behave(connection, service);
      await connection.ended;
    }, { ...(tls && { tls }) });
    return service;
  }

  /** The current URL of the ECS API. */
  get url(): string {
    return this.#deadEndUrl("ecs") ?? httpUrl(this.#ecs);
  }

  /** The URL of ACS that ECS currently returns. */
  get acsUrl(): string {
    return this.#deadEndUrl("acs") ?? httpUrl(this.#acs);
  }

  /** The number of TCP connections so far. */
  get reached(): { readonly ecs: number; readonly acs: number } {
    return this.#reached;
  }

  /** Repairs everything for the connections that follow. */
  repair(): void {
    this.#isBroken = false;
    this.#markRepaired();
  }

  /** Cuts open connections, and stops both. */
  async close(): Promise<void> {
    await this.#ecs?.close();
    await this.#acs?.close();
    await this.#deadEnd?.close();
  }

  /**
   * Accepts an upgrade and sends the payload, as ACS does; reads what the agent sends unless told
   * not to.
   */
  async greet(
    connection: RawConnection,
    { reads = true, ...options }: { reads?: boolean; acceptKey?: string } = {},
  ): Promise<void> {
    await connection.accept({ ...options, followedBy: encodeFrame(OPCODE.text, payloadFrame()) });
    // Continues until the connection ends, which is expected.
    if (reads) this.read(connection).catch(() => {});
  }

  /** Reads what the agent sends, until it closes. */
  async read(connection: RawConnection): Promise<void> {
    while (true) {
      const { opcode, payload } = await connection.readFrame();
      if (opcode === OPCODE.text) this.#take(payload.toString());
      if (opcode !== OPCODE.close) continue;
      connection.write(encodeFrame(OPCODE.close, payload));
      connection.end();
      return;
    }
  }

  #take(text: string): void {
    const { type, message } = JSON.parse(text);
    if (type !== "AckRequest") return;
    this.acked.push(message.messageId);
    this.#onAck(message.messageId);
  }

  async #serve(which: "ecs" | "acs", connection: RawConnection): Promise<void> {
    this.#reached[which] += 1;
    const fault = this.#isBroken ? this.#faults[which] : undefined;
    if (fault !== undefined) await fault(connection, this);
    else if (which === "ecs") await this.#discover(connection);
    else await this.greet(connection);
    await connection.ended;
  }

  async #discover(connection: RawConnection): Promise<void> {
    await connection.refuse(200, JSON.stringify({ endpoint: this.acsUrl }));
  }

  #deadEndUrl(of: "ecs" | "acs"): string | undefined {
    const { deadEnd } = this.#faults;
    if (deadEnd === undefined || !this.#isBroken || of !== (deadEnd.of ?? "acs")) return undefined;
    const url = httpUrl(this.#deadEnd);
    return deadEnd.url?.(url) ?? url;
  }
}

function payloadFrame(): string {
  const message = { ...ARNS, messageId: PAYLOAD_ID, seqNum: 1, tasks: [] };
  return JSON.stringify({ type: "PayloadMessage", message });
}

function httpUrl(peer: RawPeer | undefined): string {
  if (peer === undefined) throw new Error("the service has not been started");
  return `${peer.url.replace(/^ws/, "http")}/`;
}
