import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { encodeFrame, OPCODE, type RawConnection } from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import { createTestCa } from "../testing/sockets/test_ca.ts";
import {
  ON_DENO,
  Recorder,
  requestFor,
  SUBJECTS,
  within,
  withPeer,
} from "./transports_under_test.ts";

/** Endless pings, to a client whose pongs are not read. */
async function flood(connection: RawConnection): Promise<void> {
  const ping = encodeFrame(OPCODE.ping, Buffer.alloc(125));
  const pings = Buffer.concat(Array.from({ length: 500 }, () => ping));
  await connection.accept();
  const { socket } = connection;
  socket.pause();
  const write = () => {
    // For a destroyed socket, `write` returns an error, and not false.
    while (!socket.destroyed && socket.write(pings) === true);
  };
  socket.on("drain", write);
  write();
  await connection.ended;
}

for (const subject of SUBJECTS) {
  // Deno's WebSocket does not expose its socket.
  if (ON_DENO && subject.name === "native") continue;

  for (const scheme of ["ws", "wss"]) {
    test(`The bytes of half a message over ${scheme} are noticed (${subject.name})`, async () => {
      const tls = scheme === "wss" ? await createTestCa() : undefined;
      let continueMessage = () => {};
      const behave = async (connection: RawConnection) => {
        const frame = encodeFrame(OPCODE.text, "a message");
        await connection.accept();
        // Or it arrives together with the answer to the upgrade.
        await connection.readFrame();
        connection.write(frame.subarray(0, 5));
        await new Promise<void>((resolve) => continueMessage = resolve);
        connection.write(frame.subarray(5));
        const { payload } = await connection.readFrame();
        connection.write(encodeFrame(OPCODE.close, payload));
        connection.end();
        await connection.ended;
      };
      await withPeer(subject, behave, async ({ peer, transport }) => {
        const connection = await transport.connect(requestFor(peer.url));
        const recorder = new Recorder();
        connection.listen(recorder);
        connection.send("go on");
        await recorder.saw("hasReceived");
        assert.equal(recorder.messages.length, 0);
        continueMessage();
        assert.deepEqual(await recorder.received(1), ["a message"]);
        await connection.close(1000, "");
        await within(peer.allClosed(), "every socket to close");
      }, { tls });
    });
  }

  test(`A peer that pings and does not read the pongs is noticed (${subject.name})`, async () => {
    await withPeer(subject, flood, async ({ peer, transport }) => {
      const connection = await transport.connect(requestFor(peer.url));
      const recorder = new Recorder();
      connection.listen(recorder);
      if (subject.name === "ws") {
        assert.deepEqual(await recorder.ended(), { kind: "write-overflow" });
      } else {
        await recorder.saw("isWriting");
        assert.ok(connection.bufferedAmount > 0);
        void connection.close(1000, "");
      }
      await within(peer.allClosed(), "every socket to close");
    }, { closeGraceMs: 10 });
  });
}
