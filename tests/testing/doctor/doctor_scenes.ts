/**
 * Agents, services and hosts for `acs doctor` to examine: good ones, and each with one fault.
 *
 * @module
 */

import type { CheckResult } from "../../../cli/doctor/check.ts";
import { createChecks } from "../../../cli/doctor/checks.ts";
import {
  type DoctorConfiguration,
  resolveConfiguration,
} from "../../../cli/doctor/configuration.ts";
import { runChecks } from "../../../cli/doctor/run_checks.ts";
import { targetOf } from "../../../cli/doctor/target.ts";
import { AcsEmulator } from "../../../emulator/acs_emulator.ts";
import type { EmulatorOptions } from "../../../emulator/emulator_options.ts";
import { EXAMPLE_CREDENTIALS } from "../../../emulator/emulator_credentials.ts";
import { SAMPLE_CONTAINER_INSTANCE_ARN } from "../../../emulator/samples/samples.ts";
import {
  type AwsCredentialIdentity,
  type AwsCredentialIdentityProvider,
  CredentialsError,
} from "../../../wsclient/signing/credentials.ts";
import { type RawConnection, type RawPeerOptions, startRawPeer } from "../sockets/raw_peer.ts";
import { createTestCa } from "../sockets/test_ca.ts";

const NO_FLAGS = { fips: false, dualstack: false, allowInsecureEndpoint: false };

/** The configuration of an agent, with an endpoint for ECS. */
export function configurationFor(
  ecsUrl: string,
  changes: Partial<Record<"region" | "cluster" | "containerInstanceArn", string>> = {},
): DoctorConfiguration {
  const flags = { containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN, ...changes };
  return resolveConfiguration({ ...NO_FLAGS, endpointUrl: ecsUrl, ...flags }, {});
}

/** How an agent differs from a good one. */
export interface DoctorOptions {
  readonly credentials?: AwsCredentialIdentityProvider;
  readonly changes?: Parameters<typeof configurationFor>[1];
  readonly connect?: boolean;
  readonly timeoutMs?: number;
  readonly firstMessageMs?: number;
}

/** Runs all checks in this process. */
export async function examine(
  ecsUrl: string,
  {
    credentials = EXAMPLE_CREDENTIALS,
    changes,
    connect = false,
    timeoutMs = 5_000,
    firstMessageMs,
  }: DoctorOptions = {},
): Promise<readonly CheckResult[]> {
  const checks = createChecks({
    loadCredentials: () => Promise.resolve(credentials),
    ecs: targetOf(ecsUrl),
    connect,
    ...(firstMessageMs !== undefined && { firstMessageMs }),
    version: "1.0.0",
  });
  return await runChecks(checks, { configuration: configurationFor(ecsUrl, changes), timeoutMs });
}

/** Runs a test with an emulator. */
export async function withEmulator(
  options: EmulatorOptions,
  fn: (emulator: AcsEmulator) => Promise<void>,
): Promise<void> {
  const emulator = await AcsEmulator.listen(options);
  try {
    await fn(emulator);
  } finally {
    await emulator.close();
  }
}

/** A difference between the agent and the service, and which check finds it. */
export interface Difference {
  readonly what: string;
  readonly emulator?: EmulatorOptions;
  readonly inject?: (emulator: AcsEmulator) => void;
  readonly doctor?: DoctorOptions;
  readonly id: string;
  readonly code: string;
}

const expired: AwsCredentialIdentity = { ...EXAMPLE_CREDENTIALS, expiration: new Date(1) };

export const DIFFERENCES: readonly Difference[] = [
  {
    what: "an unknown access key",
    doctor: { credentials: { ...EXAMPLE_CREDENTIALS, accessKeyId: "AKIDUNKNOWN" } },
    id: "ecs.call",
    code: "ACS-A01",
  },
  {
    what: "a wrong secret key",
    doctor: { credentials: { ...EXAMPLE_CREDENTIALS, secretAccessKey: "wrong" } },
    id: "ecs.call",
    code: "ACS-A02",
  },
  {
    what: "another region",
    emulator: { region: "eu-west-1" },
    id: "ecs.call",
    code: "ACS-A08",
  },
  {
    what: "another cluster",
    emulator: { clusterArn: "arn:aws:ecs:us-west-2:123456789012:cluster/other" },
    doctor: { connect: true },
    id: "acs.session",
    code: "ACS-A05",
  },
  {
    what: "an unknown container instance",
    emulator: {
      containerInstances: ["arn:aws:ecs:us-west-2:123456789012:container-instance/default/other"],
    },
    doctor: { connect: true },
    id: "acs.session",
    code: "ACS-A06",
  },
  {
    what: "a clock that is an hour behind",
    emulator: { clockSkewMs: 3_600_000 },
    id: "clock",
    code: "ACS-K01",
  },
  {
    what: "a call that is refused",
    inject: (emulator) =>
      emulator.refuseNextDiscover({ status: 400, exception: "AccessDeniedException" }),
    id: "ecs.call",
    code: "ACS-A04",
  },
  {
    what: "a service that fails",
    inject: (emulator) => emulator.refuseNextDiscover(),
    id: "ecs.call",
    code: "ACS-A10",
  },
  {
    what: "a request that is refused as invalid",
    inject: (emulator) =>
      emulator.refuseNextDiscover({ status: 400, exception: "InvalidParameterException" }),
    id: "ecs.call",
    code: "ACS-A11",
  },
  {
    what: "a login page",
    inject: (emulator) => emulator.refuseNextDiscover({ status: 200, body: "<html>Log in</html>" }),
    id: "ecs.call",
    code: "ACS-P05",
  },
  {
    what: "a load balancer that refuses upgrades",
    inject: (emulator) => emulator.refuseNextUpgrade({ status: 403, body: "<html>No</html>" }),
    id: "acs.websocket",
    code: "ACS-P05",
  },
  {
    what: "a deregistered container instance",
    inject: (emulator) =>
      emulator.refuseNextUpgrade({ status: 400, exception: "InactiveInstanceException", next: 3 }),
    doctor: { connect: true },
    id: "acs.session",
    code: "ACS-A07",
  },
  {
    what: "credentials that have expired",
    doctor: { credentials: expired },
    id: "credentials",
    code: "ACS-A03",
  },
  {
    what: "credentials with a line break",
    doctor: { credentials: { accessKeyId: "AKID", secretAccessKey: "a\nb" } },
    id: "credentials",
    code: "ACS-C06",
  },
  {
    what: "no credentials",
    doctor: {
      credentials: () => Promise.reject(new CredentialsError("none", "no AWS credentials")),
    },
    id: "credentials",
    code: "ACS-C01",
  },
  {
    what: "a source of credentials that does not respond",
    doctor: { credentials: () => new Promise(() => {}), timeoutMs: 300 },
    id: "credentials",
    code: "ACS-C07",
  },
  {
    what: "an ARN of another region",
    doctor: { changes: { region: "eu-west-1" } },
    id: "arguments",
    code: "ACS-A06",
  },
  {
    what: "an ARN of another cluster",
    doctor: { changes: { cluster: "other" } },
    id: "arguments",
    code: "ACS-A06",
  },
];

