/**
 * A certificate authority created on the fly, for TLS peers in a test.
 *
 * @module
 */

import { type CertificateExtension, generate } from "selfsigned";

/** One authority, and a certificate that it signed. All PEM. */
export interface TestCa {
  /** The authority's own certificate, which a client has to trust. */
  readonly ca: string;
  /** The server's private key. */
  readonly key: string;
  /** The server's certificate. */
  readonly cert: string;
}

/** How a certificate differs from a valid one. */
export interface TestCertificateOptions {
  /** Whether it is for another host, and not for localhost and 127.0.0.1. */
  readonly isForOther?: boolean;
  /** Whether it expired an hour ago. */
  readonly isExpired?: boolean;
}

const HOUR_MS = 3_600_000;

/** Creates an authority and a certificate for localhost, 127.0.0.1 and `names`, valid from now. */
export async function createTestCa(
  names: readonly string[] = [],
  { isForOther = false, isExpired = false }: TestCertificateOptions = {},
): Promise<TestCa> {
  const authority = await generate([{ name: "commonName", value: "Test authority" }], {
    algorithm: "sha256",
    keyType: "ec",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: "commonName", value: "localhost" }], {
    algorithm: "sha256",
    keyType: "ec",
    ca: { key: authority.private, cert: authority.cert },
    ...(isExpired && {
      notBeforeDate: new Date(Date.now() - 2 * HOUR_MS),
      notAfterDate: new Date(Date.now() - HOUR_MS),
    }),
    extensions: [
      isForOther
        ? { name: "subjectAltName", altNames: [{ type: 2, value: "other.example" }] }
        : localNames(names),
    ],
  });
  return { ca: authority.cert, key: server.private, cert: server.cert };
}

/** Creates a self-signed certificate for localhost and 127.0.0.1. */
export async function createSelfSigned(): Promise<{ key: string; cert: string }> {
  const server = await generate([{ name: "commonName", value: "localhost" }], {
    algorithm: "sha256",
    keyType: "ec",
    extensions: [localNames([])],
  });
  return { key: server.private, cert: server.cert };
}

function localNames(names: readonly string[]): CertificateExtension {
  return {
    name: "subjectAltName",
    altNames: [
      ...["localhost", ...names].map((value) => ({ type: 2, value }) as const),
      { type: 7, ip: "127.0.0.1" },
    ],
  };
}
