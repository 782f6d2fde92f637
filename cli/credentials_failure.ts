/**
 * Explains why the AWS SDK's provider chain has found no credentials. The chain has the same
 * message for most reasons, so its sources are examined again here.
 *
 * @module
 */

import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { nearestName } from "../internal/option_names.ts";
import { missingPermission } from "../internal/missing_permission.ts";
import { hasName, safeText } from "../internal/safe_get.ts";
import { CredentialsError } from "../wsclient/signing/credentials.ts";

/** The variables that name a service which issues credentials, as in a container. */
const CONTAINER_VARIABLES = [
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
] as const;

/** The host that relative URIs refer to in an ECS task. */
const CONTAINER_HOST = "http://169.254.170.2";

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
  const half = halfOfKeys();
  if (half !== undefined) {
    const [present, missing] = half;
    return new CredentialsError("invalid", `${present} is set, but ${missing} is not`, {
      cause,
      fix: `Set ${missing}, too.`,
    });
  }
  const files = await readSharedFiles();
  return profileFailure(files, cause) ?? containerFailure(cause) ?? emptyFailure(files, cause) ??
    new CredentialsError("failed", "no AWS credentials: their source failed; see the cause", {
      cause,
      ...profileOption(),
    });
}

/**
 * If exactly one of the two keys is set in the environment: the variable that is set, and the
 * missing one.
 */
function halfOfKeys(): readonly [present: string, missing: string] | undefined {
  const names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] as const;
  const [id, secret] = names.map((name) => Boolean(process.env[name]));
  if (process.env["AWS_PROFILE"] || id === secret) return undefined;
  return id ? names : [names[1], names[0]];
}

function profileOption(): { readonly profile?: string } {
  const { AWS_PROFILE: profile } = process.env;
  return profile ? { profile } : {};
}

/** The shared files are malformed, or do not contain the profile in AWS_PROFILE. */
function profileFailure(files: readonly SharedFile[], cause: unknown) {
  const { AWS_PROFILE: profile } = process.env;
  const profiles = profileNames(files);
  if (profiles.has(profile || "default")) return undefined;
  const malformed = files.find(({ hasKeysOutside }) => hasKeysOutside);
  if (malformed !== undefined) {
    return new CredentialsError("invalid", `${malformed.path} has keys above its first section`, {
      cause,
      fix: "Add a line with the profile's name above them, such as [default].",
    });
  }
  if (!profile) return undefined;
  return new CredentialsError(
    "profile",
    `AWS_PROFILE is "${profile}", but the shared AWS files have no such profile`,
    { cause, profile, fix: profileFix(profile, profiles) },
  );
}

function profileNames(files: readonly SharedFile[]): ReadonlySet<string> {
  return new Set(files.flatMap(({ profiles }) => [...profiles.keys()]));
}

/** Maximum number of profiles that an error lists. */
const MAX_PROFILES = 5;

function profileFix(profile: string, profiles: ReadonlySet<string>, what = "AWS_PROFILE"): string {
  const meant = nearestName(profile, profiles);
  if (meant !== undefined) return `Set ${what} to ${meant} if that is the profile you meant.`;
  if (profiles.size === 0) return `Create the profile: aws configure --profile ${profile}.`;
  const names = [...profiles].slice(0, MAX_PROFILES).join(", ");
  const others = profiles.size > MAX_PROFILES ? ", …" : "";
  return `Set ${what} to an existing profile: ${names}${others}.`;
}

/** The container credentials endpoint returned no credentials. */
function containerFailure(cause: unknown) {
  const variable = CONTAINER_VARIABLES.find((name) => process.env[name]);
  if (variable === undefined) return undefined;
  const url = URL.parse(process.env[variable] ?? "", CONTAINER_HOST);
  return new CredentialsError(
    "unreachable",
    `the container credentials endpoint (${variable}) returned no credentials`,
    {
      cause,
      ...(url && { fix: `Check that ${url.origin} responds to requests from this process.` }),
    },
  );
}

/** All sources were tried, and none has credentials. */
function emptyFailure(files: readonly SharedFile[], cause: unknown) {
  const isEmpty = hasName(cause, "CredentialsProviderError") &&
    NO_SOURCE.test(safeText(cause, "message") ?? "");
  if (!isEmpty) return undefined;
  const { AWS_PROFILE: profile = "" } = process.env;
  const name = profile || "default";
  const setting = (key: string) =>
    files.map(({ profiles }) => profiles.get(name)?.get(key)).find(Boolean);
  const all = profileNames(files);
  const source = setting("source_profile");
  if (source !== undefined && !all.has(source)) {
    return new CredentialsError(
      "profile",
      `the AWS profile "${name}" has source_profile = ${source}, but there is no such profile`,
      { cause, profile: source, fix: profileFix(source, all, "source_profile") },
    );
  }
  if (setting("credential_process") !== undefined) {
    return new CredentialsError(
      "process",
      `the credential_process of the AWS profile "${name}" returned no credentials`,
      {
        cause,
        profile: name,
        fix: "Run its command in a shell as the same user, and fix the errors that it prints.",
      },
    );
  }
  if (profile === "") {
    return new CredentialsError(
      "none",
      "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, " +
        "or run where a role is",
      { cause },
    );
  }
  return new CredentialsError("none", `the AWS profile "${profile}" has no credentials`, {
    cause,
    profile,
    fix: `Add keys, a role or an SSO session to the profile: aws configure --profile ${profile}.`,
  });
}

/** The contents of a shared file. */
interface SharedFile {
  readonly path: string;
  /** The settings of each profile, which may be secret. */
  readonly profiles: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Whether it has settings outside of all profiles. */
  readonly hasKeysOutside: boolean;
}

/** The paths of the shared files, `credentials` and `config`. */
function sharedPaths(): string[] {
  const { AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE, HOME, USERPROFILE } = process.env;
  const folder = join(HOME || USERPROFILE || "", ".aws");
  return [
    AWS_SHARED_CREDENTIALS_FILE || join(folder, "credentials"),
    AWS_CONFIG_FILE || join(folder, "config"),
  ];
}

/** The error for a shared file that the process has no permission to read, if there is one. */
async function fileDenied(): Promise<unknown> {
  for (const file of sharedPaths()) {
    const error: unknown = await access(file).catch((error: unknown) => error);
    if (missingPermission(error) !== undefined) return error;
  }
  return undefined;
}

async function readSharedFiles(): Promise<SharedFile[]> {
  return await Promise.all(
    sharedPaths().map(async (path) => {
      // A missing file has no profiles.
      const text = await readFile(path, "utf8").catch(() => "");
      return { path, ...parseSharedFile(text) };
    }),
  );
}

/** The heading of a profile is `[name]` in `credentials`, and `[profile name]` in `config`. */
const PROFILE = /^\s*\[\s*(?:profile\s+)?["']?([^\]"']+?)["']?\s*\]/;
const SETTING = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/;

function parseSharedFile(text: string): Omit<SharedFile, "path"> {
  const profiles = new Map<string, Map<string, string>>();
  let hasKeysOutside = false;
  let settings: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const profile = PROFILE.exec(line)?.[1];
    const [, setting, value = ""] = SETTING.exec(line) ?? [];
    if (profile !== undefined) {
      settings = profiles.get(profile) ?? new Map();
      profiles.set(profile, settings);
    } else if (setting !== undefined) {
      settings?.set(setting, value);
      hasKeysOutside ||= settings === undefined;
    }
  }
  return { profiles, hasKeysOutside };
}
