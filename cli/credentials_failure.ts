/**
 * Explains why the AWS SDK's provider chain has found no credentials. The chain has the same
 * message for most reasons, so its sources are examined again here.
 *
 * @module
 */

import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { missingPermission } from "../internal/missing_permission.ts";
import { hasName, safeText } from "../internal/safe_get.ts";
import { CredentialsError } from "../wsclient/signing/credentials.ts";

/** The variables that name a service which issues credentials, as in a container. */
const CONTAINER_VARIABLES = [
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
] as const;

/** The chain's message when every source has been tried. */
const NO_SOURCE = /Could not load credentials from any providers/;

/**
 * Explains why there are no credentials.
 *
 * @param cause What the chain threw.
 * @returns The error to throw instead.
 */
export async function credentialsFailure(cause: unknown): Promise<CredentialsError> {
  // The SDK treats a file that it is not permitted to read as one that does not exist.
  const denied = missingPermission(cause) === undefined ? await fileDenied() : cause;
  const flag = missingPermission(denied);
  if (flag !== undefined) {
    return new CredentialsError(
      "permission",
      `no AWS credentials: the process is not permitted to read them; run it with ${flag}`,
      { cause: denied, retryable: false },
    );
  }
  const { AWS_PROFILE: profile } = process.env;
  if (profile && !await hasProfile(profile)) {
    return new CredentialsError(
      "profile",
      `no AWS credentials: AWS_PROFILE is "${profile}", and the shared AWS files have no such profile`,
      { cause, profile },
    );
  }
  const variable = CONTAINER_VARIABLES.find((name) => process.env[name]);
  if (variable !== undefined) {
    return new CredentialsError(
      "unreachable",
      `no AWS credentials: the service that ${variable} names did not provide any`,
      { cause },
    );
  }
  const isEmpty = hasName(cause, "CredentialsProviderError") &&
    NO_SOURCE.test(safeText(cause, "message") ?? "");
  return isEmpty
    ? new CredentialsError(
      "none",
      "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, " +
        "or run where a role is",
      { cause },
    )
    : new CredentialsError("failed", "no AWS credentials: their source failed; see the cause", {
      cause,
    });
}

/** The shared files, `credentials` and `config`. */
function sharedFiles(): string[] {
  const { AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE, HOME, USERPROFILE } = process.env;
  const folder = join(HOME || USERPROFILE || "", ".aws");
  return [
    AWS_SHARED_CREDENTIALS_FILE || join(folder, "credentials"),
    AWS_CONFIG_FILE || join(folder, "config"),
  ];
}

/** The error for a shared file that the process has no permission to read, if there is one. */
async function fileDenied(): Promise<unknown> {
  for (const file of sharedFiles()) {
    const error: unknown = await access(file).catch((error: unknown) => error);
    if (missingPermission(error) !== undefined) return error;
  }
  return undefined;
}

/** Whether one of the shared files has a profile. */
async function hasProfile(profile: string): Promise<boolean> {
  const texts = await Promise.all(
    // A file that does not exist has no profile.
    sharedFiles().map((file) => readFile(file, "utf8").catch(() => "")),
  );
  return texts.some((text) => profilesIn(text).includes(profile));
}

/** The profiles in a shared file: `[name]`, in the file `config` `[profile name]`. */
function profilesIn(text: string): string[] {
  const sections = text.matchAll(/^\s*\[\s*(?:profile\s+)?["']?([^\]"']+?)["']?\s*\]/gm);
  return Array.from(sections, ([, name = ""]) => name);
}
