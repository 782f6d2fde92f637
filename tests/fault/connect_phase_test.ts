import assert from "node:assert/strict";
import type { ConnectPhase } from "../../errors.ts";
import {
  encodeFrame,
  OPCODE,
  type RawConnection,
  startRawPeer,
} from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import { createTestCa } from "../testing/sockets/test_ca.ts";
import { ON_DENO, requestFor, type Subject, SUBJECTS, within } from "./transports_under_test.ts";

/** Accepts, answers a close, and ends. */
async function serve(connection: RawConnection): Promise<void> {
  await connection.accept();
  const { payload } = await connection.readFrame();
  connection.write(encodeFrame(OPCODE.close, payload));
  connection.end();
  await connection.ended;
}

/** Connects and closes; or aborts once the peer has seen enough. */
async function phasesOf(
  subject: Subject,
  url: string,
  signal = new AbortController().signal,
): Promise<ConnectPhase[]> {
  const phases: ConnectPhase[] = [];
  const { transport, dispose } = subject.create();
  const progress = (phase: ConnectPhase) => {
    if (phases.at(-1) !== phase) phases.push(phase);
  };
  try {
    const connection = await within(
      transport.connect({ ...requestFor(url, signal), progress }),
      "the connection",
    );
    await connection.close(1000, "");
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await dispose();
  }
  return phases;
}

for (const subject of SUBJECTS) {
  // Deno's WebSocket does not expose the phases.
  if (ON_DENO && subject.name === "native") continue;

  test(`Each phase of a connection attempt is reported (${subject.name})`, async () => {
    const peer = await startRawPeer(serve);
    try {
      assert.deepEqual(await phasesOf(subject, peer.url), ["tcp", "upgrade"]);
      const byName = peer.url.replace("127.0.0.1", "localhost");
      const expected = [...(ON_DENO ? [] : ["lookup"]), "tcp", "upgrade"];
      assert.deepEqual(await phasesOf(subject, byName), expected);
    } finally {
      await peer.close();
    }
  });

  test(`A peer that stalls in the TLS handshake is reported as such (${subject.name})`, async () => {
    const controller = new AbortController();
    const peer = await startRawPeer(async (connection) => {
      // The client's first flight, which is never answered.
      connection.socket.once("data", () => controller.abort());
      await connection.ended;
    });
    try {
      const url = peer.url.replace("ws:", "wss:");
      assert.deepEqual(await phasesOf(subject, url, controller.signal), ["tcp", "tls"]);
      await within(peer.allClosed(), "every socket to close");
    } finally {
      await peer.close();
    }
  });

  test(`A peer that stalls in the upgrade is reported as such, even over TLS (${subject.name})`, async () => {
    const tls = await createTestCa();
    const controller = new AbortController();
    const peer = await startRawPeer(async (connection) => {
      await connection.readRequest();
      controller.abort();
      await connection.ended;
    }, { tls });
    const trusting: Subject = { ...subject, create: () => subject.create({ ca: tls.ca }) };
    try {
      const phases = await phasesOf(trusting, peer.url, controller.signal);
      assert.equal(phases.at(-1), "upgrade");
    } finally {
      await peer.close();
    }
  });
}
