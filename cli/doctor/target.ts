/**
 * A host that `acs doctor` or `acs record` connects to, and the proxy in between.
 *
 * @module
 */

import type { ProxyUse } from "../../errors.ts";
import { readVariables } from "../../internal/environment.ts";
import { findEnvProxy, parseProxy, PROXY_VARIABLES } from "../../wsclient/transports/env_proxy.ts";
import { proxyUse } from "../../wsclient/transports/proxy_use.ts";

/** A host, and how to connect to it. */
export interface Target {
  /** The host, with its port unless that is the scheme's default. */
  readonly host: string;
  /** The name, or the address without brackets. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
  /** Whether it speaks TLS. */
  readonly isSecure: boolean;
  /** The proxy that the environment names for it, if there is one. */
  readonly proxy: ProxyUse | undefined;
  /** The URL of that proxy if it is used; may contain a password. */
  readonly proxyUrl: URL | undefined;
}

/** The target of a URL. */
export function targetOf(url: string): Target {
  const { host, hostname, port, protocol } = new URL(url);
  const isSecure = protocol === "https:" || protocol === "wss:";
  const proxy = proxyUse(url);
  return {
    host,
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port) || (isSecure ? 443 : 80),
    isSecure,
    proxy,
    proxyUrl: proxy?.isUsed ? urlOfProxy(url) : undefined,
  };
}

function urlOfProxy(url: string): URL | undefined {
  return parseProxy(findEnvProxy(url, readVariables(PROXY_VARIABLES))?.proxy ?? "");
}
