/**
 * Keys that are asked for as seldom as their expiration allows.
 *
 * @module
 */

import type {
  AwsCredentialIdentity,
  AwsIdentityProperties,
} from "../wsclient/signing/credentials.ts";

/** Keys with less time left are asked for again, in ms: as the AWS SDK does. */
const REFRESH_BEFORE_MS = 300_000;

/** Returns credentials; with `forceRefresh` always fresh ones. */
export type CredentialsFunction = (
  properties?: AwsIdentityProperties,
) => Promise<AwsCredentialIdentity>;

/**
 * Remembers keys that say when they expire, so that a metadata service or STS is asked about once
 * per expiration and not at each attempt. Keys without an expiration, such as those in a file, may
 * change at any time: they are asked for each time.
 *
 * @param ask Asks the source.
 * @returns A credentials function; with `forceRefresh` it always asks.
 */
export function rememberUntilExpiration(
  ask: () => Promise<AwsCredentialIdentity>,
): CredentialsFunction {
  let remembered: AwsCredentialIdentity | undefined;
  return async (properties) => {
    const isWanted = properties?.forceRefresh !== true;
    if (isWanted && remembered !== undefined && leftMs(remembered) > REFRESH_BEFORE_MS) {
      return remembered;
    }
    try {
      remembered = await ask();
    } catch (error) {
      // A metadata service that is down for a while must not cost keys that are still good.
      if (isWanted && remembered !== undefined && leftMs(remembered) > 0) return remembered;
      throw error;
    }
    return remembered;
  };
}

/** How long keys are good for, in ms; 0 if they do not say. */
function leftMs({ expiration }: AwsCredentialIdentity): number {
  return expiration === undefined ? 0 : expiration.getTime() - Date.now();
}
