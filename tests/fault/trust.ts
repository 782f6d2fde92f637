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

/** Node's own undici cannot be imported, but its Agent is the class of the global dispatcher. */
function trustingOnNode(ca: string): Trust {
  void globalThis.WebSocket;
  const globals = [2, 1].map((version): unknown =>
    Reflect.get(globalThis, Symbol.for(`undici.globalDispatcher.${version}`))
  );
  const shared = globals.find((found) => typeof found === "object" && found !== null);
  if (typeof shared !== "object" || shared === null) throw new Error("no global dispatcher");
  const dispatcher: unknown = Reflect.construct(shared.constructor, [{ connect: { ca } }]);
  return {
    webSocketOptions: { dispatcher },
    async close() {
      if (typeof dispatcher !== "object" || dispatcher === null) return;
      if ("destroy" in dispatcher && typeof dispatcher.destroy === "function") {
        await dispatcher.destroy();
      }
    },
  };
}
