import assert from "node:assert/strict";
import { encodeFrame, OPCODE, type RawConnection } from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import {
  ON_DENO,
  Recorder,
  requestFor,
  SUBJECTS,
  within,
  withPeer,
} from "./transports_under_test.ts";

for (const subject of SUBJECTS) {
  test(`Closing sends the code and the reason, and the listener is not called any more (${subject.name})`, async () => {
    let code = 0;
    let reason = "";
    const behave = async (connection: RawConnection) => {
      await connection.accept();
      const { opcode, payload } = await connection.readFrame();
      assert.equal(opcode, OPCODE.close);
      code = payload.readUInt16BE();
      reason = payload.subarray(2).toString();
      connection.sendText("too late");
      connection.write(encodeFrame(OPCODE.close, payload));
      connection.end();
      await connection.ended;
    };
    await withPeer(subject, behave, async ({ peer, transport }) => {
      const connection = await transport.connect(requestFor(peer.url));
      const recorder = new Recorder();
      connection.listen(recorder);
      const answered = connection.close(1000, "ConnectionExpired: Reconnect to continue");
      connection.close(1000, "a second time does nothing");
      assert.throws(() => connection.send("too late"));
      await within(answered, "the peer's answer");
      await within(peer.allClosed(), "every socket to close");
      assert.equal(code, 1000);
      assert.equal(reason, "ConnectionExpired: Reconnect to continue");
      assert.deepEqual(recorder.messages, []);
      assert.deepEqual(recorder.ends, []);
    });
  });

  test(`A reason of more than 123 bytes is truncated between two characters (${subject.name})`, async () => {
    let reason = "";
    const behave = async (connection: RawConnection) => {
      await connection.accept();
      const { payload } = await connection.readFrame();
      reason = payload.subarray(2).toString();
      connection.write(encodeFrame(OPCODE.close, payload));
      connection.end();
      await connection.ended;
    };
    await withPeer(subject, behave, async ({ peer, transport }) => {
      const connection = await transport.connect(requestFor(peer.url));
      connection.close(4000, "ä".repeat(100));
      await within(peer.allClosed(), "every socket to close");
      assert.equal(reason, "ä".repeat(61));
    });
  });

  test(`A code that must not be sent throws and leaves the connection open (${subject.name})`, async () => {
    const behave = async (connection: RawConnection) => {
      await connection.accept();
      let frame = await connection.readFrame();
      assert.equal(frame.payload.toString(), "still there");
      frame = await connection.readFrame();
      connection.write(encodeFrame(OPCODE.close, frame.payload));
      connection.end();
      await connection.ended;
    };
    await withPeer(subject, behave, async ({ peer, transport }) => {
      const connection = await transport.connect(requestFor(peer.url));
      assert.throws(() => connection.close(1006, ""));
      connection.send("still there");
      connection.close(1000, "");
      await within(peer.allClosed(), "every socket to close");
    });
  });

  test(`Closing while early messages are being delivered stops the delivery (${subject.name})`, async () => {
    const behave = async (connection: RawConnection) => {
      const followedBy = encodeFrame(OPCODE.text, "one");
      await connection.accept({ followedBy: new Uint8Array([...followedBy, ...followedBy]) });
      const { payload } = await connection.readFrame();
      connection.write(encodeFrame(OPCODE.close, payload));
      connection.end();
      await connection.ended;
    };
    await withPeer(subject, behave, async ({ peer, transport }) => {
      const connection = await transport.connect(requestFor(peer.url));
      const messages: unknown[] = [];
      await within(
        new Promise<void>((resolve) => {
          connection.listen({
            message(data) {
              messages.push(data);
              connection.close(1000, "");
              resolve();
            },
            end: () => assert.fail("an end after leaving"),
          });
        }),
        "a message",
      );
      await within(peer.allClosed(), "every socket to close");
      assert.equal(messages.length, 1);
    });
  });

  // Deno's WebSocket cannot be destroyed: its socket stays open until TCP gives up.
  if (!ON_DENO || subject.name !== "native") {
    test(`A peer that never answers our close frame is cut off after the grace period (${subject.name})`, async () => {
      const behave = async (connection: RawConnection) => {
        await connection.accept();
        await connection.ended;
      };
      await withPeer(subject, behave, async ({ peer, transport }) => {
        const connection = await transport.connect(requestFor(peer.url));
        connection.listen(new Recorder());
        connection.close(1000, "");
        await within(peer.allClosed(), "every socket to close");
      }, { closeGraceMs: 20 });
    });
  }
}
