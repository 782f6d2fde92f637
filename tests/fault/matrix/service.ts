/**
 * ECS and ACS on raw sockets, which a test breaks and mends.
 *
 * @module
 */

import {
  encodeFrame,
  OPCODE,
  type RawConnection,
  type RawPeer,
  startRawPeer,
} from "../../testing/raw_peer.ts";
import { ARNS } from "../../testing/session_stage.ts";

/** What becomes of one TCP connection to a broken service. */
export type Behaviour = (connection: RawConnection, service: Service) => void | Promise<void>;

/** How a service is broken. What is left out is as it should be. */
export interface Faults {
  /** What becomes of a connection to ECS. */
  readonly ecs?: Behaviour | undefined;
  /** What becomes of a connection to ACS. */
  readonly acs?: Behaviour | undefined;
  /** A wrong place; it cannot be mended, only left for the right one. */
  readonly deadEnd?: DeadEnd | undefined;
}

/** A wrong place to look for ECS or for ACS. */
export interface DeadEnd {
  /** Which of the two is looked for there. Default `"acs"`: ECS tells the agent so. */
  readonly of?: "ecs" | "acs";
  /** Its URL, given that of a peer which behaves so. */
  readonly url?: (peerUrl: string) => string;
  /** What becomes of a connection to that peer. */
  readonly behave?: Behaviour;
  /** What that peer speaks TLS with. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** The payload that ACS sends over each connection until it is acknowledged. */
export const PAYLOAD_ID = "payload-1";

/** Both services. Broken from the start, if there are faults, until they are mended. */
export class Service {
  /** The ids of the messages acknowledged so far, in order. */
  readonly acked: string[] = [];
  /** Settles when the service is mended. */
  readonly mended: Promise<void>;
  readonly #faults: Faults;
  readonly #onAck: (messageId: string) => void;
  #ecs: RawPeer | undefined;
  #acs: RawPeer | undefined;
  #deadEnd: RawPeer | undefined;
  #isBroken = true;
  #tellMended: () => void = () => {};
  #reached = { ecs: 0, acs: 0 };

  private constructor(faults: Faults, onAck: (messageId: string) => void) {
    this.#faults = faults;
    this.#onAck = onAck;
    this.mended = new Promise((resolve) => this.#tellMended = resolve);
  }

  /** Starts both; `onAck` is told of each acknowledgement as it comes. */
  static async start(faults: Faults, onAck: (messageId: string) => void = () => {}) {
    const service = new Service(faults, onAck);
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

  /** The URL of the ECS API, as it is now. */
  get url(): string {
    return this.#deadEndUrl("ecs") ?? httpUrl(this.#ecs);
  }

  /** The URL of ACS, as ECS tells it now. */
  get acsUrl(): string {
    return this.#deadEndUrl("acs") ?? httpUrl(this.#acs);
  }

  /** How many TCP connections have come so far. */
  get reached(): { readonly ecs: number; readonly acs: number } {
    return this.#reached;
  }

  /** All is as it should be from the next connection on. */
  mend(): void {
    this.#isBroken = false;
    this.#tellMended();
  }

  /** Cuts what is open, and ends both. */
  async close(): Promise<void> {
    await this.#ecs?.close();
    await this.#acs?.close();
    await this.#deadEnd?.close();
  }

  /** Accepts an upgrade and sends the payload, as ACS does; takes what comes back unless told not to. */
  async greet(
    connection: RawConnection,
    { reads = true, ...options }: { reads?: boolean; acceptKey?: string } = {},
  ): Promise<void> {
    await connection.accept({ ...options, followedBy: encodeFrame(OPCODE.text, payloadFrame()) });
    // Goes on until the connection ends, which is no news.
    if (reads) this.read(connection).catch(() => {});
  }

  /** Takes what the agent sends, until it closes. */
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
