/**
 * AWS credentials for `acs run`, from the SDK's own chain: environment, shared files, container and
 * instance metadata. Keys in files are read again for each attempt: on external instances something
 * else rotates them there.
 *
 * @module
 */

import { safeGet, safeText } from "../internal/safe_get.ts";
import { credentialsFailure } from "./credentials_failure.ts";
import { rememberUntilExpiration } from "./remembered_credentials.ts";
import type {
  AwsCredentialIdentity,
  AwsCredentialIdentityProvider,
} from "../wsclient/signing/credentials.ts";

const PACKAGE = "@aws-sdk/credential-providers";

/** The SDK's credential providers are not installed; only `acs run` needs them. */
export class MissingPackageError extends Error {
  /** Always `"MissingPackageError"`. */
  override readonly name = "MissingPackageError";
}

/**
 * Loads the provider chain.
 *
 * @returns A function that returns credentials.
 * @throws {MissingPackageError} If the package is not installed.
 */
export async function loadCredentialsProvider(): Promise<AwsCredentialIdentityProvider> {
  const { fromNodeProviderChain } = await load();
  return rememberUntilExpiration(async () => {
    try {
      // A chain of its own each time, since each one remembers what it has found.
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

/** The versions that package.json allows, for Deno where no import map names the package. */
const VERSIONS = "^3.540.0";

async function load(): Promise<CredentialProviders> {
  try {
    return await importProviders(PACKAGE);
  } catch (cause) {
    if (!isMissingPackage(cause)) throw cause;
    if (!("Deno" in globalThis)) throw missingPackage(cause);
    // Fails in a package that npm has installed: Deno takes no such specifier there.
    return await importProviders(`npm:${PACKAGE}@${VERSIONS}`).catch((error: unknown) => {
      throw missingPackage(error);
    });
  }
}

function missingPackage(cause: unknown): MissingPackageError {
  return new MissingPackageError(
    `acs run takes its credentials from ${PACKAGE}, which is not installed: npm install ${PACKAGE}`,
    { cause },
  );
}

/**
 * Imports the package by a specifier that is not a literal: for a literal one, Deno downloads the
 * package and the fifty that it needs before it runs any command.
 */
async function importProviders(specifier: string): Promise<CredentialProviders> {
  const providers: unknown = await import(specifier);
  if (hasProviderChain(providers)) return providers;
  throw new Error(`${specifier} has no fromNodeProviderChain: install another version`);
}

function hasProviderChain(module: unknown): module is CredentialProviders {
  return typeof module === "object" && module !== null && "fromNodeProviderChain" in module &&
    typeof module.fromNodeProviderChain === "function";
}

/** The codes of Node and Deno, and of Yarn's Plug'n'Play. */
const NOT_FOUND_CODES: ReadonlySet<unknown> = new Set(["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"]);

/** Their messages name the missing package first, then the importing module. */
const NAMES_PACKAGE = new RegExp(
  `(?:find|access|import)(?: package| module)? ["']?${PACKAGE}\\b`,
  "i",
);

/**
 * Whether the error of an `import()` says that the provider chain's package is not installed, and not
 * that something is missing which it needs itself.
 */
export function isMissingPackage(error: unknown): boolean {
  return NOT_FOUND_CODES.has(safeGet(error, "code")) &&
    NAMES_PACKAGE.test(safeText(error, "message") ?? "");
}
