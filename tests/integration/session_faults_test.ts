/** A session survives every fault of the emulator: a payload is acknowledged in the end. */

import assert from "node:assert/strict";
import {
  AcsEmulator,
  type ConnectionFault,
  EXAMPLE_CREDENTIALS,
  type Fault,
  SAMPLE_CONTAINER_INSTANCE_ARN,
  samplePayload,
} from "../../emulator/mod.ts";
import { Session } from "../../session/session.ts";
import { test } from "../testing/test.ts";

/** Times so short that waiting costs a test nothing; a real session is more patient. */
const TIMING = {
  connectTimeoutMs: 500,
  discoverTimeoutMs: 500,
  idleTimeoutMs: 300,
  idleJitterMs: 0,
  backoffMinMs: 1,
  backoffMaxMs: 20,
};

/**
 * Runs a session against an emulator whose heartbeats are much more frequent than the idle timeout.
 */
async function withSession(
  fn: (emulator: AcsEmulator) => Promise<void>,
): Promise<void> {
  const emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 100 });
  const session = new Session({
    region: "us-west-2",
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
    credentials: EXAMPLE_CREDENTIALS,
    agentVersion: "1.0.0",
    endpoint: emulator.url,
    timing: TIMING,
    payloadMessageHandler: { processMessage: (_message, ack) => ack() },
  });
  const running = session.start();
  try {
    await emulator.waitForMessage("HeartbeatAckRequest");
    await fn(emulator);
    assert.notEqual(session.state.status, "stopped");
  } finally {
    await session.stop();
    await running;
    await emulator.close();
  }
}

const ON_CONNECTIONS: readonly ConnectionFault[] = [
  { at: "connection", action: "close" },
  { at: "connection", action: "close", code: null },
  { at: "connection", action: "close", code: 0 },
  { at: "connection", action: "close", code: 1006 },
  { at: "connection", action: "close", code: 1011 },
  { at: "connection", action: "close", code: 65_535 },
  { at: "connection", action: "end" },
  { at: "connection", action: "reset" },
  { at: "connection", action: "stall" },
  { at: "connection", action: "slowRead", bytesPerSecond: 2_000 },
  { at: "connection", action: "halfFrame" },
  { at: "connection", action: "halfFrame", then: "end" },
  { at: "connection", action: "halfFrame", then: "reset" },
  { at: "connection", action: "garbage" },
  { at: "connection", action: "fragment", bytes: 100 },
  { at: "connection", action: "oversized", bytes: 8_000_000 },
  { at: "connection", action: "delay", ms: 50 },
  { at: "connection", action: "duplicate" },
  { at: "connection", action: "reorder" },
];

for (const fault of ON_CONNECTIONS) {
  const { at: _, ...rest } = fault;
  const name = Object.values(rest).map(String).join(" ");
  test(
    `A session survives "${name}" on an open connection, and on the next one`,
    () =>
      withSession(async (emulator) => {
        emulator.injectFault(fault);
        await emulator.sendPayload(samplePayload(1)).acked;

        emulator.clearFaults();
        emulator.injectFault(fault, { next: 1 });
        const hit = emulator.waitFor("fault");
        emulator.endConnections();
        await hit;
        await emulator.sendPayload(samplePayload(2)).acked;
      }),
  );
}

const ON_REQUESTS: readonly Fault[] = [
  { at: "upgrade", action: "refuse", status: 503, body: "<h1>Unavailable</h1>" },
  { at: "upgrade", action: "refuse", status: 400, exception: "ServerException", framed: false },
  { at: "upgrade", action: "hang" },
  { at: "upgrade", action: "hang", after: "head" },
  { at: "upgrade", action: "end" },
  { at: "upgrade", action: "reset" },
  { at: "discover", action: "refuse" },
  { at: "discover", action: "refuse", status: 200, body: "not JSON" },
  { at: "discover", action: "hang" },
  { at: "discover", action: "endpoint" },
  { at: "discover", action: "endpoint", endpoint: "not a URL" },
  { at: "discover", action: "endpoint", endpoint: "ftp://127.0.0.1/" },
  { at: "discover", action: "endpoint", endpoint: "http://127.0.0.1:1/" },
  { at: "discover", action: "end" },
  { at: "discover", action: "reset" },
];

for (const fault of ON_REQUESTS) {
  const name = Object.values(fault).join(" ");
  test(`A session survives "${name}"`, () =>
    withSession(async (emulator) => {
      const hit = emulator.waitFor("fault", { where: ({ fault: { at } }) => at === fault.at });
      // The endpoint is rediscovered only after several connections have failed.
      if (fault.at === "discover") {
        emulator.injectFault({ at: "upgrade", action: "end" }, { next: 10 });
      }
      emulator.injectFault(fault, { next: 2 });
      emulator.resetConnections();
      await hit;
      await emulator.sendPayload(samplePayload()).acked;
    }));
}
