/** TCP ends cleanly (FIN), is reset (RST) or stalls, in each phase of a connection's life. */

import { turns, until } from "../../testing/fakes/fake_time.ts";
import { encodeFrame, OPCODE, type RawConnection } from "../../testing/sockets/raw_peer.ts";
import { BACKOFF, type FaultScene, matrix, type Row } from "./fault_row.ts";
import type { Behavior } from "./broken_service.ts";

const SECOND = 1000;

/** Brings a connection into a phase. */
type Phase = Behavior;

const beforeUpgrade: Phase = () => {};

const duringUpgrade: Phase = async (connection) => {
  await connection.readRequest();
  connection.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso");
};

const afterUpgrade: Phase = (connection, service) => service.greet(connection);

const withinFrame: Phase = async (connection, service) => {
  await service.greet(connection);
  connection.write(encodeFrame(OPCODE.text, '{"type":"HeartbeatMessage"}').subarray(0, 9));
};

/** The first bytes of the acknowledgement have arrived, and nothing further is read. */
const withinAck: Phase = async (connection, service) => {
  const { socket } = connection;
  await service.greet(connection, { reads: false });
  await new Promise<void>((resolve) => socket.once("data", () => resolve()));
  socket.pause();
};

/** Ends the connection, resets it, or leaves it as it is, once it is in the phase. */
function then(phase: Phase, how: "end" | "reset" | "stall"): Behavior {
  return async (connection, service) => {
    await phase(connection, service);
    // The bytes must be on their way before a reset, which would discard them.
    await turns(3);
    if (how !== "stall") connection[how]();
  };
}

/** Waits until ACS has been reached, and then for the given time. */
function reachedAndPass(ms: number): NonNullable<Row["meanwhile"]> {
  return async ({ stage, service }) => {
    await until(() => service.reached.acs > 0, "ACS is reached");
    await stage.time.advance(ms);
  };
}

/** Waits until the payload has arrived, and then for the given time. */
function receivedAndPass(ms: number): NonNullable<Row["meanwhile"]> {
  return async ({ stage }) => {
    await until(() => stage.eventsOf("received").length > 0, "the payload is received");
    await stage.time.advance(ms);
  };
}

const FAILED = { stage: "connect", name: "ConnectError", retryable: true } as const;
const HOST = /127\.0\.0\.1/;
const EOF = "the peer ended the stream without a close frame";
const RESET = /^ConnectError \(ACS-N04, ECONNRESET\): lost the connection to 127\.0\.0\.1/;
const IDLE = "no frame was received within the idle timeout (timing.idleTimeoutMs and jitter)";
const TIMED_OUT = { systemCode: "ETIMEDOUT", message: /did not (complete|finish).* in 30000 ms/ };
const overTls = (peerUrl: string) => peerUrl.replace("http:", "https:");

/** The dead endpoint is tried more than once. */
const stallOnce: Behavior = (connection) => {
  if (connection.number > 1) connection.end();
};

