/**
 * What a connection has received, kept until somebody listens.
 *
 * @module
 */

import type { SocketActivity, TransportEnd, TransportListener } from "../transport.ts";

/** Hands frames and the end of one connection to its listener, as the contract asks for. */
export class Inbox {
  #listener: TransportListener | undefined;
  #early: (string | Uint8Array)[] = [];
  #end: TransportEnd | undefined;
  #left = false;

  /** Whether nothing more is to come: the connection has ended or was left. */
  get over(): boolean {
    return this.#left || this.#end !== undefined;
  }

  /** Attaches the listener and delivers what came before it. */
  listen(listener: TransportListener): void {
    if (this.#listener !== undefined) throw new Error("the connection has a listener already");
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const data of early) {
      // The listener may leave while it is told what came early.
      if (this.#left) return;
      listener.message(data);
    }
    if (this.#end !== undefined && !this.#left) listener.end(this.#end);
  }

  /** Takes one frame. */
  message(data: string | Uint8Array): void {
    if (this.over) return;
    if (this.#listener) this.#listener.message(data);
    else this.#early.push(data);
  }

  /** Passes on what was seen on the socket, if it was anything. */
  activity(activity: SocketActivity): void {
    const { hasReceived, isWriting } = activity;
    if (!this.over && (hasReceived || isWriting)) this.#listener?.activity?.(activity);
  }

  /** Takes the end; the first one counts. */
  end(end: TransportEnd): void {
    if (this.over) return;
    this.#end = end;
    this.#listener?.end(end);
  }

  /** Delivers nothing from now on. */
  leave(): void {
    this.#left = true;
    this.#early = [];
  }
}
