/**
 * One simulated connection between the agent and the service: both sockets, and the path between
 * them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { AgentSocket } from "../../emulator/acs/agent_socket.ts";
import { ConnectError } from "../../errors.ts";
import type { RandomSource } from "../../internal/jitter.ts";
import type { TransportConnection, TransportListener } from "../../wsclient/transport.ts";
import { Inbox } from "../../wsclient/transports/inbox.ts";
import type { PathConditions } from "./path_conditions.ts";
import type { Domain, VirtualTime } from "./virtual_time.ts";

/** How long the service waits for the answer to a close frame, in ms, as `ws` does. */
const CLOSE_TIMEOUT_MS = 30_000;

/** How long TCP retransmits unacknowledged data before it gives up, in ms. */
const TCP_GIVES_UP_MS = 15 * 60_000;

/** What a link needs. */
export interface LinkOptions {
  readonly time: VirtualTime;
  readonly random: RandomSource;
  readonly conditions: PathConditions;
  /** The host that the agent connected to. */
  readonly host: string;
  /** Whose code the client is; by default the machine's. */
  readonly clientDomain?: Domain;
  /** Called when the agent's session sends a frame. */
  readonly onSent: (text: string) => void;
  /** Called when a frame reaches the agent's session. */
  readonly onArrived: (data: string | Uint8Array) => void;
  /** Called when both sides have ended. */
  readonly onOver: (link: Link) => void;
}

/** Data in transit. */
interface Parcel {
  readonly bytes: number;
  readonly deliver: () => void;
}

/** One direction of a link. TCP keeps the order, and delivers nothing after a gap. */
class Pipe {
  readonly #link: Link;
  readonly #to: Domain;
  /** The parcels that are waiting for the path, the oldest first. */
  #held: Parcel[] = [];
  #heldSince: number | undefined;
  #freeAtMs = 0;
  /** When those arrive that are on their way, in true ms after the start, the earliest first. */
  readonly #arrivals: number[] = [];
  /** Whether nothing arrives any more. */
  isDead = false;
  /** Whether something was swallowed: nothing that is sent after it is delivered. */
  #hasGap = false;
  /** Whether the reader has stopped reading. */
  isPaused = false;
  /** Whether the connection is reset in the middle of the next frame. */
  cutsNext = false;

  constructor(link: Link, to: Domain) {
    this.#link = link;
    this.#to = to;
  }

  /** The bytes that are waiting, beyond those that the kernels buffer. */
  get backlogBytes(): number {
    const bytes = this.#held.reduce((sum, parcel) => sum + parcel.bytes, 0);
    return Math.max(0, bytes - this.#link.options.conditions.kernelBytes);
  }

  /** How many parcels have arrived at the reader's machine, and are unread. */
  get overdue(): number {
    const now = this.#link.options.time.elapsedMs;
    return this.isDead ? 0 : this.#arrivals.filter((at) => at < now).length;
  }

  /** How long something has been waiting, in ms. */
  get heldForMs(): number {
    const { time } = this.#link.options;
    return this.#heldSince === undefined ? 0 : time.elapsedMs - this.#heldSince;
  }

  put(parcel: Parcel): void {
    if (this.isDead || this.#hasGap || this.#isForgotten || this.#swallows(parcel)) return;
    if (this.cutsNext && parcel.bytes > 0) return this.#link.cut("ECONNRESET");
    if (this.#held.length === 0 && this.#isOpen) return this.#carry(parcel);
    this.#heldSince ??= this.#link.options.time.elapsedMs;
    this.#held.push(parcel);
  }

  /** The conditions have changed: queued parcels may pass. */
  release(): void {
    while (this.#isOpen && !this.isDead) {
      const parcel = this.#held.shift();
      if (parcel === undefined) break;
      this.#carry(parcel);
    }
    if (this.#held.length === 0) this.#heldSince = undefined;
  }

  get #isOpen(): boolean {
    const { conditions } = this.#link.options;
    return !this.isPaused && !conditions.isPartitioned;
  }

  get #isForgotten(): boolean {
    const { time, conditions } = this.#link.options;
    if (time.elapsedMs - this.#link.usedAtMs <= conditions.forgetsAfterMs) return false;
    this.#link.kill();
    return true;
  }

  #swallows({ bytes }: Parcel): boolean {
    const { conditions } = this.#link.options;
    const swallowed = this === this.#link.up
      ? conditions.swallowsUp
      : conditions.isSilent || bytes > conditions.maxBytesDown;
    if (swallowed) this.#hasGap = true;
    return swallowed;
  }

  #carry({ bytes, deliver }: Parcel): void {
    const { time, random, conditions } = this.#link.options;
    const { latencyMs, bytesPerSecond } = conditions;
    const now = time.elapsedMs;
    const startsAt = Math.max(now, this.#freeAtMs - latencyMs);
    const arrivesAt = Math.max(
      this.#freeAtMs,
      Math.ceil(startsAt + latencyMs * (1 + random()) + 1000 * bytes / bytesPerSecond),
    );
    this.#freeAtMs = arrivesAt;
    this.#arrivals.push(arrivesAt);
    time.after(this.#to, arrivesAt - now, () => {
      this.#arrivals.shift();
      if (!this.isDead) deliver();
    });
  }
}

/** One connection. */
export class Link {
  readonly options: LinkOptions;
  /** To the service. */
  readonly up: Pipe = new Pipe(this, "world");
  /** To the agent. */
  readonly down: Pipe;
  /** The agent's side. */
  readonly client: ClientSide;
  /** The service's side. */
  readonly server: ServerSide;
  /** The socket beneath the service's side. */
  readonly stream: ServerStream;
  /** When a frame last passed, in true ms after the start. */
  usedAtMs: number;
  readonly #clientDomain: Domain;

