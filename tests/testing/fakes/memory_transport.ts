/**
 * A transport without sockets: a test sees every attempt and plays the peer.
 *
 * @module
 */

import type {
  SocketActivity,
  Transport,
  TransportConnection,
  TransportEnd,
  TransportListener,
  TransportRequest,
} from "../../../wsclient/transport.ts";
import { Inbox } from "../../../wsclient/transports/inbox.ts";

/** The peer's side of one connection; messages that arrive before the client listens are kept. */
export class MemoryConnection implements TransportConnection {
  /** Everything the client has sent, in order. */
  readonly sent: string[] = [];
  /** The code and reason with which the client closed, once it has. */
  left: { readonly code: number; readonly reason: string } | undefined;
  /** Settable, to play a peer that reads nothing. */
  bufferedAmount = 0;
  /** Whether sent data stays in the buffer. */
  stalled = false;
  /** Whether the client is listening. */
  isServed = false;
  readonly #inbox = new Inbox();

  listen(listener: TransportListener): void {
    this.isServed = true;
    this.#inbox.listen(listener);
  }

  send(text: string): void {
    if (this.#inbox.over) throw new Error("the connection is closed");
    this.sent.push(text);
    if (this.stalled) this.bufferedAmount += new TextEncoder().encode(text).length;
  }

  close(code: number, reason: string): Promise<void> {
    this.left = { code, reason };
    this.#inbox.leave();
    return Promise.resolve();
  }

  /** Sends a frame to the client. */
  frame(data: string | Uint8Array): void {
    this.#inbox.message(data);
  }

  /** Reports activity on the socket to the client. */
  activity(activity: SocketActivity): void {
    this.#inbox.activity(activity);
  }

  /** Sends a message to the client. */
  message(type: string, message: unknown): void {
    this.frame(JSON.stringify({ type, message }));
  }

  /** Ends the connection from the peer's side. */
  end(end: TransportEnd): void {
    this.#inbox.end(end);
  }

  /** The messages of one type that the client has sent. */
  sentOf(type: string): unknown[] {
    return this.sent.map((text) => JSON.parse(text))
      .filter((frame) => frame.type === type)
      .map((frame) => frame.message);
  }
}

/** What happens to an attempt to connect. */
export type Attempt =
  | { readonly kind: "accept" }
  | { readonly kind: "fail"; readonly error: Error }
  | { readonly kind: "hang" };

/** The transport. Accepts every attempt unless planned otherwise. */
export class MemoryTransport implements Transport {
  /** Every attempt so far. */
  readonly requests: TransportRequest[] = [];
  /** The signed headers of every attempt so far. */
  readonly headers: Record<string, string>[] = [];
  /** Every connection so far. */
  readonly connections: MemoryConnection[] = [];
  /** What happens to the next attempts; the last entry is repeated. */
  plan: Attempt[] = [{ kind: "accept" }];

  /** The newest connection. */
  get connection(): MemoryConnection {
    const connection = this.connections.at(-1);
    if (connection === undefined) throw new Error("there has been no connection");
    return connection;
  }

  async connect(request: TransportRequest): Promise<TransportConnection> {
    this.requests.push(request);
    this.headers.push(await request.headers());
    const attempt = this.plan.length > 1 ? this.plan.shift() : this.plan[0];
    request.signal.throwIfAborted();
    if (attempt?.kind === "fail") throw attempt.error;
    if (attempt?.kind === "hang") return hangUntilAborted(request.signal);
    const connection = new MemoryConnection();
    this.connections.push(connection);
    return connection;
  }
}

function hangUntilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
