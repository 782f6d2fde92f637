import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { ConnectError } from "../../errors.ts";
import {
  MAX_REFUSAL_BODY_BYTES,
  UpgradeRefusedError,
} from "../../wsclient/upgrade_refused_error.ts";
import { createNativeTransport } from "../../wsclient/transports/native.ts";
import { type RawConnection, startRawPeer } from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import { createTestCa } from "../testing/sockets/test_ca.ts";
import {
  assertRedacted,
  failure,
  ON_DENO,
  requestFor,
  SUBJECTS,
  within,
  withPeer,
} from "./transports_under_test.ts";

const FRAMED = '{"type":"InactiveInstanceException","message":{"message":"gone"}}';
const BARE = '{"AccessDeniedException":"no"}';
const DATE = "Tue, 24 Nov 2026 05:45:00 GMT";

for (const subject of SUBJECTS) {
  for (const scheme of ["ws", "wss"]) {
    for (const [form, body] of [["framed", FRAMED], ["bare", BARE]] as const) {
      test(`A refused upgrade over ${scheme} gives status, host, clock, redirect and the ${form} body (${subject.name})`, async () => {
        const refuse = async (connection: RawConnection) => {
          await connection.refuse(400, body, [`Date: ${DATE}`, "Location: https://a.example/b?c"]);
        };
        await withPeer(subject, refuse, async ({ peer, transport }) => {
          const error = await failure(
            transport.connect(requestFor(peer.url)),
            UpgradeRefusedError,
          );
          assert.deepEqual(error.refusal, {
            host: `127.0.0.1:${peer.port}`,
            status: 400,
            body,
            serverDate: Date.parse(DATE),
            redirectsTo: "https://a.example",
          });
          await within(peer.allClosed(), "every socket to close");
          assert.equal(peer.accepted, subject.sendsSecondRequest ? 2 : 1);
        }, { tls: scheme === "wss" ? await createTestCa() : undefined });
      });
    }
  }

  test(`A refused upgrade without body or date is still reported (${subject.name})`, async () => {
    const refuse = async (connection: RawConnection) => {
      await connection.refuse(503);
    };
    await withPeer(subject, refuse, async ({ peer, transport }) => {
      const { refusal } = await failure(
        transport.connect(requestFor(peer.url)),
        UpgradeRefusedError,
      );
      assert.equal(refusal.status, 503);
      assert.equal(refusal.body, "");
      assert.equal(refusal.serverDate, undefined);
    });
  });

  test(`A response with status 200 is a refusal, too (${subject.name})`, async () => {
    const answer = async (connection: RawConnection) => {
      await connection.refuse(200, "hello");
    };
    await withPeer(subject, answer, async ({ peer, transport }) => {
      const { refusal } = await failure(
        transport.connect(requestFor(peer.url)),
        UpgradeRefusedError,
      );
      assert.equal(refusal.status, 200);
      assert.equal(refusal.body, "hello");
    });
  });

  test(`A redirect is a refusal and is not followed (${subject.name})`, async () => {
    const elsewhere = await startRawPeer((connection) => connection.end());
    const redirect = async (connection: RawConnection) => {
      const location = elsewhere.url.replace("ws:", "http:");
      await connection.refuse(302, "", [`Location: ${location}/`]);
    };
    try {
      await withPeer(subject, redirect, async ({ peer, transport }) => {
        const { refusal } = await failure(
          transport.connect(requestFor(peer.url)),
          UpgradeRefusedError,
        );
        assert.equal(refusal.status, 302);
        assert.equal(elsewhere.accepted, 0);
      });
    } finally {
      await elsewhere.close();
    }
  });

  test(`An endless body is read up to its limit, then the connection is dropped (${subject.name})`, async () => {
    const flood = async (connection: RawConnection) => {
      await connection.readRequest();
      connection.write("HTTP/1.1 500 Refused\r\n\r\n");
      const pour = () => {
        while (!connection.socket.destroyed && connection.socket.write("x".repeat(16_384)));
      };
      connection.socket.on("drain", pour);
      pour();
      await connection.ended;
    };
    await withPeer(subject, flood, async ({ peer, transport }) => {
      const { refusal } = await failure(
        transport.connect(requestFor(peer.url)),
        UpgradeRefusedError,
      );
      assert.equal(refusal.status, 500);
      assert.equal(refusal.body, "x".repeat(MAX_REFUSAL_BODY_BYTES));
      await within(peer.allClosed(), "every socket to close");
    });
  });

  test(`A compressed body can be read (${subject.name})`, async () => {
    const compress = async (connection: RawConnection) => {
      const { headers } = await connection.readRequest();
      const taken = headers["accept-encoding"]?.includes("gzip") ?? false;
      const body = taken ? gzipSync(BARE) : Buffer.from(BARE);
      const encoding = taken ? "Content-Encoding: gzip\r\n" : "";
      connection.write(
        `HTTP/1.1 403 Forbidden\r\n${encoding}Content-Length: ${body.length}\r\n\r\n`,
      );
      connection.write(body);
      connection.end();
    };
    await withPeer(subject, compress, async ({ peer, transport }) => {
      const { refusal } = await failure(
        transport.connect(requestFor(peer.url)),
        UpgradeRefusedError,
      );
      assert.equal(refusal.body, BARE);
    });
  });

  test(`A body that breaks off is reported as far as it was received (${subject.name})`, async () => {
    const breakOff = async (connection: RawConnection) => {
      await connection.readRequest();
      connection.write("HTTP/1.1 500 Refused\r\nContent-Length: 100\r\n\r\nhalf");
      connection.end();
    };
    await withPeer(subject, breakOff, async ({ peer, transport }) => {
      const { refusal } = await failure(
        transport.connect(requestFor(peer.url)),
        UpgradeRefusedError,
      );
      assert.equal(refusal.status, 500);
      assert.equal(refusal.body, "half");
    });
  });
}