/** A host that fails in one way. */
export interface Fault {
  readonly what: string;
  readonly handle?: (connection: RawConnection) => void | Promise<void>;
  readonly options?: RawPeerOptions;
  readonly scheme?: "http" | "https";
  readonly url?: string;
  readonly id: string;
  readonly code: string;
}

const untrusted = await createTestCa();
const outdated = await createTestCa([], { isExpired: true });
const closed = await startRawPeer(() => {});
await closed.close();

/** A name without an address. */
export const NO_HOST = "no-such-host.invalid";

/** A port of 127.0.0.1 on which no program listens. */
export const CLOSED_PORT: number = closed.port;

export const FAULTS: readonly Fault[] = [
  { what: "has no address", url: `https://${NO_HOST}/`, id: "ecs.dns", code: "ACS-N01" },
  {
    what: "refuses connections",
    url: `http://127.0.0.1:${CLOSED_PORT}/`,
    id: "ecs.tcp",
    code: "ACS-N02",
  },
  {
    what: "has an address without a route",
    // TCP has no route to multicast addresses.
    url: "http://224.0.0.1:4570/",
    id: "ecs.tcp",
    code: "ACS-N05",
  },
  { what: "does not answer the call", id: "ecs.call", code: "ACS-N03" },
  {
    what: "does not answer the TLS handshake",
    scheme: "https",
    id: "ecs.tls",
    code: "ACS-N03",
  },
  {
    what: "resets connections",
    handle: (connection) => void connection.socket.once("data", () => connection.reset()),
    scheme: "https",
    id: "ecs.tls",
    code: "ACS-N04",
  },
  {
    what: "speaks HTTP instead of TLS",
    handle: (connection) => {
      connection.socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    },
    scheme: "https",
    id: "ecs.tls",
    code: "ACS-T04",
  },
  {
    what: "supports only old versions of TLS",
    handle: (connection) => {
      // A fatal alert: protocol_version.
      connection.socket.end(Uint8Array.of(0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 70));
    },
    scheme: "https",
    id: "ecs.tls",
    code: "ACS-T05",
  },
  {
    what: "has a certificate from an unknown authority",
    options: { tls: untrusted },
    scheme: "https",
    id: "ecs.tls",
    code: "ACS-T01",
  },
  {
    what: "has a certificate that has expired",
    options: { tls: outdated },
    scheme: "https",
    id: "ecs.tls",
    code: "ACS-T02",
  },
  {
    what: "names an endpoint of ACS that refuses connections",
    handle: async (connection) => {
      const endpoint = `http://127.0.0.1:${CLOSED_PORT}/`;
      await connection.refuse(200, JSON.stringify({ endpoint }));
    },
    id: "acs.tcp",
    code: "ACS-N02",
  },
  {
    what: "names an endpoint of ACS without an address",
    handle: async (connection) => {
      const endpoint = "https://acs.invalid/";
      await connection.refuse(200, JSON.stringify({ endpoint }));
    },
    id: "acs.dns",
    code: "ACS-N01",
  },
];

/** Runs a test with a host that fails in one way. */
export async function withFault(
  { handle = () => {}, options, scheme = "http", url }: Omit<Fault, "what" | "id" | "code">,
  fn: (url: string) => Promise<void>,
): Promise<void> {
  const peer = await startRawPeer(async (connection) => {
    // The connection of the check for TCP delivers nothing.
    await handle(connection);
    await connection.ended;
  }, options);
  try {
    await fn(url ?? `${scheme}://127.0.0.1:${peer.port}/`);
  } finally {
    await peer.close();
  }
}
