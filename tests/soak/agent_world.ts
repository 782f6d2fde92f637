/**
 * The external dependencies of the sessions in a soak: rotating keys and sockets.
 *
 * @module
 */

import { type AwsCredentialIdentity, createNativeTransport, type Transport } from "../../mod.ts";
import type { RandomSource } from "../../internal/jitter.ts";
import { createWsTransport } from "../../wsclient/transports/ws.ts";
import { CLOSE_GRACE_MS, PROBE_TIMEOUT_MS } from "./agent_timing.ts";
import type { Collected } from "./figures.ts";

/** One in this many sessions uses the other transport. */
const OTHER_TRANSPORT_EVERY = 4;

/** One in this many requests for keys fails, and as many get no answer. */
const KEYS_FAIL_ONCE_IN = 50;

/** Requests the keys each time, as a provider of instance credentials does. */
export function keysFrom(url: string, random: RandomSource): () => Promise<AwsCredentialIdentity> {
  return async () => {
    const mood = random() * KEYS_FAIL_ONCE_IN;
    if (mood < 1) throw new Error("no credentials at the moment");
    if (mood < 2) return await new Promise<never>(() => {});
    const answer = await fetch(url);
    return await answer.json();
  };
}

/**
 * Transports whose connections are tracked: the built-in one for most sessions, npm's `ws` for
 * some.
 */
export function transports(connections: Collected): (index: number) => Transport {
  const builtIn = watched(
    createNativeTransport({ closeGraceMs: CLOSE_GRACE_MS, probeTimeoutMs: PROBE_TIMEOUT_MS }),
    connections,
  );
  const other = watched(createWsTransport({ closeGraceMs: CLOSE_GRACE_MS }), connections);
  return (index) => index % OTHER_TRANSPORT_EVERY === 0 ? other : builtIn;
}

function watched(transport: Transport, connections: Collected): Transport {
  return {
    async connect(request) {
      const connection = await transport.connect(request);
      connections.watch(connection);
      return connection;
    },
  };
}
