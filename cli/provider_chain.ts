/**
 * AWS credentials for `acs run`, from the SDK's own provider chain: environment, shared files,
 * container and instance metadata. Keys in files are read again for each attempt: on external
 * instances another process rotates them there.
 *
 * @module
 */

import { credentialsFailure } from "./credentials_failure.ts";
import { importOptional } from "./optional_package.ts";
import { type CredentialsFunction, rememberUntilExpiration } from "./remembered_credentials.ts";
import type { AwsCredentialIdentity } from "../wsclient/signing/credentials.ts";

const PACKAGE = "@aws-sdk/credential-providers";

/**
 * Loads the provider chain.
 *
 * @param neededFor The command that needs it.
 * @returns A function that returns credentials.
 * @throws {MissingPackageError} If the package is not installed.
 */
export async function loadCredentialsProvider(
  neededFor = "acs run",
): Promise<CredentialsFunction> {
  const { fromNodeProviderChain } = await load(neededFor);
  return rememberUntilExpiration(async () => {
    try {
      // A new chain each time, since each one caches its result.
      return await fromNodeProviderChain({ ignoreCache: true })();
    } catch (cause) {
      throw await credentialsFailure(cause);
    }
  });
}

/** The part of the package that is used here. */
interface CredentialProviders {
  fromNodeProviderChain(options: {
    ignoreCache: boolean;
  }): () => Promise<AwsCredentialIdentity>;
}

async function load(neededFor: string): Promise<CredentialProviders> {
  const providers = await importOptional({
    name: PACKAGE,
    versions: "^3.540.0",
    neededFor,
  });
  if (hasProviderChain(providers)) return providers;
  throw new Error(`${PACKAGE} has no fromNodeProviderChain: install another version`);
}

function hasProviderChain(module: unknown): module is CredentialProviders {
  return typeof module === "object" && module !== null && "fromNodeProviderChain" in module &&
    typeof module.fromNodeProviderChain === "function";
}
