/**
 * The container instance's own AWS credentials, by which requests are signed.
 *
 * @module
 */

import { AcsError } from "../../errors.ts";
import { abortable, timeLimit } from "../../internal/time_limit.ts";

/** AWS credentials, in the shape that `@aws-sdk`'s providers return. */
export interface AwsCredentialIdentity {
  /** The access key's id. */
  readonly accessKeyId: string;
  /** The secret access key. */
  readonly secretAccessKey: string;
  /** The session token, for temporary credentials. */
  readonly sessionToken?: string;
  /** When they expire; not looked at here, since they are asked for at each attempt. */
  readonly expiration?: Date;
}

/**
 * Credentials, or a function that returns them, such as `@aws-sdk`'s `fromNodeProviderChain()`. A
 * function is called for each attempt, so that credentials may rotate.
 */
export type AwsCredentialIdentityProvider =
  | AwsCredentialIdentity
  | (() => AwsCredentialIdentity | Promise<AwsCredentialIdentity>);

const VISIBLE_ASCII = /^[!-~]+$/;

/** The credentials function threw, took too long, or returned something else. */
export class CredentialsError extends AcsError {
  /** Always `"CredentialsError"`. */
  override readonly name = "CredentialsError";
}

/**
 * Asks for credentials.
 *
 * @param provider The credentials or a function that returns them.
 * @param options `signal` stops waiting; `timeoutMs`, in ms, is how long a function may take.
 * @returns The credentials.
 * @throws {CredentialsError} If the function throws, takes too long or returns no usable keys.
 * @throws The signal's reason, if it aborts first.
 */
export async function resolveCredentials(
  provider: AwsCredentialIdentityProvider,
  options: { signal?: AbortSignal; timeoutMs: number },
): Promise<AwsCredentialIdentity> {
  const credentials = typeof provider === "function" ? await call(provider, options) : provider;
  if (!isText(credentials?.accessKeyId) || !isText(credentials.secretAccessKey)) {
    throw new CredentialsError(
      "The credentials have no accessKeyId or no secretAccessKey; check the credentials option",
    );
  }
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const texts = [accessKeyId, secretAccessKey, ...(sessionToken ? [sessionToken] : [])];
  // Left to the runtime, the error for such a header would quote it, session token and all.
  if (!texts.every((text) => isText(text) && VISIBLE_ASCII.test(text))) {
    throw new CredentialsError(
      "The credentials hold a blank, a line break or another character that no AWS key has;" +
        " check the credentials option",
    );
  }
  return credentials;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

async function call(
  provider: () => AwsCredentialIdentity | Promise<AwsCredentialIdentity>,
  options: { signal?: AbortSignal; timeoutMs: number },
): Promise<AwsCredentialIdentity> {
  const { timeoutMs } = options;
  const limit = timeLimit(
    timeoutMs,
    () => new CredentialsError(`The credentials function has not answered within ${timeoutMs} ms`),
    options.signal,
  );
  try {
    return await abortable(Promise.resolve().then(provider), limit.signal);
  } catch (error) {
    if (limit.signal.aborted) throw limit.signal.reason;
    throw new CredentialsError("The credentials function failed; see the cause", { cause: error });
  } finally {
    limit.clear();
  }
}
