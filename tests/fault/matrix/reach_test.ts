/** ECS or ACS cannot be reached, or has the wrong identity. */

import { type RawConnection, startRawPeer } from "../../testing/sockets/raw_peer.ts";
import { createSelfSigned, createTestCa } from "../../testing/sockets/test_ca.ts";
import { ON_DENO } from "../transports_under_test.ts";
import { BACKOFF, matrix, type Row } from "./fault_row.ts";

const freePort = await startRawPeer(() => {});
await freePort.close();
const CLOSED = `http://127.0.0.1:${freePort.port}/`;

const wrongHost = await createTestCa([], { isForOther: true });
const expired = await createTestCa([], { isExpired: true });
const unknown = await createTestCa();
const selfSigned = await createSelfSigned();

/** The runtimes report certificate errors in the words of their TLS libraries. */
const WRONG_HOST = ON_DENO ? "NotValidForName" : "ERR_TLS_CERT_ALTNAME_INVALID";
const EXPIRED = ON_DENO ? "Expired" : "CERT_HAS_EXPIRED";
const UNKNOWN = ON_DENO
  ? "UnknownIssuer"
  : /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/;
const SELF_SIGNED = ON_DENO ? "UnknownIssuer" : "DEPTH_ZERO_SELF_SIGNED_CERT";

/**
 * The answer from a TLS peer that only supports older versions: a fatal alert, protocol_version.
 */
const PROTOCOL_VERSION_ALERT = Uint8Array.of(0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 70);

/** Answers anything with these bytes, and ends. */
const answer = (bytes: string | Uint8Array) => (connection: RawConnection) => {
  connection.socket.end(bytes);
};

for (const service of ["ecs", "acs"] as const) {
  const who = service.toUpperCase();
  const failed = {
    stage: service === "ecs" ? "discover" : "connect",
    name: "ConnectError",
    retryable: true,
  } as const;
  const rows: Row[] = [
    {
      fault: `A name of ${who} that cannot be resolved`,
      deadEnd: { of: service, url: () => "https://no-such-host.invalid/" },
      failed: {
        ...failed,
        code: "ACS-N01",
        systemCode: /^(ENOTFOUND|EAI_AGAIN)$/,
        message: /no-such-host\.invalid/,
      },
      next: BACKOFF,
    },
    {
      fault: `A port of ${who} without a listener`,
      deadEnd: { of: service, url: () => CLOSED },
      failed: { ...failed, code: "ACS-N02", systemCode: "ECONNREFUSED", message: /127\.0\.0\.1/ },
      next: BACKOFF,
    },
    {
      fault: `A certificate of ${who} for another host`,
      deadEnd: { of: service, tls: wrongHost },
      ca: wrongHost.ca,
      failed: { ...failed, code: "ACS-T03", systemCode: WRONG_HOST, message: /127\.0\.0\.1/ },
      next: BACKOFF,
    },
    {
      fault: `A certificate of ${who} that has expired`,
      deadEnd: { of: service, tls: expired },
      ca: expired.ca,
      failed: { ...failed, code: "ACS-T02", systemCode: EXPIRED, message: /127\.0\.0\.1/ },
      next: BACKOFF,
    },
    {
      fault: `A certificate of ${who} by an unknown authority`,
      deadEnd: { of: service, tls: unknown },
      failed: { ...failed, code: "ACS-T01", systemCode: UNKNOWN, message: /127\.0\.0\.1/ },
      next: BACKOFF,
    },
    {
      fault: `A certificate of ${who} that is self-signed`,
      deadEnd: { of: service, tls: selfSigned },
      failed: { ...failed, code: "ACS-T01", systemCode: SELF_SIGNED, message: /127\.0\.0\.1/ },
      next: BACKOFF,
    },
    {
      fault: `A port of ${who} that speaks HTTP instead of TLS`,
      deadEnd: {
        of: service,
        url: (peerUrl) => peerUrl.replace(/^http:/, "https:"),
        behave: answer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
      },
      failed: { ...failed, code: "ACS-T04", message: /127\.0\.0\.1/ },
      next: BACKOFF,
    },
    {
      fault: `A port of ${who} that speaks only versions of TLS that the runtime does not`,
      deadEnd: {
        of: service,
        url: (peerUrl) => peerUrl.replace(/^http:/, "https:"),
        behave: answer(PROTOCOL_VERSION_ALERT),
      },
      failed: { ...failed, code: "ACS-T05", message: /127\.0\.0\.1/ },
      next: BACKOFF,
    },
  ];
  matrix(rows);
}
