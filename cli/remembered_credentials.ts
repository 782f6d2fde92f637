/**
 * Keys that are requested as rarely as their expiration allows.
 *
 * @module
 */

import type {
  AwsCredentialIdentity,
  AwsIdentityProperties,
} from "../wsclient/signing/credentials.ts";

/** Keys with less time left are requested again, in ms: as the AWS SDK does. */
const REFRESH_BEFORE_MS = 300_000;

/** Returns credentials; with `forceRefresh` always fresh ones. */
export type CredentialsFunction = (
  properties?: AwsIdentityProperties,
) => Promise<AwsCredentialIdentity>;

/**
 * Caches keys that have an expiration, so that a metadata service or STS is called about once per
 * expiration and not at each attempt. Keys without an expiration, such as those in a file, may
 * change at any time: they are requested each time.
 *
 * @param load Calls the source.
 * @returns A credentials function; with `forceRefresh` it always calls the source.
 */
export function rememberUntilExpiration(
  load: () => Promise<AwsCredentialIdentity>,
): CredentialsFunction {
  let remembered: AwsCredentialIdentity | undefined;
  return async (properties) => {
    const isWanted = properties?.forceRefresh !== true;
    if (isWanted && remembered !== undefined && leftMs(remembered) > REFRESH_BEFORE_MS) {
      return remembered;
    }
    try {
      remembered = await load();
    } catch (error) {
      // A temporary outage of the metadata service must not invalidate keys that are still valid.
      if (isWanted && remembered !== undefined && leftMs(remembered) > 0) return remembered;
      throw error;
    }
    return remembered;
  };
}

/** How long keys remain valid, in ms; 0 if they do not say. */
function leftMs({ expiration }: AwsCredentialIdentity): number {
  return expiration === undefined ? 0 : expiration.getTime() - Date.now();
}
