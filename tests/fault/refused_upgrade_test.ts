import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { ConnectError } from "../../errors.ts";
import {
  MAX_REFUSAL_BODY_BYTES,
  UpgradeRefusedError,
} from "../../wsclient/upgrade_refused_error.ts";
import { createNativeTransport } from "../../wsclient/transports/native.ts";
import { type RawConnection, startRawPeer } from "../testing/raw_peer.ts";
import { test } from "../testing/test.ts";
import { createTestCa } from "../testing/test_ca.ts";
import { assertDiscreet, failure, ON_DENO, requestFor, scene, SUBJECTS, within } from "./kit.ts";

const FRAMED = '{"type":"InactiveInstanceException","message":{"message":"gone"}}';
const BARE = '{"AccessDeniedException":"no"}';
const DATE = "Tue, 24 Nov 2026 05:45:00 GMT";

for (const subject of SUBJECTS) {
  for (const scheme of ["ws", "wss"]) {
    for (const [form, body] of [["framed", FRAMED], ["bare", BARE]] as const) {
      test(`A refused upgrade over ${scheme} gives status, host, clock and the ${form} body (${subject.name})`, async () => {
        const refuse = async (connection: RawConnection) => {
          await connection.refuse(400, body, [`Date: ${DATE}`]);
        };
        await scene(subject, refuse, async ({ peer, transport }) => {
          const error = await failure(
            transport.connect(requestFor(peer.url)),
            UpgradeRefusedError,
          );
          assert.deepEqual(error.refusal, {
            host: `127.0.0.1:${peer.port}`,
            status: 400,
            body,
            serverDate: Date.parse(DATE),
          });
          await within(peer.allClosed(), "every socket to close");
          assert.equal(peer.accepted, subject.asksAgain ? 2 : 1);
        }, { tls: scheme === "wss" ? await createTestCa() : undefined });
      });
    }
  }

  test(`A refused upgrade without body or date is told all the same (${subject.name})`, async () => {
    const refuse = async (connection: RawConnection) => {
      await connection.refuse(503);
    };
    await scene(subject, refuse, async ({ peer, transport }) => {
      const { refusal } = await failure(
        transport.connect(requestFor(peer.url)),
        UpgradeRefusedError,
      );
      assert.equal(refusal.status, 503);
      assert.equal(refusal.body, "");
      assert.equal(refusal.serverDate, undefined);
    });
  });

  test(`An answer of 200 is a refusal too (${subject.name})`, async () => {
    const answer = async (connection: RawConnection) => {
      await connection.refuse(200, "hello");
    };
    await scene(subject, answer, async ({ peer, transport }) => {
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
      await scene(subject, redirect, async ({ peer, transport }) => {
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

  test(`An endless body is read up to its bound, then the connection is dropped (${subject.name})`, async () => {
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
    await scene(subject, flood, async ({ peer, transport }) => {
      const { refusal } = await failure(
        transport.connect(requestFor(peer.url)),
        UpgradeRefusedError,
      );
      assert.equal(refusal.status, 500);
      assert.equal(refusal.body, "x".repeat(MAX_REFUSAL_BODY_BYTES));
      await within(peer.allClosed(), "every socket to close");
    });
  });

  test(`A body that is compressed for those who take it can be read (${subject.name})`, async () => {
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
    await scene(subject, compress, async ({ peer, transport }) => {
      const { refusal } = await failure(
        transport.connect(requestFor(peer.url)),
        UpgradeRefusedError,
      );
      assert.equal(refusal.body, BARE);
    });
  });

  test(`A body that breaks off is told as far as it came (${subject.name})`, async () => {
    const breakOff = async (connection: RawConnection) => {
      await connection.readRequest();
      connection.write("HTTP/1.1 500 Refused\r\nContent-Length: 100\r\n\r\nhalf");
      connection.end();
    };
    await scene(subject, breakOff, async ({ peer, transport }) => {
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

  test("The second request for a refusal's reason is signed anew and asks the same URL", async () => {
    const lines: string[] = [];
    const signatures: (string | undefined)[] = [];
    const refuse = async (connection: RawConnection) => {
      const request = await connection.refuse(400, BARE);
      lines.push(request.line);
      signatures.push(request.headers["authorization"]);
    };
    await scene(native, refuse, async ({ peer, transport }) => {
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
    test(`An upgrade over ${scheme} that fails once and is accepted the second time is told as passing`, async () => {
      const failOnce = async (connection: RawConnection) => {
        if (connection.number > 1) {
          await connection.accept();
          await connection.ended;
          return;
        }
        await connection.readRequest();
        connection.reset();
      };
      await scene(native, failOnce, async ({ peer, transport }) => {
        const error = await failure(transport.connect(requestFor(peer.url)), ConnectError);
        assert.match(error.message, /try again/);
        assert.equal(error.retryable, true);
        await within(peer.allClosed(), "every socket to close");
        assert.equal(peer.accepted, 2);
      }, { tls: scheme === "wss" ? await createTestCa() : undefined });
    });
  }

  test("A peer that does not answer the second request is given up at the time limit", async () => {
    const fallSilent = async (connection: RawConnection) => {
      await connection.readRequest();
      if (connection.number === 1) connection.reset();
      await connection.ended;
    };
    const peer = await startRawPeer(fallSilent);
    try {
      const transport = createNativeTransport({ probeTimeoutMs: 20 });
      const error = await failure(transport.connect(requestFor(peer.url)), ConnectError);
      assert.match(error.message, /within 20 ms/);
      await within(peer.allClosed(), "every socket to close");
    } finally {
      await peer.close();
    }
  });

  test("Aborting during the second request rejects at once and drops it", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const fallSilent = async (connection: RawConnection) => {
      await connection.readRequest();
      if (connection.number === 1) connection.reset();
      else controller.abort(reason);
      await connection.ended;
    };
    await scene(native, fallSilent, async ({ peer, transport }) => {
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
    await scene(native, reset, async ({ peer, transport }) => {
      let asked = 0;
      const headers = () =>
        ++asked === 1 ? Promise.resolve({}) : Promise.reject(new Error("no credentials"));
      const connecting = transport.connect({ ...requestFor(peer.url), headers });
      const error = await failure(connecting, ConnectError);
      assert.ok(error.cause instanceof Error);
      assert.equal(error.cause.message, "no credentials");
      assertDiscreet(error);
    });
  });
}
