/**
 * Opens a signed WebSocket connection, and explains why if that fails.
 *
 * @module
 */

import { ConnectError, type ConnectPhase } from "../errors.ts";
import { redact } from "../internal/redaction/redact.ts";
import { abortable, timeLimit } from "../internal/time_limit.ts";
import { clusterOf } from "./acs_url.ts";
import { describeUnfinished } from "./connect_phase.ts";
import type { ConnectionTiming } from "./connection_options.ts";
import { permissionError } from "./permission_error.ts";
import { redactError } from "./redact_error.ts";
import { explainRefusal } from "./refused_upgrade.ts";
import type { ClockSkew } from "./signing/clock_skew.ts";
import type { CredentialSource } from "./signing/credential_source.ts";
import type { AwsCredentialIdentity } from "./signing/credentials.ts";
import { signatureOf, signRequest } from "./signing/sign.ts";
import type { Transport, TransportConnection } from "./transport.ts";
import { proxyUse } from "./transports/proxy_use.ts";
import { upgradeRefusalOf } from "./upgrade_refused_error.ts";

/** How to open a connection. */
export interface UpgradeOptions {
  /** Opens the socket. */
  readonly transport: Transport;
  /** The complete URL, see `acsUrl`. */
  readonly url: string;
  /** The region of the signature. */
  readonly region: string;
  /** Provides the keys of the signature. */
  readonly credentials: CredentialSource;
  /** Provides the time of the signature. */
  readonly clockSkew: ClockSkew;
  /** Its time limits. */
  readonly timing: Pick<ConnectionTiming, "connectTimeoutMs" | "credentialsTimeoutMs">;
  /** Logs a warning of the transport. Default: warnings are not logged. */
  readonly warn?: (text: string) => void;
}

/** An open connection. */
export interface UpgradedConnection {
  /** The connection. */
  readonly connection: TransportConnection;
  /** The secrets of the upgrade request, to be redacted wherever the peer quotes them. */
  readonly secrets: ReadonlySet<string>;
}

/**
 * Opens a connection.
 *
 * @param options How.
 * @param signal Cancels the attempt immediately.
 * @throws {ServiceException} If the service refused the upgrade with one of its exceptions.
 * @throws {UpgradeRefusedError} If the upgrade was refused in another way.
 * @throws {CredentialsError} If there are no credentials to sign with.
 * @throws {ConnectError} If there is no usable connection within `connectTimeoutMs`.
 * @throws The signal's reason, if it aborts first.
 */
export async function upgrade(
  options: UpgradeOptions,
  signal: AbortSignal,
): Promise<UpgradedConnection> {
  const { transport, url, warn, timing: { connectTimeoutMs, credentialsTimeoutMs } } = options;
  const { host } = new URL(url);
  const credentials = await options.credentials.get({ signal, timeoutMs: credentialsTimeoutMs });
  const secrets = new Set<string>();
  let phase: ConnectPhase | undefined;
  const onExpired = () => timeoutError(phase, url, connectTimeoutMs);
  const limit = timeLimit(connectTimeoutMs, onExpired, signal);
  // Async, so that a transport that throws synchronously is handled like one that rejects.
  const open = async () =>
    await transport.connect({
      url,
      // Called a second time if the transport has to find out why the upgrade was refused.
      headers: () => signedHeaders(options, credentials, secrets),
      signal: limit.signal,
      progress: (begun) => {
        phase = begun;
      },
      ...(warn && { warn: (text: string) => warn(redact(text, [...secrets])) }),
    });
  const opening = open();
  try {
    return { connection: await abortable(opening, limit.signal), secrets };
  } catch (error) {
    // A transport that ignores the signal may still open a connection later.
    opening.then((late) => closeQuietly(late, "Cancelled"), () => {});
    throw limit.signal.aborted ? error : explainFailure(error, host, [...secrets], options);
  } finally {
    limit.clear();
  }
}

/** Closes a connection; errors from the transport are ignored. */
export async function closeQuietly(connection: TransportConnection, reason: string): Promise<void> {
  try {
    await connection.close(1000, reason);
  } catch {
    // The connection counts as ended, and there is nothing more to do about it.
  }
}

function timeoutError(phase: ConnectPhase | undefined, url: string, ms: number): ConnectError {
  const { host } = new URL(url);
  const systemCode = "ETIMEDOUT";
  const proxy = proxyUse(url);
  return new ConnectError(describeUnfinished(phase, host, ms), { host, systemCode, phase, proxy });
}

function explainFailure(
  error: unknown,
  host: string,
  secrets: readonly string[],
  { clockSkew, url }: UpgradeOptions,
): unknown {
  const refusal = upgradeRefusalOf(error);
  if (refusal !== undefined) return explainRefusal(refusal, secrets, clockSkew, clusterOf(url));
  const safe = redactError(error, secrets);
  return permissionError(`Cannot connect to ${host}`, host, error, safe) ?? safe;
}

/** Signs the upgrade request for the current time, and adds its secrets to `secrets`. */
async function signedHeaders(
  { url, region, clockSkew }: UpgradeOptions,
  credentials: AwsCredentialIdentity,
  secrets: Set<string>,
): Promise<Record<string, string>> {
  const headers = await signRequest({ url, region, credentials, timeMs: clockSkew.now() });
  const { secretAccessKey, sessionToken } = credentials;
  const signature = signatureOf(headers);
  for (const secret of [secretAccessKey, sessionToken, headers.authorization, signature]) {
    if (secret) secrets.add(secret);
  }
  return headers;
}
