/**
 * The container instance's own AWS credentials, with which requests are signed.
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
  /** When they expire. Expired keys are requested once more before they are used. */
  readonly expiration?: Date;
}

/** The argument of a credentials function, as `@aws-sdk`'s providers accept it. */
export interface AwsIdentityProperties {
  /** `true` once keys have been refused or have expired: fresh ones are needed, not cached ones. */
  readonly forceRefresh?: boolean;
  /** Never passed: only `@aws-sdk`'s clients have it. */
  readonly callerClientConfig?: never;
}

/**
 * Credentials, or a function that returns them, such as one of `@aws-sdk`'s. The function is called
 * for each attempt, so that credentials can rotate; a second call never starts before the first has
 * settled.
 *
 * `fromNodeProviderChain()` of `@aws-sdk/credential-providers` caches keys without an expiration,
 * and the contents of the files in `~/.aws`, for the lifetime of the process. Pass
 * `() => fromNodeProviderChain({ ignoreCache: true })()`, which reads them each time.
 */
export type AwsCredentialIdentityProvider =
  | AwsCredentialIdentity
  | ((
    properties?: AwsIdentityProperties,
  ) => AwsCredentialIdentity | Promise<AwsCredentialIdentity>);

/**
 * Why there are no credentials to sign with.
 *
 * - `invalid`: the given or returned credentials cannot be used.
 * - `failed`: the credentials function threw; see the cause.
 * - `timeout`: it did not respond in time.
 * - `permission`: the process is not permitted to do what the function does.
 * - `none`: no source has credentials.
 * - `expired`: the sign-in that issues the credentials has expired.
 * - `unreachable`: the service that issues the credentials cannot be reached.
 * - `profile`: there is no such AWS profile.
 * - `process`: the profile's `credential_process` returned no credentials.
 */
export type CredentialsErrorKind =
  | "invalid"
  | "failed"
  | "timeout"
  | "permission"
  | "none"
  | "expired"
  | "unreachable"
  | "profile"
  | "process";

/** The details of missing credentials. */
export interface CredentialsErrorOptions extends ErrorOptions {
  /** See {@linkcode AcsError.retryable}. Default `true`. */
  readonly retryable?: boolean;
  /** See {@linkcode CredentialsError.profile}. */
  readonly profile?: string | undefined;
  /** See {@linkcode CredentialsError.fix}. */
  readonly fix?: string | undefined;
}

/** The credentials function threw, timed out, or returned no usable credentials. */
export class CredentialsError extends AcsError {
  /** Always `"CredentialsError"`. */
  override readonly name = "CredentialsError";
  /** Why there are no credentials. */
  readonly kind: CredentialsErrorKind;
  /** The AWS profile that was searched; `undefined` if there is none. */
  readonly profile: string | undefined;
  /** What to do, in one sentence, if a more specific remedy than that of the kind is known. */
  readonly fix: string | undefined;

  /**
   * Creates the error. A credentials function may throw one, too, to say which kind it is.
   *
   * @param kind Why there are no credentials.
   * @param message A description of the problem; must not contain a secret.
   * @param options The `cause`, `retryable` (default `true`), the `profile`, and the `fix`.
   */
  constructor(
    kind: CredentialsErrorKind,
    message: string,
    options: CredentialsErrorOptions = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.profile = options.profile;
    this.fix = options.fix;
  }
}

const FIELDS = ["accessKeyId", "secretAccessKey", "sessionToken"] as const;

const VISIBLE_ASCII = /^[!-~]+$/;

/**
 * Checks the credentials that a user has given, whatever the types say.
 *
 * @param given What was given.
 * @returns A copy, so that the credentials used to sign and those redacted from errors are the
 * same.
 * @throws {CredentialsError} If a request cannot be signed with them; the message quotes none of
 * them.
 */
export function checkCredentials(given: unknown): AwsCredentialIdentity {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = readFields(given);
  if (!isText(accessKeyId) || !isText(secretAccessKey)) {
    throw new CredentialsError(
      "invalid",
      "The credentials have no accessKeyId or no secretAccessKey; check the credentials option",
    );
  }
  const values = { accessKeyId, secretAccessKey, sessionToken: sessionToken || undefined };
  // The runtime's own error for such a header would quote it, including the session token.
  const bad = FIELDS.find((name) => values[name] !== undefined && !isHeaderSafe(values[name]));
  if (bad !== undefined) {
    throw new CredentialsError(
      "invalid",
      `The ${bad} contains a space, a line break or another character that is not valid in an AWS key`,
      { fix: `Set the ${bad} again, without surrounding spaces, line breaks or quotes.` },
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
    throw new CredentialsError("invalid", "The credentials cannot be read; see the cause", {
      cause: error,
    });
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

/** As ms, such a time would be in the first months of 1970. */
const LARGEST_SECONDS = 1e10;

function inMs(time: number): number {
  return time < LARGEST_SECONDS ? time * 1000 : time;
}
