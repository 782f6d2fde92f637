/**
 * The native transport's fallback on Node: if Node's WebSocket cannot be used, it connects with
 * npm's `ws`.
 *
 * @module
 */

import process from "node:process";
import { ConnectError } from "../../errors.ts";
import { UpgradeRefusedError } from "../upgrade_refused_error.ts";
import type { Transport, TransportConnection, TransportRequest } from "../transport.ts";
import { HookMisfitError } from "./hook_misfit.ts";
import type { NativeSettings } from "./native_runtime.ts";
import { envTunnel } from "./tunnel_node.ts";

/** What this process has learned about Node's WebSocket. */
class NodeFit {
  /** Why Node's WebSocket is not used. */
  #reason: string | undefined;
  #isReported = false;
  #hasHeard = false;
  #isSuspect = false;

  /** Whether to connect with `ws`. */
  get needsWs(): boolean {
    return this.#reason !== undefined;
  }

  /** Whether the last attempt timed out, and no dispatcher has ever called back. */
  get isSuspect(): boolean {
    return this.#isSuspect && !this.#hasHeard;
  }

  /** Node's WebSocket can no longer be used. */
  misfits(reason: string): void {
    this.#reason = reason;
  }

  /** A dispatcher has called back. */
  heard(): void {
    this.#hasHeard = true;
  }

  /** An attempt has timed out: because of the network, or a dispatcher that never calls back. */
  timedOut(isTimeout: boolean): void {
    this.#isSuspect = isTimeout;
  }

  /** Reports the reason, once per process. */
  report(request: TransportRequest): void {
    if (this.#isReported || this.#reason === undefined || request.warn === undefined) return;
    this.#isReported = true;
    request.warn(
      "Node's built-in WebSocket cannot be used in this process, so every connection is made with " +
        `npm's ws from now on. The reason: ${this.#reason}`,
    );
  }
}

/** What this process has learned. */
export const nodeFit: NodeFit = new NodeFit();

/**
 * A transport that uses `native`, or `ws` if that does not fit.
 *
 * @param native Fails with a {@linkcode HookMisfitError} if it does not fit.
 * @param settings The settings of the native transport.
 */
export function withFallback(native: Transport, settings: NativeSettings): Transport {
  const own = Object.keys(settings.webSocketOptions).find((name) => name !== "headers");
  return {
    async connect(request) {
      if (own === undefined) {
        if (nodeFit.needsWs) return await connectWithWs(request, settings);
        if (nodeFit.isSuspect) return await connectAfterSilence(request, settings);
      }
      try {
        return await native.connect(request);
      } catch (error) {
        if (!(error instanceof HookMisfitError)) {
          const { aborted, reason } = request.signal;
          nodeFit.timedOut(aborted && reason instanceof ConnectError);
          throw error;
        }
        if (own !== undefined) throw unusable(own, error);
        nodeFit.misfits(error.message);
        return await connectWithWs(request, settings);
      }
    },
  };
}

async function connectWithWs(
  request: TransportRequest,
  { closeGraceMs }: NativeSettings,
): Promise<TransportConnection> {
  nodeFit.report(request);
  // Loaded on demand: a session on a healthy Node should not pay for it.
  const { createWsTransport } = await import("./ws.ts");
  const tunnel = envTunnel(request.url, request.signal, request.progress ?? (() => {}));
  return await createWsTransport({ closeGraceMs, clientOptions: { ...tunnel } }).connect(request);
}

/** Tries `ws` once; if that gets an answer, the dispatcher was the silent one. */
async function connectAfterSilence(
  request: TransportRequest,
  settings: NativeSettings,
): Promise<TransportConnection> {
  nodeFit.timedOut(false);
  const disableDispatcher = () => {
    nodeFit.misfits("its dispatcher reported nothing until the time limit, and ws was answered");
    nodeFit.report(request);
  };
  try {
    const connection = await connectWithWs(request, settings);
    disableDispatcher();
    return connection;
  } catch (error) {
    if (error instanceof UpgradeRefusedError) disableDispatcher();
    throw error;
  }
}

/**
 * With an option of the user's there is no substitute: it might contain a proxy, or an authority.
 */
function unusable(option: string, error: HookMisfitError): ConnectError {
  return new ConnectError(
    `Node's built-in WebSocket cannot be used with webSocketOptions.${option}: ${error.message}. ` +
      `Give a dispatcher of undici ${
        process.versions["undici"] ?? ""
      }, the version in this Node, or use ` +
      `createWsTransport of "@acs/session/ws", whose clientOptions take an agent, ca, cert and key`,
    { cause: error, retryable: false },
  );
}
