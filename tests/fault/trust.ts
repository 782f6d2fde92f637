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

function trustingOnNode(_ca: string): Trust {
  throw new Error("not there yet");
}