matrix([
  {
    fault: "FIN before the upgrade",
    acs: then(beforeUpgrade, "end"),
    failed: { ...FAILED, message: HOST },
    next: BACKOFF,
  },
  {
    fault: "RST before the upgrade",
    acs: then(beforeUpgrade, "reset"),
    failed: { ...FAILED, message: HOST, systemCode: "ECONNRESET" },
    next: BACKOFF,
  },
  {
    fault: "A stall before the upgrade",
    acs: then(beforeUpgrade, "stall"),
    meanwhile: reachedAndPass(30 * SECOND),
    failed: { ...FAILED, ...TIMED_OUT },
    next: BACKOFF,
  },
  {
    fault: "FIN within the TLS handshake",
    deadEnd: { url: overTls, behave: then(beforeUpgrade, "end") },
    failed: { ...FAILED, message: HOST },
    next: BACKOFF,
  },
  {
    fault: "RST within the TLS handshake",
    deadEnd: { url: overTls, behave: then(beforeUpgrade, "reset") },
    failed: { ...FAILED, message: HOST, systemCode: "ECONNRESET" },
    next: BACKOFF,
  },
  {
    fault: "A stall within the TLS handshake",
    deadEnd: { url: overTls, behave: stallOnce },
    meanwhile: reachedAndPass(30 * SECOND),
    failed: { ...FAILED, ...TIMED_OUT },
    next: BACKOFF,
  },
  {
    fault: "FIN within the answer to the upgrade",
    acs: then(duringUpgrade, "end"),
    failed: { ...FAILED, message: HOST },
    next: BACKOFF,
  },
  {
    fault: "RST within the answer to the upgrade",
    acs: then(duringUpgrade, "reset"),
    failed: { ...FAILED, message: HOST, systemCode: "ECONNRESET" },
    next: BACKOFF,
  },
  {
    fault: "A stall within the answer to the upgrade",
    acs: then(duringUpgrade, "stall"),
    meanwhile: reachedAndPass(30 * SECOND),
    failed: { ...FAILED, ...TIMED_OUT },
    next: BACKOFF,
  },
  {
    fault: "FIN after the upgrade",
    acs: then(afterUpgrade, "end"),
    ended: { clean: true, reason: EOF },
    next: "immediately",
  },
  {
    fault: "RST after the upgrade",
    acs: then(afterUpgrade, "reset"),
    ended: { clean: false, reason: RESET },
    next: BACKOFF,
  },
  {
    fault: "A peer that is silent after the upgrade, as a half-open connection is",
    acs: then(afterUpgrade, "stall"),
    meanwhile: receivedAndPass(60 * SECOND),
    ended: { clean: false, reason: IDLE, livedMs: 60 * SECOND },
    next: BACKOFF,
  },
  {
    fault: "FIN within a frame",
    acs: then(withinFrame, "end"),
    ended: { clean: true, reason: EOF },
    next: "immediately",
  },
  {
    fault: "RST within a frame",
    acs: then(withinFrame, "reset"),
    ended: { clean: false, reason: RESET },
    next: BACKOFF,
  },
  {
    fault: "A stall within a frame",
    acs: then(withinFrame, "stall"),
    meanwhile: receivedAndPass(60 * SECOND),
    ended: { clean: false, reason: IDLE, livedMs: 60 * SECOND },
    next: BACKOFF,
  },
  {
    fault: "FIN while an acknowledgement is sent",
    acs: then(withinAck, "end"),
    acksAtOnce: true,
    ended: { clean: true, reason: EOF },
    next: "immediately",
  },
  {
    fault: "RST while an acknowledgement is sent",
    acs: then(withinAck, "reset"),
    acksAtOnce: true,
    ended: { clean: false, reason: RESET },
    next: BACKOFF,
  },
  {
    fault: "A stall while an acknowledgement is sent",
    acs: then(withinAck, "stall"),
    acksAtOnce: true,
    meanwhile: async (scene) => {
      await until(() => scene.stage.eventsOf("sent").length > 0, "the acknowledgement is sent");
      await scene.stage.time.advance(60 * SECOND);
    },
    ended: { clean: false, reason: IDLE, livedMs: 60 * SECOND },
    next: BACKOFF,
  },
  stopsReading(),
]);

/** A peer that keeps sending heartbeats and reads no answer to them. */
function stopsReading(): Row {
  let connection: RawConnection | undefined;
  const heartbeat = (messageId: string) =>
    connection?.sendText(JSON.stringify({ type: "HeartbeatMessage", message: { messageId } }));

  const hasReceived = ({ stage }: FaultScene, count: number) =>
    stage.eventsOf("received").length >= count;
  const isReceived = (scene: FaultScene, count: number) =>
    until(() => hasReceived(scene, count), `frame ${count} is received`);

  return {
    fault: "A peer that stops reading",
    async acs(accepted, service) {
      connection = accepted;
      await service.greet(accepted, { reads: false });
      accepted.socket.pause();
    },
    async meanwhile(scene) {
      await isReceived(scene, 1);
      // The answers repeat the ids: too much for the buffers of both sides.
      for (let count = 0; count < 200; count++) heartbeat("x".repeat(60_000));
      // Large frames wait for event loop turns, which timers reveal.
      for (let ms = 0; ms < 10_000 && !hasReceived(scene, 201); ms++) {
        await scene.stage.time.advance(1);
      }
      // The last bytes are read in the first 60 s at most, and none in the next 180 s. Meanwhile,
      // heartbeats keep the idle timeout from expiring.
      const hasEnded = () => scene.stage.eventsOf("disconnected").length > 0;
      for (let count = 1; count <= 8 && !hasEnded(); count++) {
        heartbeat("short");
        await isReceived(scene, 201 + count);
        await scene.stage.time.advance(30 * SECOND);
      }
    },
    ended: {
      clean: false,
      reason: "the peer accepted no data within the write timeout (timing.writeTimeoutMs)",
    },
    next: BACKOFF,
  };
}
