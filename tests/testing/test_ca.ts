/**
 * A certificate authority made on the spot, for peers that speak TLS in a test.
 *
 * @module
 */

import { generate } from "selfsigned";

/** One authority, and a certificate that it signed. All PEM. */
export interface TestCa {
  /** The authority's own certificate: what a client has to trust. */
  readonly ca: string;
  /** The server's private key. */
  readonly key: string;
  /** The server's certificate. */
  readonly cert: string;
}

/** Makes an authority and a certificate for localhost, 127.0.0.1 and `names`, valid from now. */
export async function createTestCa(names: readonly string[] = []): Promise<TestCa> {
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
    extensions: [{
      name: "subjectAltName",
      altNames: [
        ...["localhost", ...names].map((value) => ({ type: 2, value }) as const),
        { type: 7, ip: "127.0.0.1" },
      ],
    }],
  });
  return { ca: authority.cert, key: server.private, cert: server.cert };
}
