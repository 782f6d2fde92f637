import assert from "node:assert/strict";
import { ConnectError } from "../../errors.ts";
import type { TransportEnd } from "../../wsclient/transport.ts";
import {
  encodeClose,
  encodeFrame,
  OPCODE,
  type RawConnection,
} from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import { createTestCa, type TestCa } from "../testing/sockets/test_ca.ts";
import {
  assertRedacted,
  Recorder,
  requestFor,
  type Subject,
  SUBJECTS,
  within,
  withPeer,
} from "./transports_under_test.ts";

/**
 * Connects to a peer that does `action` once the connection is open; returns how the connection
 * ended.
 */
async function endAfter(
  subject: Subject,
  action: (connection: RawConnection) => void | Promise<void>,
  tls?: TestCa,
): Promise<TransportEnd> {
  let ended: TransportEnd | undefined;
  const behave = async (connection: RawConnection) => {
    await connection.accept();
    await connection.readFrame();
    await action(connection);
    await connection.ended;
  };
  await withPeer(subject, behave, async ({ peer, transport }) => {
    const connection = await transport.connect(requestFor(peer.url));
    const recorder = new Recorder();
    connection.listen(recorder);
    connection.send("open");
    ended = await recorder.ended();
    assert.throws(() => connection.send("too late"));
    await within(peer.allClosed(), "every socket to close");
    connection.close(1000, "nothing more happens");
    assert.equal(recorder.ends.length, 1);
    assert.equal(peer.accepted, 1);
    assert.deepEqual(recorder.messages, []);
  }, { tls });
  assert.ok(ended);
  return ended;
}

for (const subject of SUBJECTS) {
  for (const code of [1000, 1001, 1008, 1011, 4000]) {
    test(`A close frame with code ${code} ends the connection with its code and reason (${subject.name})`, async () => {
      const end = await endAfter(subject, (connection) => {
        connection.write(encodeClose(code, "ConnectionExpired: Reconnect to continue"));
        connection.end();
      });
      const reason = "ConnectionExpired: Reconnect to continue";
      assert.deepEqual(end, { kind: "close", code, reason });
    });
  }

  test(`A close frame without a code ends the connection with code 1005 (${subject.name})`, async () => {
    const end = await endAfter(subject, (connection) => {
      connection.write(encodeClose());
      connection.end();
    });
    assert.deepEqual(end, { kind: "close", code: 1005, reason: "" });
  });

  for (const scheme of ["ws", "wss"]) {
    test(`A close frame ends a connection over ${scheme} that the peer keeps open (${subject.name})`, async () => {
      const tls = scheme === "wss" ? await createTestCa() : undefined;
      const end = await endAfter(subject, (connection) => {
        connection.write(encodeClose(1000, "bye"));
      }, tls);
      assert.deepEqual(end, { kind: "close", code: 1000, reason: "bye" });
    });

    test(`An end of stream over ${scheme} without a close frame is reported as such (${subject.name})`, async () => {
      const tls = scheme === "wss" ? await createTestCa() : undefined;
      assert.deepEqual(await endAfter(subject, (connection) => connection.end(), tls), {
        kind: "eof",
      });
    });
  }

  test(`A close frame followed by a reset still counts as a close frame (${subject.name})`, async () => {
    const end = await endAfter(subject, async (connection) => {
      connection.write(encodeClose(1011, "failing"));
      await connection.readFrame();
      connection.reset();
    });
    assert.deepEqual(end, { kind: "close", code: 1011, reason: "failing" });
  });

  test(`An end of stream over TLS without close_notify is an end of stream (${subject.name})`, async () => {
    const tls = await createTestCa();
    // destroy() ends the TCP stream immediately, without TLS's close_notify.
    const end = await endAfter(subject, (connection) => void connection.socket.destroy(), tls);
    assert.deepEqual(end, { kind: "eof" });
  });

  test(`An end of stream within a frame is an end of stream (${subject.name})`, async () => {
    const end = await endAfter(subject, (connection) => {
      connection.write(encodeFrame(OPCODE.text, "hello").subarray(0, 4));
      connection.end();
    });
    assert.deepEqual(end, { kind: "eof" });
  });

  test(`A reset is an error with its code (${subject.name})`, async () => {
    const end = await endAfter(subject, (connection) => connection.reset());
    assert.ok(end.kind === "error" && end.error instanceof ConnectError);
    assert.equal(end.error.systemCode, "ECONNRESET");
    assert.match(end.error.message, /127\.0\.0\.1/);
    assertRedacted(end.error);
  });

  const broken: Record<string, Uint8Array> = {
    "invalid UTF-8": encodeFrame(OPCODE.text, new Uint8Array([0xff, 0xfe])),
    "reserved bits": encodeFrame(OPCODE.text, "x", { reserved: 4 }),
    "an unknown opcode": encodeFrame(0x3, "x"),
    "a continuation of nothing": encodeFrame(OPCODE.continuation, "x"),
    "a fragmented ping": encodeFrame(OPCODE.ping, "x", { fin: false }),
    "a close code that does not exist": encodeClose(999, "x"),
    "a length beyond any limit": new Uint8Array([0x81, 127, 0x7f, 0, 0, 0, 0, 0, 0, 0]),
  };
  for (const [what, bytes] of Object.entries(broken)) {
    test(`A frame with ${what} ends the connection as an error (${subject.name})`, async () => {
      const end = await endAfter(subject, (connection) => connection.write(bytes));
      assert.ok(end.kind === "error" && end.error instanceof ConnectError, JSON.stringify(end));
      assert.match(end.error.message, /127\.0\.0\.1/);
      assertRedacted(end.error);
    });
  }
}
