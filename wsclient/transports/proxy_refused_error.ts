/**
 * A proxy that refused a tunnel.
 *
 * @module
 */

/** The proxy answered CONNECT with another status than 200. */
export class ProxyRefusedError extends Error {
  /** Always `"ProxyRefusedError"`. */
  override readonly name = "ProxyRefusedError";
  /** The HTTP status. */
  readonly proxyStatus: number;

  /**
   * Creates the error.
   *
   * @param proxy The proxy's host and port.
   * @param proxyStatus The HTTP status.
   */
  constructor(proxy: string, proxyStatus: number) {
    super(`the proxy ${proxy} refused CONNECT with status ${proxyStatus}`);
    this.proxyStatus = proxyStatus;
  }
}