if (ON_DENO) {
  const [native] = SUBJECTS;
  assert.ok(native);

  test("The second request for a refusal's reason has a new signature and uses the same URL", async () => {
    const lines: string[] = [];
    const signatures: (string | undefined)[] = [];
    const refuse = async (connection: RawConnection) => {
      const request = await connection.refuse(400, BARE);
      lines.push(request.line);
      signatures.push(request.headers["authorization"]);
    };
    await withPeer(native, refuse, async ({ peer, transport }) => {
      let signed = 0;
      const headers = () => Promise.resolve({ authorization: `signature ${++signed}` });
      const request = { ...requestFor(peer.url), headers };
      await failure(transport.connect(request), UpgradeRefusedError);
      assert.equal(lines.length, 2);
      assert.equal(lines[0], lines[1]);
      assert.deepEqual(signatures, ["signature 1", "signature 2"]);
    });
  });

  for (const scheme of ["ws", "wss"]) {
    test(`An upgrade over ${scheme} that fails once and is accepted the second time is reported as transient`, async () => {
      const failOnce = async (connection: RawConnection) => {
        if (connection.number > 1) {
          await connection.accept();
          await connection.ended;
          return;
        }
        await connection.readRequest();
        connection.reset();
      };
      await withPeer(native, failOnce, async ({ peer, transport }) => {
        const error = await failure(transport.connect(requestFor(peer.url)), ConnectError);
        assert.match(error.message, /try again/);
        assert.equal(error.retryable, true);
        await within(peer.allClosed(), "every socket to close");
        assert.equal(peer.accepted, 2);
      }, { tls: scheme === "wss" ? await createTestCa() : undefined });
    });
  }

  test("A peer that does not answer the second request times out", async () => {
    const fallSilent = async (connection: RawConnection) => {
      await connection.readRequest();
      if (connection.number === 1) connection.reset();
      await connection.ended;
    };
    const peer = await startRawPeer(fallSilent);
    try {
      const transport = createNativeTransport({ probeTimeoutMs: 20 });
      const error = await failure(transport.connect(requestFor(peer.url)), ConnectError);
      assert.match(error.message, /after 20 ms/);
      await within(peer.allClosed(), "every socket to close");
    } finally {
      await peer.close();
    }
  });

  test("Aborting during the second request rejects immediately and cancels it", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const fallSilent = async (connection: RawConnection) => {
      await connection.readRequest();
      if (connection.number === 1) connection.reset();
      else controller.abort(reason);
      await connection.ended;
    };
    await withPeer(native, fallSilent, async ({ peer, transport }) => {
      const connecting = transport.connect(requestFor(peer.url, controller.signal));
      await assert.rejects(within(connecting, "the abort"), reason);
      await within(peer.allClosed(), "every socket to close");
    });
  });

  test("Headers that cannot be signed a second time do not hide the failure", async () => {
    const reset = async (connection: RawConnection) => {
      await connection.readRequest();
      connection.reset();
    };
    await withPeer(native, reset, async ({ peer, transport }) => {
      let calls = 0;
      const headers = () =>
        ++calls === 1 ? Promise.resolve({}) : Promise.reject(new Error("no credentials"));
      const connecting = transport.connect({ ...requestFor(peer.url), headers });
      const error = await failure(connecting, ConnectError);
      assert.ok(error.cause instanceof Error);
      assert.equal(error.cause.message, "no credentials");
      assertRedacted(error);
    });
  });
}
