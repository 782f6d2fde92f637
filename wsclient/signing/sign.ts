/**
 * Signature Version 4 of the upgrade and of calls to ECS, by aws4fetch.
 *
 * @module
 */

import { AwsV4Signer } from "aws4fetch";
import type { AwsCredentialIdentity } from "./credentials.ts";

/** The service name in the signature's scope; ACS shares it with ECS. */
export const SIGNING_SERVICE = "ecs";

/** The request to sign. */
export interface SignatureInput {
  /** The request's method, default `"GET"`. */
  readonly method?: string;
  /** The URL, with scheme `http:`, `https:`, `ws:` or `wss:`. */
  readonly url: string;
  /** Headers to send and to sign. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body; none by default. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** The region in the signature's scope. */
  readonly region: string;
  /** The keys to sign with. */
  readonly credentials: AwsCredentialIdentity;
  /** The time of the signature, in ms since the epoch, already corrected for clock skew. */
  readonly timeMs: number;
}

/**
 * Signs a request in its headers.
 *
 * @returns All headers to send: the given ones, `authorization`, `x-amz-date` and, with temporary
 * credentials, `x-amz-security-token`.
 */
export async function signRequest(input: SignatureInput): Promise<Record<string, string>> {
  const signer = new AwsV4Signer({
    method: input.method ?? "GET",
    url: input.url.replace(/^ws/, "http"),
    headers: { ...input.headers },
    ...(input.body === undefined ? {} : { body: input.body }),
    accessKeyId: input.credentials.accessKeyId,
    secretAccessKey: input.credentials.secretAccessKey,
    ...(input.credentials.sessionToken ? { sessionToken: input.credentials.sessionToken } : {}),
    service: SIGNING_SERVICE,
    region: input.region,
    datetime: new Date(input.timeMs).toISOString().replace(/[:-]|\.\d{3}/g, ""),
  });
  const { headers } = await signer.sign();
  // The client that sends the request sets Host itself, from the same URL.
  headers.delete("host");
  return Object.fromEntries(headers);
}

/** The signature alone, which a refusal may quote without the header around it. */
export function signatureOf(headers: Readonly<Record<string, string>>): string | undefined {
  return /Signature=(\w+)/.exec(headers["authorization"] ?? "")?.[1];
}
