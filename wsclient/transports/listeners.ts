/**
 * Listeners of a WebSocket that are removed together.
 *
 * @module
 */

/**
 * Removes the listeners that it has added. `addEventListener` has a `signal` option for that, but
 * on Node 22 and 24 such a listener stays if a garbage collection has happened in between: Node
 * holds the removal weakly.
 */
export class Listeners {
  readonly #webSocket: WebSocket;
  #removals: (() => void)[] = [];

  /** @param webSocket The WebSocket to listen to. */
  constructor(webSocket: WebSocket) {
    this.#webSocket = webSocket;
  }

  /** Adds one listener. */
  add<K extends keyof WebSocketEventMap>(
    type: K,
    listener: (event: WebSocketEventMap[K]) => void,
  ): void {
    this.#webSocket.addEventListener(type, listener);
    this.#removals.push(() => this.#webSocket.removeEventListener(type, listener));
  }

  /** Removes every listener that was added. */
  clear(): void {
    for (const remove of this.#removals) remove();
    this.#removals = [];
  }
}
