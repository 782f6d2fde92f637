import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { TransportConnection } from "../../wsclient/transport.ts";
import {
  encodeClose,
  encodeFrame,
  OPCODE,
  type RawConnection,
} from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import {
  Recorder,
  requestFor,
  type Subject,
  SUBJECTS,
  within,
  withPeer,
} from "./transports_under_test.ts";

/** Runs `fn` on an open connection whose peer writes `bytes` and then calls `then`. */
async function afterWriting(
  subject: Subject,
  bytes: Uint8Array,
  fn: (recorder: Recorder, connection: TransportConnection) => Promise<void>,
  then: (connection: RawConnection) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const behave = async (connection: RawConnection) => {
    await connection.accept();
    connection.write(bytes);
    await then(connection);
    // Answers the client's close, so that every runtime can release the socket.
    let frame = await connection.readFrame();
    while (frame.opcode !== OPCODE.close) frame = await connection.readFrame();
    connection.write(encodeFrame(OPCODE.close, frame.payload));
    connection.end();
    await connection.ended;
  };
  await withPeer(subject, behave, async ({ peer, transport }) => {
    const connection = await transport.connect(requestFor(peer.url));
    const recorder = new Recorder();
    connection.listen(recorder);
    await fn(recorder, connection);
    connection.close(1000, "");
    await within(peer.allClosed(), "every socket to close");
    assert.deepEqual(recorder.ends, []);
  });
}

for (const subject of SUBJECTS) {
  test(`A message sent in fragments arrives as one (${subject.name})`, async () => {
    const text = Buffer.from("schön in Stücken");
    const bytes = Buffer.concat([
      encodeFrame(OPCODE.text, text.subarray(0, 4), { fin: false }),
      encodeFrame(OPCODE.ping, "between"),
      encodeFrame(OPCODE.continuation, text.subarray(4, 9), { fin: false }),
      encodeFrame(OPCODE.continuation, text.subarray(9)),
    ]);
    await afterWriting(subject, bytes, async (recorder) => {
      assert.deepEqual(await recorder.received(1), ["schön in Stücken"]);
    });
  });

  test(`A ping is answered with its own payload (${subject.name})`, async () => {
    const answered = async (connection: RawConnection) => {
      const { opcode, payload } = await connection.readFrame();
      assert.equal(opcode, OPCODE.pong);
      assert.equal(payload.toString(), "are you there?");
      connection.sendText("answered");
    };
    const ping = encodeFrame(OPCODE.ping, "are you there?");
    await afterWriting(subject, ping, async (recorder) => {
      assert.deepEqual(await recorder.received(1), ["answered"]);
    }, answered);
  });

  test(`A binary message arrives as bytes (${subject.name})`, async () => {
    const bytes = encodeFrame(OPCODE.binary, new Uint8Array([0, 1, 255]));
    await afterWriting(subject, bytes, async (recorder) => {
      const [data] = await recorder.received(1);
      assert.ok(data instanceof Uint8Array);
      assert.deepEqual([...data], [0, 1, 255]);
    });
  });

  test(`A message of 1 MiB arrives whole, and one of 1 MiB is sent whole (${subject.name})`, async () => {
    const large = "x".repeat(2 ** 20);
    const echoed = async (connection: RawConnection) => {
      const { opcode, payload } = await connection.readFrame();
      assert.equal(opcode, OPCODE.text);
      assert.equal(payload.toString(), large);
      connection.sendText("taken");
    };
    const bytes = encodeFrame(OPCODE.text, large);
    await afterWriting(subject, bytes, async (recorder, connection) => {
      connection.send(large);
      assert.ok(connection.bufferedAmount >= 0);
      assert.deepEqual(await recorder.received(2), [large, "taken"]);
      assert.equal(connection.bufferedAmount, 0);
    }, echoed);
  });

  test(`Frames in the same segment as the 101 response are delivered, in order, before all others (${subject.name})`, async () => {
    const behave = async (connection: RawConnection) => {
      const followedBy = Buffer.concat([
        encodeFrame(OPCODE.text, "one"),
        encodeFrame(OPCODE.text, "two"),
      ]);
      await connection.accept({ followedBy });
      connection.sendText("three");
      connection.write(encodeClose(1000, "bye"));
      connection.end();
      await connection.ended;
    };
    await withPeer(subject, behave, async ({ peer, transport }) => {
      const recorder = new Recorder();
      const connection = await transport.connect(requestFor(peer.url));
      connection.listen(recorder);
      const end = await recorder.ended();
      assert.deepEqual(recorder.messages, ["one", "two", "three"]);
      assert.deepEqual(end, { kind: "close", code: 1000, reason: "bye" });
    });
  });

  test(`A listener that is attached late gets everything, the end last (${subject.name})`, async () => {
    const behave = async (connection: RawConnection) => {
      await connection.accept();
      connection.sendText("one");
      connection.write(encodeClose(1000, "bye"));
      connection.end();
      await connection.ended;
    };
    await withPeer(subject, behave, async ({ peer, transport }) => {
      const connection = await transport.connect(requestFor(peer.url));
      await within(peer.allClosed(), "every socket to close");
      const recorder = new Recorder();
      connection.listen(recorder);
      assert.deepEqual(await recorder.ended(), { kind: "close", code: 1000, reason: "bye" });
      assert.deepEqual(recorder.messages, ["one"]);
    });
  });

  test(`The signed headers and the query reach the peer unchanged (${subject.name})`, async () => {
    let seen: { line: string; headers: Readonly<Record<string, string>> } | undefined;
    const behave = async (connection: RawConnection) => {
      seen = await connection.refuse(400);
    };
    await withPeer(subject, behave, async ({ peer, transport }) => {
      const headers = {
        authorization: "AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=0",
        "x-amz-date": "20261124T054500Z",
        "x-amz-security-token": "a/b+c==",
      };
      const url = `${peer.url}/ws?a=b%3Ac%2Fd&e=f+g`;
      const request = { ...requestFor(peer.url), url, headers: () => Promise.resolve(headers) };
      await assert.rejects(transport.connect(request));
      assert.ok(seen);
      assert.equal(seen.line, "GET /ws?a=b%3Ac%2Fd&e=f+g HTTP/1.1");
      assert.equal(seen.headers["host"], `127.0.0.1:${peer.port}`);
      for (const [name, value] of Object.entries(headers)) assert.equal(seen.headers[name], value);
    });
  });
}
