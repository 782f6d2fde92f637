import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { ConnectError } from "../../../errors.ts";
import { systemCodeOf } from "../../../internal/system_code.ts";
import { abortable, timeLimit } from "../../../internal/time_limit.ts";
import { machineFamilies, withoutCommonFamily } from "../address_families.ts";
import { type CheckOutcome, passed, skipped } from "../check.ts";
import type { Target } from "../target.ts";

const LOOPBACK = /^(127\.|::1$)/;

/**
 * Checks that a host's name has addresses that this machine can connect to.
 *
 * @throws {ConnectError} If it has none.
 */
export async function checkName(target: Target, timeoutMs: number): Promise<CheckOutcome> {
  const { host, hostname, proxy, proxyUrl } = target;
  if (proxyUrl !== undefined) return skipped("the proxy resolves it");
  if (isIP(hostname) !== 0) return passed(`${hostname} is an address`);
  const what = `cannot resolve ${hostname}`;
  const onExpired = () =>
    new ConnectError(what, { host, systemCode: "EAI_AGAIN", phase: "lookup", proxy });
  const limit = timeLimit(timeoutMs, onExpired);
  try {
    const addresses = await abortable(lookup(hostname, { all: true }), limit.signal);
    const count = (family: number) => addresses.filter((each) => each.family === family).length;
    const counts = [[count(4), "IPv4"], [count(6), "IPv6"]] as const;
    const found = counts.filter(([number]) => number > 0).map((each) => each.join(" × "));
    const families = { ipv4: count(4) > 0, ipv6: count(6) > 0 };
    const isLocal = addresses.every(({ address }) => LOOPBACK.test(address));
    return (isLocal ? undefined : withoutCommonFamily(hostname, families, machineFamilies())) ??
      passed(`${hostname}: ${found.join(", ")}`);
  } catch (error) {
    if (error instanceof ConnectError) throw error;
    const systemCode = systemCodeOf(error);
    throw new ConnectError(what, { host, systemCode, phase: "lookup", proxy, cause: error });
  } finally {
    limit.clear();
  }
}
