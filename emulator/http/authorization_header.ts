/**
 * The `Authorization` header of AWS Signature Version 4:
 * `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.
 *
 * @module
 */

/** The header in its parts. */
export interface Authorization {
  /** The id of the key. */
  readonly accessKeyId: string;
  /** The day in the scope: `20260102`. */
  readonly date: string;
  /** The region in the scope. */
  readonly region: string;
  /** The service in the scope. */
  readonly service: string;
  /** The end of the scope: `aws4_request`. */
  readonly terminator: string;
  /** The names of the signed headers, in lower case. */
  readonly signedHeaders: readonly string[];
  /** The signature, in hexadecimal. */
  readonly signature: string;
}

/** The parameters of the header; `undefined` for another algorithm. */
export function parseParameters(header: string): ReadonlyMap<string, string> | undefined {
  const match = /^AWS4-HMAC-SHA256\s+(.*)$/.exec(header.trim());
  if (match?.[1] === undefined) return undefined;
  return new Map(
    match[1].split(",").map((part): [string, string] => {
      const [name = "", ...value] = part.trim().split("=");
      return [name, value.join("=")];
    }),
  );
}

/** Describes the missing parts of a request, in AWS's words; empty if there are none. */
export function describeMissing(
  parameters: ReadonlyMap<string, string>,
  datetime: string | undefined,
): string {
  const missing = ["Credential", "Signature", "SignedHeaders"]
    .filter((name) => !parameters.get(name))
    .map((name) => `Authorization header requires '${name}' parameter.`);
  if (datetime === undefined) {
    missing.push("Authorization header requires existence of a 'X-Amz-Date' header.");
  }
  return missing.join(" ");
}

/** The names of the signed headers. */
export function signedHeadersIn(parameters: ReadonlyMap<string, string>): readonly string[] {
  return parameters.get("SignedHeaders")?.split(";") ?? [];
}

/** The header in its parts; `undefined` if the credential does not have its five parts. */
export function parseAuthorization(
  parameters: ReadonlyMap<string, string>,
): Authorization | undefined {
  const [accessKeyId, date, region, service, terminator, ...rest] =
    parameters.get("Credential")?.split("/") ?? [];
  if (!accessKeyId || !date || !region || !service || !terminator || rest.length > 0) {
    return undefined;
  }
  return {
    accessKeyId,
    date,
    region,
    service,
    terminator,
    signedHeaders: signedHeadersIn(parameters),
    signature: parameters.get("Signature") ?? "",
  };
}
