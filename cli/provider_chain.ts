/**
 * AWS credentials for `acs run`, from the SDK's own chain: environment, shared files, container and
 * instance metadata. Keys in files are read again for each attempt: on external instances something
 * else rotates them there.
 *
 * @module
 */

import { safeGet, safeText } from "../internal/safe_get.ts";
import { access } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { missingPermission } from "../internal/missing_permission.ts";
import { rememberUntilExpiration } from "./remembered_credentials.ts";
import type { AwsCredentialIdentityProvider } from "../wsclient/signing/credentials.ts";

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
      throw new Error(
        "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, " +
          "or run where a role is",
        // The SDK takes a file that may not be read for one that is not there.
        { cause: missingPermission(cause) === undefined ? await fileDenied() ?? cause : cause },
      );
    }
  });
}

/** The error of a shared file that the process has no permission to read, if there is one. */
async function fileDenied(): Promise<unknown> {
  const { AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE, HOME, USERPROFILE } = process.env;
  const folder = join(HOME || USERPROFILE || "", ".aws");
  const files = [
    AWS_SHARED_CREDENTIALS_FILE || join(folder, "credentials"),
    AWS_CONFIG_FILE || join(folder, "config"),
  ];
  for (const file of files) {
    const error: unknown = await access(file).catch((error: unknown) => error);
    if (missingPermission(error) !== undefined) return error;
  }
  return undefined;
}

async function load(): Promise<typeof import("@aws-sdk/credential-providers")> {
  try {
    return await import("@aws-sdk/credential-providers");
  } catch (cause) {
    if (!isMissingPackage(cause)) throw cause;
    throw new MissingPackageError(
      `acs run takes its credentials from ${PACKAGE}, which is not installed: npm install ${PACKAGE}`,
      { cause },
    );
  }
}

/** The codes of Node and Deno, and of Yarn's Plug'n'Play. */
const NOT_FOUND_CODES: ReadonlySet<unknown> = new Set(["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"]);

/** Their sentences name first what was not found, then who asked for it. */
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
