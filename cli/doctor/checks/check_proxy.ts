import { helpFor } from "../../../failures/failure_help.ts";
import { proxyUrlFix } from "../../../failures/special_help.ts";
import { type CheckOutcome, outcomeOf, passed, skipped } from "../check.ts";
import { openStream } from "../open_socket.ts";
import type { Target } from "../target.ts";

/**
 * Checks that the proxy named in the environment opens a tunnel to a host.
 *
 * @throws {ConnectError} If it cannot be reached or refuses.
 */
export async function checkProxy(target: Target, timeoutMs: number): Promise<CheckOutcome> {
  const { proxy, host } = target;
  if (proxy === undefined) return skipped("the environment names no proxy");
  const { variable } = proxy;
  if (proxy.host === "") {
    return outcomeOf("warning", {
      ...helpFor("ACS-P01"),
      cause: `${variable} is not a valid URL, so it is ignored.`,
      fix: proxyUrlFix(variable),
    });
  }
  if (!proxy.isUsed) {
    const help = helpFor("ACS-P01", { host, proxyVariable: variable });
    const cause = `${variable} names the proxy ${proxy.host}, and Node.js does not use it.`;
    return outcomeOf("warning", { ...help, cause });
  }
  const socket = await openStream(target, timeoutMs);
  socket.destroy();
  return passed(`${proxy.host} (${variable}) opens a tunnel to ${host}`);
}
