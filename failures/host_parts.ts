/**
 * The parts of a URL's host.
 *
 * @module
 */

/** A host's name without port and brackets, and the port. */
export function splitHost(host: string | undefined): { hostname?: string; port?: string } {
  const parts = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(host ?? "");
  const hostname = parts?.[1] ?? parts?.[2];
  const port = parts?.[3];
  return { ...(hostname !== undefined && { hostname }), ...(port !== undefined && { port }) };
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** Whether a host is this machine. */
export function isLoopback(host: string | undefined): boolean {
  return LOOPBACK.test(splitHost(host).hostname ?? "");
}
