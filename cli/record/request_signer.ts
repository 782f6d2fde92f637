/**
 * Re-signs an agent's requests with the recorder's own credentials.
 *
 * @module
 */

import { ClockSkew, clockSkewOf, parseDateHeader } from "../../wsclient/signing/clock_skew.ts";
import { CredentialSource } from "../../wsclient/signing/credential_source.ts";
import type { AwsCredentialIdentityProvider } from "../../wsclient/signing/credentials.ts";
import { signatureOf, signRequest } from "../../wsclient/signing/sign.ts";

/** Time limit for loading credentials, in ms. */
const CREDENTIALS_TIMEOUT_MS = 30_000;

/** The request to sign. */
export interface RequestToSign {
  /** The method. */
  readonly method: string;
  /** The complete URL. */
  readonly url: string;
  /** Additional headers to sign. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body; none by default. */
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** A signature. */
export interface RequestSignature {
  /** The headers to send, including the signed ones. */
  readonly headers: Readonly<Record<string, string>>;
  /** Secrets that must not be recorded or logged. */
  readonly secrets: readonly string[];
}

/** Signs requests. */
export class RequestSigner {
  readonly #region: string;
  readonly #credentials: CredentialSource;
  readonly #clockSkew = new ClockSkew();

  /**
   * @param region The region of the signatures.
   * @param credentials Provides the keys.
   */
  constructor(region: string, credentials: AwsCredentialIdentityProvider) {
    this.#region = region;
    this.#credentials = new CredentialSource(credentials, () => this.#clockSkew.now());
  }

  /**
   * Checks that credentials are available.
   *
   * @throws {CredentialsError} If there are none.
   */
  async check(): Promise<void> {
    await this.#credentials.get({ timeoutMs: CREDENTIALS_TIMEOUT_MS });
  }

  /**
   * Signs a request.
   *
   * @throws {CredentialsError} If there are no credentials to sign with.
   */
  async sign({ method, url, headers, body }: RequestToSign): Promise<RequestSignature> {
    const credentials = await this.#credentials.get({ timeoutMs: CREDENTIALS_TIMEOUT_MS });
    const signed = await signRequest({
      method,
      url,
      ...(headers !== undefined && { headers }),
      ...(body !== undefined && body.byteLength > 0 && { body }),
      region: this.#region,
      credentials,
      timeMs: this.#clockSkew.now(),
    });
    const { secretAccessKey, sessionToken } = credentials;
    const secrets = [secretAccessKey, sessionToken, signed.authorization, signatureOf(signed)];
    return { headers: signed, secrets: secrets.filter((secret) => secret !== undefined) };
  }

  /**
   * Handles a refusal: the next request is signed with fresh keys and the service's time.
   *
   * @param status The response's HTTP status.
   * @param date The response's `Date` header.
   */
  refused(status: number, date: string | undefined): void {
    if (status < 400 || status >= 500) return;
    this.#clockSkew.observe(clockSkewOf(parseDateHeader(date)));
    if (status === 401 || status === 403) this.#credentials.refuse();
  }
}
