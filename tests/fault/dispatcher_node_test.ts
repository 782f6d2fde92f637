import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ConnectError } from "../../errors.ts";
import { UpgradeRefusedError } from "../../wsclient/upgrade_refused_error.ts";
import { createNativeTransport, nativeTransport } from "../../wsclient/transports/native.ts";
import {
  encodeFrame,
  OPCODE,
  type RawConnection,
  startRawPeer,
} from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import { createTestCa } from "../testing/sockets/test_ca.ts";
import { failure, ON_DENO, Recorder, requestFor, within } from "./transports_under_test.ts";
import { createDispatcher, globalDispatcherKey, trusting } from "./trust.ts";

/** Accepts, answers a close, and ends. */
async function serve(connection: RawConnection): Promise<void> {
  await connection.accept({ headers: ["Date: Tue, 24 Nov 2026 05:45:00 GMT"] });
  const { payload } = await connection.readFrame();
  connection.write(encodeFrame(OPCODE.close, payload));
  connection.end();
  await connection.ended;
}

/** A dispatcher that fails and never calls its handler. */
const mute = {
  dispatch(): boolean {
    throw new Error("out of order");
  },
};

function describe(dispatcher: object): string {
  return dispatcher === mute ? "throws" : "is none";
}

if (!ON_DENO) {
  test("A garbage collection while connecting does not cause a second request after a refusal", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage: unknown = runInNewContext("gc");
    assert.ok(typeof collectGarbage === "function");
    const peer = await startRawPeer(async (connection) => {
      await connection.readRequest();
      collectGarbage();
      await connection.refuse(403);
    });
    try {
      await failure(nativeTransport.connect(requestFor(peer.url)), UpgradeRefusedError);
      await within(peer.allClosed(), "every socket to close");
      assert.equal(peer.accepted, 1);
    } finally {
      await peer.close();
    }
  });

  for (const dispatcher of [mute, {}]) {
    test(`A dispatcher given in the options that ${describe(dispatcher)} is an error that names @acs/session/ws`, async () => {
      const peer = await startRawPeer(serve);
      try {
        const transport = createNativeTransport({ webSocketOptions: { dispatcher } });
        const error = await failure(transport.connect(requestFor(peer.url)), ConnectError);
        assert.equal(error.retryable, false);
        assert.match(error.message, /webSocketOptions\.dispatcher/);
        assert.match(error.message, /createWsTransport of "@acs\/session\/ws"/);
        assert.match(error.message, /agent, ca, cert and key/);
        assert.equal(peer.accepted, 0);
      } finally {
        await peer.close();
      }
    });
  }

  test("A global dispatcher that the application has set is used, and keeps working", async () => {
    const tls = await createTestCa();
    const peer = await startRawPeer(serve, { tls });
    const key = globalDispatcherKey();
    const before: unknown = Reflect.get(globalThis, key);
    const own = createDispatcher({ connect: { ca: tls.ca } });
    try {
      Reflect.set(globalThis, key, own);
      for (let i = 0; i < 2; i++) {
        const connection = await nativeTransport.connect(requestFor(peer.url));
        connection.listen(new Recorder());
        connection.close(1000, "");
        await within(peer.allClosed(), "every socket to close");
      }
    } finally {
      Reflect.set(globalThis, key, before);
      await peer.close();
    }
  });

  test("A dispatcher given in the options keeps working after refusals, aborts and closes", async () => {
    const tls = await createTestCa();
    const trust = trusting(tls.ca);
    const controller = new AbortController();
    const peer = await startRawPeer(async (connection) => {
      const { line } = await connection.readRequest();
      if (line.includes("/refused/")) return void await connection.refuse(503);
      if (line.includes("/open/")) return await serve(connection);
      controller.abort();
      await connection.ended;
    }, { tls });
    try {
      const transport = createNativeTransport({ webSocketOptions: trust.webSocketOptions });
      await failure(transport.connect(requestFor(`${peer.url}/refused`)), UpgradeRefusedError);
      const aborted = requestFor(`${peer.url}/aborted`, controller.signal);
      await assert.rejects(within(transport.connect(aborted), "the abort"));
      const connection = await within(
        transport.connect(requestFor(`${peer.url}/open`)),
        "the connection",
      );
      connection.close(1000, "");
      // The owner is responsible for its connection pool: the last connections close only with it.
      await trust.close();
      await within(peer.allClosed(), "every socket to close");
    } finally {
      await peer.close();
    }
  });
}
