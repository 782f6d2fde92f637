/**
 * Chooses the dispatcher with which Node's WebSocket makes its upgrade request.
 *
 * @module
 */

import { connector } from "./connector_node.ts";
import { HookMisfitError } from "./hook_misfit.ts";
import { proxyClient } from "./proxy_client_node.ts";
import type { Progress } from "./socket_phases.ts";
import { activeEnvProxyFor } from "./active_env_proxy.ts";
import type { Dialect, Dispatcher } from "./upgrade_hook_node.ts";

/** A dispatcher for one attempt. */
export interface AttemptDispatcher {
  /** The dispatcher. */
  readonly dispatcher: Dispatcher;
  /** Destroys every socket of the attempt, if the dispatcher belongs to the attempt. */
  destroy(): void;
}

/**
 * Where undici's WebSocket finds its global dispatcher; the first that exists. undici 6 and 7 read
 * version 1, undici 8 reads version 2 and keeps one for older handlers at version 1. Any undici
 * that is loaded in the process may have set them, so they say nothing about the version of the
 * WebSocket.
 */
const GLOBAL_VERSIONS: Readonly<Record<Dialect, readonly number[]>> = {
  "undici 5": [1, 2],
  "undici 8": [2, 1],
};

/**
 * Chooses the dispatcher for one attempt: the `given` one, or a new one just like the global one,
 * or the global one itself if the application has replaced it. Only a new one is ever destroyed.
 *
 * A new one, because otherwise a socket that is still connecting cannot be destroyed, and because
 * undici 6 and 7 keep connecting to a proxy that drops CONNECT until their dispatcher is destroyed.
 *
 * @param given The user's dispatcher, if any.
 * @param dialect The dialect of the WebSocket's handlers.
 * @param url The URL to connect to.
 * @param progress Called with each phase of the connection, if the dispatcher is a new one.
 * @throws {HookMisfitError} If there is none, as on a runtime without undici.
 */
export function attemptDispatcher(
  given: unknown,
  dialect: Dialect,
  url: string,
  progress: Progress,
): AttemptDispatcher {
  if (given !== undefined) return { dispatcher: asDispatcher(given), destroy: () => {} };
  const shared = GLOBAL_VERSIONS[dialect].map(globalDispatcher).find((found) =>
    found !== undefined
  );
  if (shared === undefined) throw new HookMisfitError("there is no global dispatcher of undici");
  return likeGlobal(shared, url, progress) ?? { dispatcher: shared, destroy: () => {} };
}

function asDispatcher(given: unknown): Dispatcher {
  if (isDispatcher(given)) return given;
  throw new HookMisfitError("webSocketOptions.dispatcher has no method dispatch");
}

function globalDispatcher(version: number): Dispatcher | undefined {
  const found: unknown = Reflect.get(globalThis, Symbol.for(`undici.globalDispatcher.${version}`));
  return isDispatcher(found) ? found : undefined;
}

function isDispatcher(value: unknown): value is Dispatcher {
  return typeof value === "object" && value !== null && "dispatch" in value &&
    typeof value.dispatch === "function";
}

function likeGlobal(
  shared: Dispatcher,
  url: string,
  progress: Progress,
): AttemptDispatcher | undefined {
  if (shared.constructor.name !== "Dispatcher1Wrapper") return likeBuiltIn(shared, progress);
  // undici 8 has wrapped its own dispatcher with this. Our handlers do not need it.
  const wrapped = globalDispatcher(2);
  const own = wrapped && likeBuiltIn(wrapped, progress);
  // On Node 22, loading undici 8 replaces the dispatcher that uses the environment's proxies.
  if (own && wrapped.constructor.name === "Agent" && activeEnvProxyFor(url) !== undefined) {
    throw new HookMisfitError(
      "another undici in this process has replaced the dispatcher that uses the environment's proxies",
    );
  }
  return own;
}

/** A new dispatcher of the same class, if nothing visible has been added to it. */
function likeBuiltIn(shared: Dispatcher, progress: Progress): AttemptDispatcher | undefined {
  // A composed interceptor replaces the method.
  if (shared.dispatch !== shared.constructor.prototype.dispatch) return undefined;
  if (shared.constructor.name === "Agent") {
    return hasNoOptions(shared) ? create(shared, progress) : undefined;
  }
  if (shared.constructor.name !== "EnvHttpProxyAgent") return undefined;
  const own = create(shared, progress);
  // Its proxies may have been given as options. Whether `noProxy` was, too, cannot be determined.
  if (own === undefined || hasSameProxies(shared, own.dispatcher)) return own;
  own.destroy();
  return undefined;
}

function create({ constructor }: Dispatcher, progress: Progress): AttemptDispatcher | undefined {
  const lifetime = new AbortController();
  const options = {
    connect: connector(lifetime.signal, progress),
    // A pool for more than one would occupy 20 KB, which a session holds as long as its connection.
    connections: 1,
    // tls.connect destroys its socket when the signal aborts. The caller's signal limits the time, so
    // undici's own limit of 10 s is switched off.
    requestTls: { signal: lifetime.signal, timeout: 0 },
    proxyTunnel: true,
    clientFactory: (proxy: URL) => proxyClient(proxy, lifetime.signal, progress),
  };
  const created: unknown = Reflect.construct(constructor, [options]);
  if (!isDispatcher(created)) return undefined;
  return {
    dispatcher: created,
    destroy() {
      lifetime.abort();
      if ("destroy" in created && typeof created.destroy === "function") created.destroy();
    },
  };
}

function hasNoOptions(agent: Dispatcher): boolean {
  const options = property(agent, "options");
  if (typeof options !== "object" || options === null) return false;
  return Object.values(options).every((value) => value === undefined || value === Infinity);
}

function hasSameProxies(one: Dispatcher, other: Dispatcher): boolean {
  return ["http proxy agent", "https proxy agent"].every((name) => {
    const agents = [property(one, name), property(other, name)];
    const [a, b] = agents.map((agent) => property(property(agent, "proxy agent options"), "uri"));
    return agents.every(isDispatcher) && a === b;
  });
}

/**
 * A property, by its name or by its symbol's description; undici stores most of its own under
 * symbols.
 */
function property(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const key = Object.getOwnPropertySymbols(value).find(({ description }) => description === name);
  return Reflect.get(value, key ?? name);
}
