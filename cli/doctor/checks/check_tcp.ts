import { type CheckOutcome, passed, skipped } from "../check.ts";
import { openTcp } from "../open_socket.ts";
import type { Target } from "../target.ts";

/**
 * Checks that a host accepts TCP connections.
 *
 * @throws {ConnectError} If it does not.
 */
export async function checkTcp(target: Target, timeoutMs: number): Promise<CheckOutcome> {
  if (target.proxyUrl !== undefined) return skipped("the proxy connects");
  const socket = await openTcp(target, timeoutMs);
  const { remoteAddress = target.hostname } = socket;
  socket.destroy();
  return passed(`${remoteAddress}, port ${target.port}`);
}
