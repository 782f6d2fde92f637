/**
 * Checks that a request was signed with AWS Signature Version 4, by signing it again.
 *
 * The signature is computed over the headers that the request itself lists as signed, since every
 * signer chooses its own.
 *
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { oneLine } from "../../internal/one_line.ts";
import type { EmulatorCredentials } from "../emulator_credentials.ts";
import { formatAmzDate, parseAmzDate } from "./amz_date.ts";
import {
  type Authorization,
  describeMissing,
  parseAuthorization,
  parseParameters,
  signedHeadersIn,
} from "./authorization_header.ts";
import { type ExpectedSignature, safeCanonicalRequest } from "./refused_request.ts";

/** The service name in signatures for both endpoints. */
const SERVICE = "ecs";

/**
 * Maximum difference between a request's date and the service's clock, in ms: the service's limit.
 */
export const MAX_CLOCK_DIFFERENCE_MS = 300_000;

/** One request as it arrived. */
export interface SignedRequest {
  /** The method, upper case. */
  readonly method: string;
  /** Path and query, as on the request line. */
  readonly target: string;
  /** The headers, with lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  /** The body; empty for an upgrade. */
  readonly body: Uint8Array;
}

/** The values that a request is checked against. */
export interface SignatureExpectations {
  /** The only accepted credentials. */
  readonly credentials: EmulatorCredentials;
  /** The region that must be in the credential scope. */
  readonly region: string;
  /** The service's clock, in ms since the epoch. */
  readonly now: number;
  /**
   * The URL at which agents reach a service behind a proxy. They sign its host and path, which the
   * proxy may have replaced.
   */
  readonly publicUrl?: URL | undefined;
}

/** Why a signature is refused, with AWS's name and message. */
export interface SignatureError {
  /** The exception's name. */
  readonly exception: string;
  /** The message. Never contains a signature, a key or a token. */
  readonly message: string;
  /** The signature that would have been accepted. */
  readonly expected: ExpectedSignature;
}

/** An error to which the expected signature is added later. */
type Mismatch = Omit<SignatureError, "expected"> & Pick<ExpectedSignature, "canonicalRequest">;

/**
 * Checks one request in AWS's order: completeness, time, scope, key, signature.
 *
 * @param request The request.
 * @param expected The values that it is checked against.
 * @returns The error, or `undefined` if the signature is valid.
 */
export async function checkSignature(
  request: SignedRequest,
  expected: SignatureExpectations,
): Promise<SignatureError | undefined> {
  const mismatch = await findMismatch(request, expected);
  if (mismatch === undefined) return undefined;
  const { canonicalRequest, ...error } = mismatch;
  const headers = expectedHeaders(request, expected);
  return { ...error, expected: { headers, ...(canonicalRequest && { canonicalRequest }) } };
}

/** The headers of a valid signature, with placeholders for secrets. */
function expectedHeaders(
  { headers }: SignedRequest,
  { credentials, region, now }: SignatureExpectations,
): Readonly<Record<string, string>> {
  const datetime = formatAmzDate(now);
  const names = [...headers.keys()].filter((name) => name.startsWith("x-amz-"));
  const hasToken = credentials.sessionToken !== undefined;
  const signed = new Set(["host", "x-amz-date", ...names]);
  signed.delete("x-amz-security-token");
  if (hasToken) signed.add("x-amz-security-token");
  const list = [...signed].sort().join(";");
  return {
    "authorization": `AWS4-HMAC-SHA256 Credential=<access key ID>/${datetime.slice(0, 8)}/` +
      `${region}/${SERVICE}/aws4_request, SignedHeaders=${
        oneLine(list, 512)
      }, Signature=<signature>`,
    "x-amz-date": `${datetime}, at most 5 min earlier or later`,
    ...(hasToken && { "x-amz-security-token": "<session token>" }),
  };
}

/** Checks in AWS's order: completeness, time, scope, key, signature. */
async function findMismatch(
  request: SignedRequest,
  expected: SignatureExpectations,
): Promise<Mismatch | undefined> {
  const header = request.headers.get("authorization");
  if (header === undefined) {
    return {
      exception: "MissingAuthenticationTokenException",
      message: "Missing Authentication Token",
    };
  }
  const datetime = request.headers.get("x-amz-date");
  const parameters = parseParameters(header);
  if (parameters === undefined) {
    return incomplete("Authorization header requires the algorithm AWS4-HMAC-SHA256.");
  }
  const missing = describeMissing(parameters, datetime);
  if (missing !== "") return incomplete(missing);
  const time = parseAmzDate(datetime ?? "");
  if (datetime === undefined || time === undefined) {
    return incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${oneLine(datetime ?? "", 64)}'.`,
    );
  }
  const authorization = parseAuthorization(parameters);
  return checkDate(datetime, time, expected.now) ??
    checkSignedHeaders(parameters, request) ??
    (authorization === undefined
      ? incomplete(
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.",
      )
      : checkScope(authorization, datetime, expected.region) ??
        checkCredentials(authorization, request, expected.credentials) ??
        await checkSigned(authorization, request, datetime, expected));
}

function incomplete(message: string): Mismatch {
  return { exception: "IncompleteSignatureException", message };
}

function invalid(message: string): Mismatch {
  return { exception: "InvalidSignatureException", message };
}

/**
 * Checks that the host and every `x-amz-*` header are signed: AWS requires it, since an unsigned
 * header could be replaced on the way.
 */
