/**
 * Determines whether Node uses the proxy from its environment.
 *
 * @module
 */

import type { Environment } from "../../internal/environment.ts";
import { envProxyFor } from "./env_proxy.ts";

/** The proxy for a URL, if Node uses proxies from the environment in this process. */
export function activeEnvProxyFor(url: string): string | undefined {
  const env = proxyEnvironment();
  return env && envProxyFor(url, env);
}

function proxyEnvironment(): Environment | undefined {
  // Node's own clients read the setting from here. An application's agent may have no options.
  const { options }: { readonly options?: { readonly proxyEnv?: Environment | undefined } } =
    globalThis.process.getBuiltinModule("node:https").globalAgent;
  if (options?.proxyEnv) return options.proxyEnv;
  // Node 24.0 to 24.4 support the variable for fetch and WebSocket only.
  const { env } = globalThis.process;
  return env["NODE_USE_ENV_PROXY"] === "1" ? env : undefined;
}
