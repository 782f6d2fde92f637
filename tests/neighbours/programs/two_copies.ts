/**
 * Two copies of our package in one process: the session is from one, the transport from the other:
 * `two_copies.js <other copy>`.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { Session, type Transport } from "@acs/session";
import {
  AcsEmulator,
  EXAMPLE_CREDENTIALS,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "@acs/session/emulator";
import { playSession } from "./play_session.ts";

const [copy = "@acs/session"] = process.argv.slice(2);
const other = await import(copy);
const otherWs = await import(`${copy}/ws`);
assert.notEqual(other.Session, Session);

const transports: Transport[] = [other.createNativeTransport(), otherWs.createWsTransport()];
for (const transport of transports) {
  await playSession({ options: { transport } });
  await waitForHourWhenInactive(transport);
}

/** A deregistered instance: the agent is notified and the session waits for an hour. */
async function waitForHourWhenInactive(transport: Transport): Promise<void> {
  const emulator = await AcsEmulator.listen();
  emulator.refuseNextUpgrade({ exception: "InactiveInstanceException", next: 10 });
  let callbacks = 0;
  const session = new Session({
    region: "us-west-2",
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
    credentials: EXAMPLE_CREDENTIALS,
    endpoint: emulator.url,
    agentVersion: "1.0.0",
    transport,
    inactiveInstanceCallback: () => void callbacks++,
  });
  const waited = new Promise((resolve) => {
    session.addEventListener("waiting", ({ detail }) => resolve(detail));
  });
  const running = session.start();
  assert.deepEqual(await waited, { reason: "inactive", delayMs: 3_600_000 });
  await session.stop();
  await running;
  await emulator.close();
  assert.equal(callbacks, 1);
}
