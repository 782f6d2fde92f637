/**
 * Trust in an authority for one transport alone, so that no test needs an environment.
 *
 * @module
 */

/** Options for the native transport that trust one more authority. */
export interface Trust {
  /** See `NativeTransportOptions.webSocketOptions`. */
  readonly webSocketOptions: Readonly<Record<string, unknown>>;
  /** Closes what was made for it. */
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

/** Where Node keeps its global dispatcher. */
export function globalDispatcherKey(): symbol {
  void globalThis.WebSocket;
  const keys = [2, 1].map((version) => Symbol.for(`undici.globalDispatcher.${version}`));
  const key = keys.find((key) => Reflect.get(globalThis, key) !== undefined);
  if (key === undefined) throw new Error("no global dispatcher");
  return key;
}

/** Creates one of Node's own Agents: undici cannot be imported, but the global one has its class. */
export function createDispatcher(options: object): object {
  const shared: unknown = Reflect.get(globalThis, globalDispatcherKey());
  if (typeof shared !== "object" || shared === null) throw new Error("no global dispatcher");
  const dispatcher: unknown = Reflect.construct(shared.constructor, [options]);
  if (typeof dispatcher !== "object" || dispatcher === null) throw new Error("no dispatcher");
  return dispatcher;
}
