/**
 * Asks an HTTP proxy for a tunnel, instead of undici's own client.
 *
 * undici 6 and 7 treat a proxy that drops the connection as worth retrying, immediately and
 * forever. This client fails instead, with the real reason.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { ProxyRefusedError } from "./proxy_refused_error.ts";
import type { Progress } from "./socket_phases.ts";

/** The arguments that undici's ProxyAgent passes; the names are undici's. */
export interface TunnelRequest {
  /** Host and port of the target, for the CONNECT line. */
  readonly path: string;
  /** The headers of the CONNECT request, with the proxy's credentials. */
  readonly headers: Record<string, string>;
}

/** The methods of a client that undici's ProxyAgent uses. */
export interface ProxyClient {
  /** Asks for one tunnel. */
  connect(tunnel: TunnelRequest): Promise<{ socket: Duplex; statusCode: number }>;
  /** Does nothing: there is one connection per tunnel, which belongs to the tunnel's user. */
  close(): Promise<void>;
  /** Does nothing, like {@linkcode close}; the signal ends pending requests. */
  destroy(): Promise<void>;
}

/**
 * Creates a client for one proxy.
 *
 * @param proxy The proxy's `http:` or `https:` URL.
 * @param signal Ends every pending request for a tunnel.
 * @param progress Called when the proxy has been asked for a tunnel, and when there is one.
 */
export function proxyClient(proxy: URL, signal: AbortSignal, progress: Progress): ProxyClient {
  return {
    async connect({ path, headers }) {
      progress("proxy");
      // Loaded on demand: that takes longer than loading the whole session.
      const { request: start } =
        await (proxy.protocol === "https:" ? import("node:https") : import("node:http"));
      return await new Promise((resolve, reject) => {
        const request = start({
          host: proxy.hostname.replace(/^\[(.*)\]$/, "$1"),
          port: proxy.port,
          method: "CONNECT",
          path,
          headers,
          signal,
          // The default agent might itself use the proxy.
          agent: false,
        });
        const refused = ({ statusCode }: IncomingMessage) => {
          request.destroy();
          reject(new ProxyRefusedError(proxy.host, statusCode ?? 0));
        };
        request.on("error", reject);
        request.on("response", refused);
        request.on("connect", (response, socket) => {
          if (response.statusCode !== 200) return refused(response);
          // Over a tunnel without TLS, the request follows immediately.
          progress("tls");
          resolve({ socket, statusCode: 200 });
        });
        request.end();
      });
    },
    close: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  };
}
