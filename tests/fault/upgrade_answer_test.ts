import assert from "node:assert/strict";
import { ConnectError } from "../../errors.ts";
import { UpgradeRefusedError } from "../../wsclient/upgrade_refused_error.ts";
import { encodeFrame, OPCODE, type RawConnection } from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import { createTestCa } from "../testing/sockets/test_ca.ts";
import {
  failure,
  ON_DENO,
  Recorder,
  requestFor,
  SUBJECTS,
  within,
  withPeer,
} from "./transports_under_test.ts";

/** Answers that lack the two header lines of an upgrade, or have extra lines. */
type Answer = Parameters<RawConnection["accept"]>[0];

/** Sends this answer, and answers a close. */
function answering(answer: Answer) {
  return async (connection: RawConnection) => {
    await connection.accept(answer);
    connection.sendText("hello");
    const { payload } = await connection.readFrame();
    connection.write(encodeFrame(OPCODE.close, payload));
    connection.end();
    await connection.ended;
  };
}

const LISTS: readonly (readonly string[])[] = [
  ["Upgrade: websocket", "Connection: keep-alive, Upgrade"],
  ["Upgrade: websocket", "Connection: keep-alive", "Connection: upgrade"],
];

const REFUSED: readonly (readonly [what: string, answer: Answer, words: RegExp])[] = [
  ["without an Upgrade header", { upgrade: ["Connection: Upgrade"] }, /Upgrade/],
  ["without a Connection header", { upgrade: ["Upgrade: websocket"] }, /Connection/],
  ["with another protocol", { upgrade: ["Upgrade: h2c", "Connection: Upgrade"] }, /Upgrade/],
  [
    "with an extension that was not offered",
    { headers: ["Sec-WebSocket-Extensions: permessage-deflate"] },
    /Sec-WebSocket-Extensions/,
  ],
  [
    "with a subprotocol that was not offered",
    { headers: ["Sec-WebSocket-Protocol: chat"] },
    /Sec-WebSocket-Protocol|subprotocol/,
  ],
];

for (const subject of SUBJECTS) {
  const isDenos = ON_DENO && subject.name === "native";

  test(`No extension is offered, such as permessage-deflate (${subject.name})`, async () => {
    const offers: unknown[] = [];
    const behave = async (connection: RawConnection) => {
      const { headers } = await connection.refuse(503);
      offers.push(headers["sec-websocket-extensions"]);
    };
    await withPeer(subject, behave, async ({ peer, transport }) => {
      await failure(transport.connect(requestFor(peer.url)), UpgradeRefusedError);
      assert.deepEqual(new Set(offers), new Set([undefined]));
    });
  });

  for (const scheme of ["ws", "wss"]) {
    for (const upgrade of LISTS) {
      const what = upgrade.slice(1).join("; ");
      const outcome = isDenos ? "is an error that names @acs/session/ws" : "connects";
      test(`An upgrade over ${scheme} answered with "${what}" ${outcome} (${subject.name})`, async () => {
        const tls = scheme === "wss" ? await createTestCa() : undefined;
        await withPeer(subject, answering({ upgrade }), async ({ peer, transport }) => {
          const connecting = transport.connect(requestFor(peer.url));
          if (isDenos) {
            const error = await failure(connecting, ConnectError);
            assert.match(error.message, /Connection header/);
            assert.match(error.message, /createWsTransport of "@acs\/session\/ws"/);
          } else {
            const connection = await connecting;
            const recorder = new Recorder();
            connection.listen(recorder);
            assert.deepEqual(await recorder.received(1), ["hello"]);
            await connection.close(1000, "");
          }
          await within(peer.allClosed(), "every socket to close");
        }, { tls });
      });
    }

    for (const [what, answer, words] of REFUSED) {
      test(`An upgrade over ${scheme} answered ${what} is refused with a clear message (${subject.name})`, async () => {
        const tls = scheme === "wss" ? await createTestCa() : undefined;
        let requests = 0;
        const behave = async (connection: RawConnection) => {
          await connection.readRequest();
          requests++;
          await answering(answer)(connection);
        };
        await withPeer(subject, behave, async ({ peer, transport }) => {
          const error = await failure(transport.connect(requestFor(peer.url)), ConnectError);
          // Over TLS, Deno does not say as much.
          if (!isDenos || scheme === "ws") assert.match(error.message, words);
          assert.doesNotMatch(error.message, /built-in WebSocket cannot be used/);
          await within(peer.allClosed(), "every socket to close");
          assert.ok(requests <= (isDenos && scheme === "wss" ? 2 : 1), `${requests} requests`);
        }, { tls });
      });
    }
  }

  test(`A refused upgrade over TLS takes as few connections as possible (${subject.name})`, async () => {
    const tls = await createTestCa();
    const refuse = async (connection: RawConnection) => {
      await connection.refuse(403);
    };
    await withPeer(subject, refuse, async ({ peer, transport }) => {
      await failure(transport.connect(requestFor(peer.url)), UpgradeRefusedError);
      assert.equal(peer.accepted, isDenos ? 2 : 1);
    }, { tls });
  });
}
