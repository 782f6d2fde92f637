/**
 * Buffers what a connection has received until a listener is attached.
 *
 * @module
 */

import type { SocketActivity, TransportEnd, TransportListener } from "../transport.ts";

/** Delivers frames and the end of one connection to its listener, as the contract requires. */
export class Inbox {
  #listener: TransportListener | undefined;
  #early: (string | Uint8Array)[] = [];
  #end: TransportEnd | undefined;
  #left = false;

  /** Whether nothing more will be delivered: the connection has ended or was closed. */
  get over(): boolean {
    return this.#left || this.#end !== undefined;
  }

  /** Attaches the listener and delivers what arrived before. */
  listen(listener: TransportListener): void {
    if (this.#listener !== undefined) throw new Error("the connection has a listener already");
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const data of early) {
      // The listener may close the connection while early messages are being delivered.
      if (this.#left) return;
      listener.message(data);
    }
    if (this.#end !== undefined && !this.#left) listener.end(this.#end);
  }

  /** Accepts one frame. */
  message(data: string | Uint8Array): void {
    if (this.over) return;
    if (this.#listener) this.#listener.message(data);
    else this.#early.push(data);
  }

  /** Reports activity on the socket, if there was any. */
  activity(activity: SocketActivity): void {
    const { hasReceived, isWriting } = activity;
    if (!this.over && (hasReceived || isWriting)) this.#listener?.activity?.(activity);
  }

  /** Accepts the end; only the first one counts. */
  end(end: TransportEnd): void {
    if (this.over) return;
    this.#end = end;
    this.#listener?.end(end);
  }

  /** Stops delivering. */
  leave(): void {
    this.#left = true;
    this.#early = [];
  }
}
