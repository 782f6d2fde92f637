/**
 * Trusts a certificate authority for one transport alone, so that no test needs environment
 * variables.
 *
 * @module
 */

import process from "node:process";

/** Options that make the native transport trust one more authority. */
export interface Trust {
  /** See `NativeTransportOptions.webSocketOptions`. */
  readonly webSocketOptions: Readonly<Record<string, unknown>>;
  /** Closes what was created for it. */
  close(): Promise<void>;
}

/** Trusts an authority, given as PEM. */
export function trusting(ca: string): Trust {
  return "Deno" in globalThis ? trustingOnDeno(ca) : trustingOnNode(ca);
}

function trustingOnDeno(ca: string): Trust {
  const client = Deno.createHttpClient({ caCerts: [ca], http2: false });
  return {
    webSocketOptions: { client },
    close: () => {
      client.close();
      return Promise.resolve();
    },
  };
}

function trustingOnNode(ca: string): Trust {
  const dispatcher = createDispatcher({ connect: { ca } });
  return {
    webSocketOptions: { dispatcher },
    async close() {
      if ("destroy" in dispatcher && typeof dispatcher.destroy === "function") {
        await dispatcher.destroy();
      }
    },
  };
}

/** Where Node's WebSocket finds its global dispatcher. */
export function globalDispatcherKey(): symbol {
  // Node creates it when one of its users is accessed for the first time.
  void globalThis.WebSocket;
  const major = parseInt(process.versions["undici"] ?? "");
  return Symbol.for(`undici.globalDispatcher.${major >= 8 ? 2 : 1}`);
}

/**
 * Creates one of Node's own Agents: undici cannot be imported, but the global one has its class.
 */
export function createDispatcher(options: object): object {
  const shared: unknown = Reflect.get(globalThis, globalDispatcherKey());
  if (typeof shared !== "object" || shared === null) throw new Error("no global dispatcher");
  const dispatcher: unknown = Reflect.construct(shared.constructor, [options]);
  if (typeof dispatcher !== "object" || dispatcher === null) throw new Error("no dispatcher");
  return dispatcher;
}
