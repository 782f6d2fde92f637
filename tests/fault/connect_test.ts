import assert from "node:assert/strict";
import { ConnectError } from "../../errors.ts";
import {
  encodeFrame,
  OPCODE,
  type RawConnection,
  startRawPeer,
} from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import { createTestCa } from "../testing/sockets/test_ca.ts";
import {
  failure,
  ON_DENO,
  requestFor,
  type Subject,
  SUBJECTS,
  within,
  withPeer,
} from "./transports_under_test.ts";

/** Connects without a dedicated peer. */
async function failingConnect(subject: Subject, url: string): Promise<ConnectError> {
  const { transport, dispose } = subject.create();
  try {
    return await failure(transport.connect(requestFor(url)), ConnectError);
  } finally {
    await dispose();
  }
}

async function silent(connection: RawConnection): Promise<void> {
  await connection.ended;
}

/** Counts the listeners of a signal from now on. */
function countListeners(signal: AbortSignal): () => number {
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
    listeners += 1;
    add(type, listener);
  };
  signal.removeEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
    listeners -= 1;
    remove(type, listener);
  };
  return () => listeners;
}

for (const subject of SUBJECTS) {
  test(`A port without a listener gives ECONNREFUSED and names the host (${subject.name})`, async () => {
    const peer = await startRawPeer(() => {});
    await peer.close();
    const error = await failingConnect(subject, peer.url);
    assert.equal(error.systemCode, "ECONNREFUSED");
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${peer.port}`));
    assert.equal(error.retryable, true);
  });

  test(`An unresolvable host name yields an error with the resolver's code and the host (${subject.name})`, async () => {
    const error = await failingConnect(subject, "wss://no-such-host.invalid");
    assert.match(error.systemCode ?? "", /^(ENOTFOUND|EAI_AGAIN)$/);
    assert.match(error.message, /no-such-host\.invalid/);
  });

  test(`A certificate of an unknown authority gives the TLS library's code (${subject.name})`, async () => {
    const peer = await startRawPeer(silent, { tls: await createTestCa() });
    try {
      const error = await failingConnect(subject, peer.url);
      assert.match(error.systemCode ?? "", /^(UnknownIssuer|SELF_SIGNED_CERT_IN_CHAIN)$/);
      assert.match(error.message, /127\.0\.0\.1/);
      await within(peer.allClosed(), "every socket to close");
    } finally {
      await peer.close();
    }
  });

  test(`A peer that does not speak HTTP causes a connection failure (${subject.name})`, async () => {
    const garbage = async (connection: RawConnection) => {
      await connection.readRequest();
      connection.write("SSH-2.0-OpenSSH_9.6\r\n\r\n");
      connection.end();
    };
    await withPeer(subject, garbage, async ({ peer, transport }) => {
      const error = await failure(transport.connect(requestFor(peer.url)), ConnectError);
      assert.match(error.message, /127\.0\.0\.1/);
      await within(peer.allClosed(), "every socket to close");
    });
  });

  // Deno's WebSocket does not check the key.
  if (!ON_DENO || subject.name !== "native") {
    test(`An upgrade accepted with the wrong key is a connection failure (${subject.name})`, async () => {
      const mistake = async (connection: RawConnection) => {
        await connection.readRequest();
        const head = [
          "HTTP/1.1 101 Switching Protocols",
          "Upgrade: websocket",
          "Connection: Upgrade",
        ];
        connection.write(`${head.join("\r\n")}\r\nSec-WebSocket-Accept: AAAA\r\n\r\n`);
        await connection.ended;
      };
      await withPeer(subject, mistake, async ({ peer, transport }) => {
        await failure(transport.connect(requestFor(peer.url)), ConnectError);
        await within(peer.allClosed(), "every socket to close");
      });
    });
  }

  test(`A peer that speaks plain text where TLS is expected causes a connection failure (${subject.name})`, async () => {
    const plain = async (connection: RawConnection) => {
      connection.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
      await connection.ended;
    };
    await withPeer(subject, plain, async ({ peer, transport }) => {
      const url = peer.url.replace("ws:", "wss:");
      await failure(transport.connect(requestFor(url)), ConnectError);
      await within(peer.allClosed(), "every socket to close");
    });
  });

  for (const how of ["end", "reset"] as const) {
    test(`A peer that answers the request with ${how} causes a connection failure (${subject.name})`, async () => {
      const drop = async (connection: RawConnection) => {
        await connection.readRequest();
        connection[how]();
      };
      await withPeer(subject, drop, async ({ peer, transport }) => {
        const error = await failure(transport.connect(requestFor(peer.url)), ConnectError);
        if (how === "reset") assert.equal(error.systemCode, "ECONNRESET");
        await within(peer.allClosed(), "every socket to close");
        assert.equal(peer.accepted, subject.sendsSecondRequest ? 2 : 1);
      });
    });
  }

  test(`A signal that is already aborted opens no connection (${subject.name})`, async () => {
    await withPeer(subject, silent, async ({ peer, transport }) => {
      const reason = new Error("never mind");
      let calls = 0;
      const request = {
        ...requestFor(peer.url, AbortSignal.abort(reason)),
        headers: () => Promise.resolve({ calls: String(++calls) }),
      };
      await assert.rejects(transport.connect(request), reason);
      assert.equal(calls, 0);
      assert.equal(peer.accepted, 0);
    });
  });

  test(`Aborting while the headers are being signed rejects immediately (${subject.name})`, async () => {
    await withPeer(subject, silent, async ({ peer, transport }) => {
      const controller = new AbortController();
      const reason = new Error("enough");
      const headers = () => new Promise<never>(() => {});
      const connecting = transport.connect({
        ...requestFor(peer.url, controller.signal),
        headers,
      });
      controller.abort(reason);
      await assert.rejects(within(connecting, "the abort"), reason);
      assert.equal(peer.accepted, 0);
    });
  });

  test(`Headers that cannot be signed end the attempt with their own error (${subject.name})`, async () => {
    await withPeer(subject, silent, async ({ peer, transport }) => {
      const reason = new Error("no credentials");
      const headers = () => Promise.reject(reason);
      await assert.rejects(transport.connect({ ...requestFor(peer.url), headers }), reason);
      assert.equal(peer.accepted, 0);
    });
  });

  for (const scheme of ["ws", "wss"]) {
    test(`Aborting an upgrade over ${scheme} that is never answered rejects immediately and closes the socket (${subject.name})`, async () => {
      const controller = new AbortController();
      const reason = new Error("enough");
      const abort = async (connection: RawConnection) => {
        if (scheme === "ws") await connection.readRequest();
        controller.abort(reason);
        await connection.ended;
      };
      await withPeer(subject, abort, async ({ peer, transport }) => {
        // Over wss the peer is silent even in the TLS handshake.
        const url = peer.url.replace("ws:", `${scheme}:`);
        const connecting = transport.connect(requestFor(url, controller.signal));
        await assert.rejects(within(connecting, "the abort"), reason);
        await within(peer.allClosed(), "every socket to close");
        assert.equal(peer.accepted, 1);
      });
    });
  }

  test(`An upgrade answered after the abort leaves nothing open (${subject.name})`, async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const accept = async (connection: RawConnection) => {
      await connection.accept();
      const { payload } = await connection.readFrame();
      connection.write(encodeFrame(OPCODE.close, payload));
      connection.end();
      await connection.ended;
    };
    await withPeer(subject, accept, async ({ peer, transport }) => {
      const connecting = transport.connect(requestFor(peer.url, controller.signal));
      // Somewhere between the request and the answer.
      setTimeout(() => controller.abort(reason), 0);
      const connection = await within(connecting, "either end").catch((error) => {
        assert.equal(error, reason);
      });
      connection?.close(1000, "");
      await within(peer.allClosed(), "every socket to close");
    });
  });

  test(`Many connection attempts and aborts leave no socket and no listener behind (${subject.name})`, async () => {
    const answerSome = async (connection: RawConnection) => {
      if (connection.number % 2 === 0) {
        await connection.accept();
        const { payload } = await connection.readFrame();
        connection.write(encodeFrame(OPCODE.close, payload));
        connection.end();
      }
      await connection.ended;
    };
    await withPeer(subject, answerSome, async ({ peer, transport }) => {
      let listeners = 0;
      for (let i = 0; i < 60; i++) {
        const controller = new AbortController();
        const left = countListeners(controller.signal);
        const timer = setTimeout(() => controller.abort(), i % 12);
        const connection = await within(
          transport.connect(requestFor(peer.url, controller.signal)),
          "either end",
        ).catch(() => {});
        clearTimeout(timer);
        connection?.close(1000, "");
        listeners += left();
      }
      assert.equal(listeners, 0);
      await within(peer.allClosed(), "every socket to close");
    });
  });

  test(`Aborting after the connection is open changes nothing (${subject.name})`, async () => {
    const controller = new AbortController();
    const greet = async (connection: RawConnection) => {
      await connection.accept();
      assert.equal((await connection.readFrame()).payload.toString(), "hello");
      connection.sendText("hello yourself");
      await connection.ended;
    };
    await withPeer(subject, greet, async ({ peer, transport }) => {
      const connection = await transport.connect(requestFor(peer.url, controller.signal));
      const answer = new Promise((resolve) => {
        connection.listen({ message: resolve, end: () => {} });
      });
      controller.abort();
      connection.send("hello");
      assert.equal(await within(answer, "the answer"), "hello yourself");
      connection.close(1000, "");
    });
  });
}
