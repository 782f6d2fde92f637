/**
 * The container instance's own AWS credentials, by which requests are signed.
 *
 * @module
 */

import { AcsError } from "../../errors.ts";

/** AWS credentials, in the shape that `@aws-sdk`'s providers return. */
export interface AwsCredentialIdentity {
  /** The access key's id. */
  readonly accessKeyId: string;
  /** The secret access key. */
  readonly secretAccessKey: string;
  /** The session token, for temporary credentials. */
  readonly sessionToken?: string;
  /** When they expire. Keys that have expired are asked for once more before they are used. */
  readonly expiration?: Date;
}

/** What a credentials function is called with, as `@aws-sdk`'s providers take it. */
export interface AwsIdentityProperties {
  /** `true` once keys have been refused or have expired: fresh ones are wanted, not remembered ones. */
  readonly forceRefresh?: boolean;
  /** Never given: `@aws-sdk`'s clients alone have it. */
  readonly callerClientConfig?: never;
}

/**
 * Credentials, or a function that returns them, such as one of `@aws-sdk`'s. The function is called
 * for each attempt, so that credentials may rotate; a second call never starts before the first has
 * settled.
 *
 * `fromNodeProviderChain()` of `@aws-sdk/credential-providers` remembers keys without an expiration,
 * and the contents of the files in `~/.aws`, for as long as the process lives. Give
 * `() => fromNodeProviderChain({ ignoreCache: true })()`, which looks each time.
 */
export type AwsCredentialIdentityProvider =
  | AwsCredentialIdentity
  | ((
    properties?: AwsIdentityProperties,
  ) => AwsCredentialIdentity | Promise<AwsCredentialIdentity>);

/** The credentials function threw, took too long, or returned something else. */
export class CredentialsError extends AcsError {
  /** Always `"CredentialsError"`. */
  override readonly name = "CredentialsError";
}

const FIELDS = ["accessKeyId", "secretAccessKey", "sessionToken"] as const;

const VISIBLE_ASCII = /^[!-~]+$/;

/**
 * Checks what a user has given as credentials, whatever the types say.
 *
 * @param given What was given.
 * @returns A copy of it, so that what is signed with and what is kept out of errors is the same.
 * @throws {CredentialsError} If a request cannot be signed with it; quotes none of it.
 */
export function checkCredentials(given: unknown): AwsCredentialIdentity {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = readFields(given);
  if (!isText(accessKeyId) || !isText(secretAccessKey)) {
    throw new CredentialsError(
      "The credentials have no accessKeyId or no secretAccessKey; check the credentials option",
    );
  }
  const values = { accessKeyId, secretAccessKey, sessionToken: sessionToken || undefined };
  // Left to the runtime, the error for such a header would quote it, session token and all.
  const bad = FIELDS.find((name) => values[name] !== undefined && !isHeaderSafe(values[name]));
  if (bad !== undefined) {
    throw new CredentialsError(
      "The credentials hold a blank, a line break or another character that no AWS key has, in" +
        ` ${bad}; check the credentials option`,
    );
  }
  return {
    accessKeyId,
    secretAccessKey,
    ...(isText(sessionToken) && { sessionToken }),
    ...dateOf(expiration),
  };
}

function readFields(given: unknown): Record<typeof FIELDS[number] | "expiration", unknown> {
  try {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = Object(given);
    return { accessKeyId, secretAccessKey, sessionToken, expiration };
  } catch (error) {
    throw new CredentialsError("The credentials cannot be read; see the cause", { cause: error });
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isHeaderSafe(value: unknown): boolean {
  return isText(value) && VISIBLE_ASCII.test(value);
}

/** The metadata services write it as text, some programs in seconds since the epoch. */
function dateOf(expiration: unknown): { expiration?: Date } {
  const date = expiration instanceof Date || typeof expiration === "string"
    ? new Date(expiration)
    : new Date(typeof expiration === "number" ? inMs(expiration) : NaN);
  return Number.isNaN(date.getTime()) ? {} : { expiration: date };
}

/** Counted in ms, such a time would be in the first months of 1970. */
const LARGEST_SECONDS = 1e10;

function inMs(time: number): number {
  return time < LARGEST_SECONDS ? time * 1000 : time;
}
