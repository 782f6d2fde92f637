/**
 * Requests keys from metadata services without any proxy.
 *
 * @module
 */

import http from "node:http";
import type { Environment } from "./flags.ts";

/**
 * Where EC2 (over IPv4 and IPv6) and ECS offer keys: link-local addresses, which no proxy reaches.
 * The reference agent bypasses the proxy for the first two as well.
 */
const ADDRESSES = ["169.254.169.254", "169.254.170.2", "fd00:ec2::254", "[fd00:ec2::254]"];

/**
 * Makes Node's `http` client, with which the AWS SDK calls metadata services, connect to them
 * directly. It has read `NO_PROXY` when the process started, so its agent is replaced by an
 * otherwise identical one. Without a proxy, and on Deno, where that client uses none, nothing
 * happens.
 */
export function askMetadataDirectly(): void {
  const options: http.AgentOptions = Object(Reflect.get(http.globalAgent, "options"));
  const proxyEnv: Environment | undefined = Reflect.get(options, "proxyEnv");
  if (proxyEnv === undefined) return;
  const given = proxyEnv["no_proxy"] || proxyEnv["NO_PROXY"];
  const direct = [...(given ? [given] : []), ...ADDRESSES].join(",");
  const withDirect = { ...proxyEnv, no_proxy: direct, NO_PROXY: direct };
  http.globalAgent = new http.Agent({ ...options, ...{ proxyEnv: withDirect } });
}
