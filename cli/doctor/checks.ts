/**
 * The checks of `acs doctor`, in order.
 *
 * @module
 */

import type { AwsCredentialIdentityProvider } from "../../wsclient/signing/credentials.ts";
import { type Check, type CheckContext, type CheckOutcome, skipped } from "./check.ts";
import { checkArguments } from "./checks/check_arguments.ts";
import { checkClock } from "./checks/check_clock.ts";
import { checkCredentials } from "./checks/check_credentials.ts";
import { checkDiscover } from "./checks/check_discover.ts";
import { checkName } from "./checks/check_name.ts";
import { checkProxy } from "./checks/check_proxy.ts";
import { checkRuntime } from "./checks/check_runtime.ts";
import { checkSession } from "./checks/check_session.ts";
import { checkTcp } from "./checks/check_tcp.ts";
import { checkTls } from "./checks/check_tls.ts";
import { checkWebSocket } from "./checks/check_websocket.ts";
import { type Target, targetOf } from "./target.ts";

/** The inputs of the checks in addition to the configuration. */
export interface ChecksOptions {
  /** Loads the function that returns credentials. */
  readonly loadCredentials: () => Promise<AwsCredentialIdentityProvider>;
  /** The host of the ECS API. */
  readonly ecs: Target;
  /** Whether to open a session, which may displace a running agent. */
  readonly connect: boolean;
  /** How long the session's first message may take, in ms. Default 75 s. */
  readonly firstMessageMs?: number;
  /** The version that the session reports. */
  readonly version: string;
}

/** A check of a host, once the host is known. */
type HostCheck = (target: Target, timeoutMs: number) => Promise<CheckOutcome>;

const onAcs = (check: HostCheck) => ({ facts: { acsUrl }, timeoutMs }: CheckContext) =>
  acsUrl === undefined
    ? skipped("ECS has not returned an endpoint")
    : check(targetOf(acsUrl), timeoutMs);

/** All checks. */
export function createChecks(options: ChecksOptions): Check[] {
  const { loadCredentials, ecs, connect, firstMessageMs, version } = options;
  const proxy: Check = {
    id: "ecs.proxy",
    name: "proxy",
    needs: [],
    run: ({ timeoutMs }) => checkProxy(ecs, timeoutMs),
  };
  const onEcs = (check: HostCheck) => ({ timeoutMs }: CheckContext) => check(ecs, timeoutMs);
  return [
    { id: "runtime", name: "runtime", needs: [], run: () => checkRuntime() },
    { id: "arguments", name: "arguments", needs: [], run: checkArguments },
    {
      id: "credentials",
      name: "credentials",
      needs: [],
      run: (context) => checkCredentials(context, loadCredentials),
    },
    ...(ecs.proxy === undefined ? [] : [proxy]),
    { id: "ecs.dns", name: "ECS name", needs: ["ecs.proxy"], run: onEcs(checkName) },
    { id: "ecs.tcp", name: "ECS TCP", needs: ["ecs.dns"], run: onEcs(checkTcp) },
    { id: "ecs.tls", name: "ECS TLS", needs: ["ecs.tcp"], run: onEcs(checkTls) },
    {
      id: "ecs.call",
      name: "ECS signed call",
      needs: ["ecs.tls", "credentials"],
      run: checkDiscover,
    },
    { id: "clock", name: "clock", needs: ["ecs.tls", "credentials"], run: checkClock },
    { id: "acs.dns", name: "ACS name", needs: ["ecs.call"], run: onAcs(checkName) },
    { id: "acs.tcp", name: "ACS TCP", needs: ["acs.dns"], run: onAcs(checkTcp) },
    { id: "acs.tls", name: "ACS TLS", needs: ["acs.tcp"], run: onAcs(checkTls) },
    {
      id: "acs.websocket",
      name: "ACS WebSocket",
      needs: ["acs.tls"],
      run: (context) =>
        onAcs((target, timeoutMs) => checkWebSocket(context.facts.acsUrl ?? "", target, timeoutMs))(
          context,
        ),
    },
    {
      id: "acs.session",
      name: "ACS session",
      needs: ["acs.websocket"],
      run: (context) =>
        connect
          ? checkSession(context, version, firstMessageMs)
          : skipped("not tried: --connect may displace a running agent"),
    },
  ];
}
