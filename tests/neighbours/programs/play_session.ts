/**
 * A session with our emulator, as an agent would run it: every program in this folder runs it while
 * a neighbour is in its process.
 *
 * @module
 */

import { Session, type SessionOptions } from "@acs/session";
import {
  AcsEmulator,
  EXAMPLE_CREDENTIALS,
  SAMPLE_CONTAINER_INSTANCE_ARN,
  samplePayload,
} from "@acs/session/emulator";

/** What a program does at the turning points of a session. */
export interface Hooks {
  /** Options of the session, in addition to those that connect it to the emulator. */
  readonly options?: Partial<SessionOptions>;
  /** Runs once the session is created and before it is started. */
  readonly beforeStart?: () => unknown;
  /** Runs once the session is connected and has acknowledged a payload. */
  readonly whileConnected?: () => unknown;
}

/**
 * Creates a session, connects it, makes it acknowledge a payload, closes its connection, waits for
 * the next one, makes it acknowledge another payload, and stops it.
 *
 * @throws If one of these does not happen; a program that waits forever is killed by its runner.
 */
export async function playSession(hooks: Hooks = {}): Promise<void> {
  const emulator = await AcsEmulator.listen();
  const session = new Session({
    region: "us-west-2",
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
    credentials: EXAMPLE_CREDENTIALS,
    endpoint: emulator.url,
    agentVersion: "1.0.0",
    payloadMessageHandler: { processMessage: (_message, ack) => ack() },
    ...hooks.options,
  });
  const failures: string[] = [];
  session.addEventListener("connectfailed", ({ detail }) => failures.push(String(detail.error)));
  await hooks.beforeStart?.();
  const running = session.start();
  await emulator.sendPayload(samplePayload()).acked;
  await hooks.whileConnected?.();
  emulator.closeConnections();
  await emulator.sendPayload(samplePayload()).acked;
  await session.stop();
  await running;
  await emulator.close();
  if (failures.length > 0) throw new Error(`an attempt to connect failed: ${failures.join("; ")}`);
}