function checkSignedHeaders(
  parameters: ReadonlyMap<string, string>,
  request: SignedRequest,
): Mismatch | undefined {
  const signed = signedHeadersIn(parameters);
  if (!signed.includes("host")) {
    return invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.");
  }
  const unsigned = [...request.headers.keys()].sort()
    .find((name) => name.startsWith("x-amz-") && !signed.includes(name));
  if (unsigned === undefined) return undefined;
  return invalid(
    `'${oneLine(unsigned, 64)}' must be a 'SignedHeader' in the AWS Authorization.`,
  );
}

function checkScope(
  { region, service, terminator, date }: Authorization,
  datetime: string,
  expectedRegion: string,
): Mismatch | undefined {
  const quoted = (text: string) => `'${oneLine(text, 64)}'`;
  const day = datetime.slice(0, 8);
  const problems: string[] = [];
  if (region !== expectedRegion) {
    problems.push(`Credential should be scoped to a valid region, not ${quoted(region)}.`);
  }
  if (service !== SERVICE) {
    problems.push(`Credential should be scoped to correct service: '${SERVICE}'.`);
  }
  if (terminator !== "aws4_request") {
    problems.push(
      `Credential should be scoped with a valid terminator: 'aws4_request', not ${
        quoted(terminator)
      }.`,
    );
  }
  if (date !== day) {
    problems.push(
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: " +
        `${quoted(date)} != '${day}', from '${datetime}'.`,
    );
  }
  return problems.length === 0 ? undefined : invalid(problems.join(" "));
}

function checkCredentials(
  authorization: Authorization,
  request: SignedRequest,
  credentials: EmulatorCredentials,
): Mismatch | undefined {
  const token = request.headers.get("x-amz-security-token");
  const known = equal(authorization.accessKeyId, credentials.accessKeyId) &&
    equal(token ?? "", credentials.sessionToken ?? "");
  if (known) return undefined;
  return {
    exception: "UnrecognizedClientException",
    message: "The security token included in the request is invalid.",
  };
}

function checkDate(datetime: string, time: number, now: number): Mismatch | undefined {
  const clock = formatAmzDate(now);
  if (time < now - MAX_CLOCK_DIFFERENCE_MS) {
    const earliest = formatAmzDate(now - MAX_CLOCK_DIFFERENCE_MS);
    return invalid(
      `Signature expired: ${datetime} is now earlier than ${earliest} (${clock} - 5 min.)`,
    );
  }
  if (time > now + MAX_CLOCK_DIFFERENCE_MS) {
    const latest = formatAmzDate(now + MAX_CLOCK_DIFFERENCE_MS);
    return invalid(
      `Signature not yet current: ${datetime} is still later than ${latest} (${clock} + 5 min.)`,
    );
  }
  return undefined;
}

async function checkSigned(
  authorization: Authorization,
  request: SignedRequest,
  datetime: string,
  expected: SignatureExpectations,
): Promise<Mismatch | undefined> {
  const url = `http://${request.headers.get("host") ?? ""}${request.target}`;
  if (!URL.canParse(url)) return incomplete("The request has no valid 'Host' header.");
  const mismatch = invalid(
    "The request signature we calculated does not match the signature you provided. Check your AWS " +
      "Secret Access Key and signing method. Consult the service documentation for details.",
  );

  // A signer may send the body's hash in a header, which is signed unchanged, so it must be
  // correct.
  const statedHash = request.headers.get("x-amz-content-sha256");
  const bodyHash = createHash("sha256").update(request.body).digest("hex");
  if (statedHash !== undefined && statedHash !== bodyHash) return mismatch;

  for (const signedUrl of [url, ...publicUrls(request, expected.publicUrl)]) {
    const signer = signerFor(signedUrl, authorization, request, datetime, expected);
    if (await isSignatureOf(signer, authorization)) return undefined;
  }
  const signer = signerFor(url, authorization, request, datetime, expected);
  return { ...mismatch, canonicalRequest: safeCanonicalRequest(await signer.canonicalString()) };
}

/** The request as an agent in front of the proxy may have signed it: with another host, or path. */
function publicUrls({ target }: SignedRequest, publicUrl: URL | undefined): readonly string[] {
  if (publicUrl === undefined) return [];
  const { host, pathname } = publicUrl;
  const prefix = pathname.replace(/\/$/, "");
  const kept = `http://${host}${target}`;
  return prefix === "" ? [kept] : [kept, `http://${host}${prefix}${target}`];
}

function signerFor(
  url: string,
  authorization: Authorization,
  request: SignedRequest,
  datetime: string,
  expected: SignatureExpectations,
): AwsV4Signer {
  const signed = new Headers();
  for (const name of authorization.signedHeaders) {
    const value = request.headers.get(name);
    if (value !== undefined) signed.set(name, value);
  }
  return new AwsV4Signer({
    method: request.method,
    url,
    headers: signed,
    ...(request.body.byteLength > 0 && { body: new Uint8Array(request.body) }),
    ...expected.credentials,
    service: SERVICE,
    region: expected.region,
    datetime,
    allHeaders: true,
  });
}

async function isSignatureOf(
  signer: AwsV4Signer,
  { signedHeaders, signature }: Authorization,
): Promise<boolean> {
  // Our signer always signs host, date and session token; a request that did not is invalid.
  if (!equal(signer.signedHeaders, signedHeaders.join(";"))) return false;
  return equal(await signer.signature(), signature);
}

/** Compares two strings in constant time. */
function equal(one: string, other: string): boolean {
  const encoder = new TextEncoder();
  const [a, b] = [encoder.encode(one), encoder.encode(other)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