  constructor(options: LinkOptions) {
    this.options = options;
    this.#clientDomain = options.clientDomain ?? "machine";
    this.down = new Pipe(this, this.#clientDomain);
    this.client = new ClientSide(this);
    this.server = createServerSide(this);
    this.stream = new ServerStream(this);
    this.usedAtMs = options.time.elapsedMs;
  }

  /** Whether the agent's side has ended. */
  get isClientOver(): boolean {
    return this.client.isOver;
  }

  /** Call this when the path changes: held parcels continue, or are lost for good. */
  conditionsChanged(): void {
    if (Math.max(this.up.heldForMs, this.down.heldForMs) > TCP_GIVES_UP_MS) {
      return this.cut("ETIMEDOUT");
    }
    this.up.release();
    this.down.release();
  }

  /** Nothing passes from now on, and neither side notices: a router forgot the connection. */
  kill(): void {
    this.up.isDead = this.down.isDead = true;
  }

  /** Both sides see an error immediately. */
  cut(systemCode: string): void {
    this.kill();
    const { time } = this.options;
    const error = new ConnectError(`the connection to ${this.options.host} broke`, { systemCode });
    time.after(this.#clientDomain, 0, () => this.client.end({ kind: "error", error }));
    time.after("world", 0, () => this.server.closed(1006, ""));
  }

  /** The service's host disappears silently; the agent sees nothing. */
  vanish(): void {
    this.kill();
    this.server.closed(1006, "");
  }
}

/** The agent's side. */
class ClientSide implements TransportConnection {
  readonly #link: Link;
  readonly #inbox = new Inbox();
  readonly #closing = Promise.withResolvers<void>();
  #hasLeft = false;

  constructor(link: Link) {
    this.#link = link;
  }

  get bufferedAmount(): number {
    return this.#link.up.backlogBytes;
  }

  get isOver(): boolean {
    return this.#inbox.over;
  }

  listen(listener: TransportListener): void {
    this.#inbox.listen(listener);
  }

  send(text: string): void {
    if (this.#inbox.over) throw new Error("the connection is closed");
    const { up, options, server } = this.#link;
    options.onSent(text);
    up.put({ bytes: text.length, deliver: () => server.received(text) });
  }

  close(code: number, reason: string): Promise<void> {
    this.#inbox.leave();
    this.#hasLeft = true;
    const { up, server } = this.#link;
    up.put({ bytes: reason.length + 4, deliver: () => server.receivedClose(code, reason) });
    this.#link.options.onOver(this.#link);
    return this.#closing.promise;
  }

  received(data: string | Uint8Array): void {
    if (this.#inbox.over) return;
    this.#link.usedAtMs = this.#link.options.time.elapsedMs;
    this.#link.options.onArrived(data);
    this.#inbox.message(data);
  }

  receivedClose(code: number, reason: string): void {
    if (this.#hasLeft) return this.#closing.resolve();
    this.end({ kind: "close", code, reason });
    const { up, server } = this.#link;
    up.put({ bytes: reason.length + 4, deliver: () => server.receivedClose(code, reason) });
  }

  end(end: Parameters<TransportListener["end"]>[0]): void {
    if (this.#inbox.over) return;
    this.#inbox.end(end);
    this.#link.options.onOver(this.#link);
  }
}

/** The service's side, instead of a socket of `ws`. */
class ServerSide extends AgentSocket {
  #link: Link | undefined;
  #state: "open" | "closing" | "closed" = "open";
  #closeTimer: number | undefined;

  attach(link: Link): void {
    this.#link = link;
    const states = { open: 1, closing: 2, closed: 3 };
    Object.defineProperty(this, "readyState", { get: () => states[this.#state] });
    Object.defineProperty(this, "isPaused", { get: () => link.up.isPaused });
  }

  override send(data: unknown): void {
    if (this.#state !== "open") return;
    const { garbles } = this.#required.options.conditions;
    const isFrame = typeof data === "string" || data instanceof Uint8Array;
    const frame = isFrame && !garbles ? data : "<html>Bad Gateway</html>";
    this.#to(frame.length, (client) => client.received(frame));
  }

  override close(code = 1005, reason: string | Buffer = ""): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#to(4 + reason.length, (client) => client.receivedClose(code, reason.toString()));
    const { time } = this.#required.options;
    this.#closeTimer = time.after("world", CLOSE_TIMEOUT_MS, () => this.cut());
  }

  override closeRaw(_socket: Duplex, code: number | null, reason: string): void {
    this.close(code ?? 1005, reason);
  }

  override cut(): void {
    const link = this.#required;
    if (this.#state === "closed") return;
    link.down.put({ bytes: 0, deliver: () => link.client.end({ kind: "eof" }) });
    this.closed(1006, "");
  }

  override pause(): void {
    this.#required.up.isPaused = true;
  }

  received(text: string): void {
    if (this.#state === "closed") return;
    this.#required.usedAtMs = this.#required.options.time.elapsedMs;
    this.emit("message", Buffer.from(text), false);
  }

  receivedClose(code: number, reason: string): void {
    if (this.#state === "open") {
      this.#to(4, (client) => client.receivedClose(code, ""));
    }
    this.closed(code, reason);
  }

  /** The connection is over for the service. */
  closed(code: number, reason: string): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#required.options.time.clearTimer(this.#closeTimer);
    this.emit("close", code, Buffer.from(reason));
    this.#required.options.onOver(this.#required);
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  get #required(): Link {
    if (this.#link === undefined) throw new Error("the socket has no link");
    return this.#link;
  }

  #to(bytes: number, deliver: (client: ClientSide) => void): void {
    const { down, client } = this.#required;
    down.put({ bytes, deliver: () => deliver(client) });
  }
}

/** `ws` creates the service's side of a connection without an address. */
function createServerSide(link: Link): ServerSide {
  const made: unknown = Reflect.construct(ServerSide, [null, undefined, {}]);
  if (!(made instanceof ServerSide)) throw new Error("ws has not made a socket");
  made.attach(link);
  return made;
}

/** The socket beneath: only its end is used. */
class ServerStream extends Duplex {
  readonly #link: Link;

  constructor(link: Link) {
    super();
    this.#link = link;
  }

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }

  override _final(done: () => void): void {
    const { down, client, server, up } = this.#link;
    down.put({ bytes: 0, deliver: () => client.end({ kind: "eof" }) });
    // The agent's runtime ends its side, too.
    up.put({ bytes: 0, deliver: () => server.closed(1006, "") });
    done();
  }
}
