/**
 * AWS credentials for `acs run`, `acs doctor` and `acs record`: from the environment, else from the
 * SDK's provider chain (shared files, container and instance metadata). Files are read again for
 * each attempt, since other processes rotate the keys in them on external instances.
 *
 * @module
 */

import { readVariables } from "../internal/environment.ts";
import { credentialsFailure } from "./credentials_failure.ts";
import { importOptional } from "./optional_package.ts";
import { type CredentialsFunction, rememberUntilExpiration } from "./remembered_credentials.ts";
import { type AwsCredentialIdentity, CredentialsError } from "../wsclient/signing/credentials.ts";

/** Keys, and the name of their source in the AWS SDK. */
interface SourcedCredentials extends AwsCredentialIdentity {
  readonly $source?: Readonly<Record<string, string>>;
}

const PACKAGE = "@aws-sdk/credential-providers";

/**
 * Finds the source of credentials. Keys in the environment need no package, so that the command
 * works without the SDK, as `npx` installs it.
 *
 * @param neededFor The command that needs it.
 * @returns A function that returns credentials.
 * @throws {MissingPackageError} If the environment has none and the SDK's package is not installed.
 */
export async function loadCredentialsProvider(
  neededFor = "acs run",
): Promise<CredentialsFunction> {
  const provide = await findProvider(neededFor);
  return async (properties) => requireToken(await provide(properties));
}

/** Rejects a temporary key without its session token, which AWS would report as an unknown key. */
function requireToken(keys: AwsCredentialIdentity): AwsCredentialIdentity {
  if (!keys.accessKeyId.startsWith("ASIA") || keys.sessionToken) return keys;
  throw new CredentialsError(
    "invalid",
    "the access key is temporary (ASIA…), but the session token is missing",
    { fix: "Set AWS_SESSION_TOKEN (in a file, aws_session_token) together with the two keys." },
  );
}

async function findProvider(neededFor: string): Promise<CredentialsFunction> {
  const own = credentialsOfEnvironment();
  if (own !== undefined) return () => Promise.resolve(own);
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

/** The keys in the environment. As in the SDK's chain, AWS_PROFILE overrides them. */
function credentialsOfEnvironment(): SourcedCredentials | undefined {
  const {
    AWS_PROFILE,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_CREDENTIAL_EXPIRATION: expiration,
  } = readVariables([
    "AWS_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
  ]);
  if (AWS_PROFILE || !accessKeyId || !secretAccessKey) return undefined;
  const isDate = expiration !== undefined && !Number.isNaN(Date.parse(expiration));
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    ...(isDate && { expiration: new Date(expiration) }),
    $source: { CREDENTIALS_ENV_VARS: "g" },
  };
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
    neededFor: `Without AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ${neededFor}`,
  });
  if (hasProviderChain(providers)) return providers;
  throw new Error(`${PACKAGE} has no fromNodeProviderChain: install another version`);
}

function hasProviderChain(module: unknown): module is CredentialProviders {
  return typeof module === "object" && module !== null && "fromNodeProviderChain" in module &&
    typeof module.fromNodeProviderChain === "function";
}
