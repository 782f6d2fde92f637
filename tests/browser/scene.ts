/**
 * An emulator with agents, for tests and screenshots of the console.
 *
 * @module
 */

import {
  AcsEmulator,
  type EmulatorOptions,
  EXAMPLE_CREDENTIALS,
  SAMPLE_CLUSTER_ARN,
  SAMPLE_CONTAINER_INSTANCE_ARN,
} from "../../emulator/mod.ts";
import { Session } from "../../mod.ts";
import { delay } from "../../internal/delay.ts";
import { expectRefusal, TestAgent } from "../emulator/test_agent.ts";

/** A second container instance. */
export const OTHER_INSTANCE_ARN: string = SAMPLE_CONTAINER_INSTANCE_ARN.replace(
  /.{6}$/,
  "b0bca7",
);

/** A container instance with an agent that does not sign its requests. */
const UNSIGNED_INSTANCE_ARN = SAMPLE_CONTAINER_INSTANCE_ARN.replace(/.{6}$/, "5ea1ed");

/** An emulator with a well-behaved agent. */
export interface Scene extends AsyncDisposable {
  /** The emulator. */
  readonly emulator: AcsEmulator;
  /** The agent, on the sample instance. */
  readonly session: Session;
}

/** Starts an emulator and an agent that acknowledges everything. */
export async function startScene(options: EmulatorOptions = {}): Promise<Scene> {
  const emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0, ...options });
  const stopped = new AbortController();
  const session = startAgent(emulator, stopped.signal);
  await emulator.waitForConnection();
  return {
    emulator,
    session,
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await session.stop();
      await emulator.close();
    },
  };
}

/** Starts an agent that acknowledges everything after a short delay. */
function startAgent(emulator: AcsEmulator, stopped: AbortSignal): Session {
  const session = new Session({
    endpoint: emulator.url,
    region: "us-west-2",
    cluster: SAMPLE_CLUSTER_ARN,
    credentials: EXAMPLE_CREDENTIALS,
    containerInstanceArn: SAMPLE_CONTAINER_INSTANCE_ARN,
    agentVersion: "1.0.0",
    payloadMessageHandler: {
      async processMessage(_message, ack) {
        await delay(4 + 30 * Math.random(), stopped);
        await ack();
      },
    },
  });
  void session.start();
  return session;
}

/** Causes everything that the console can show, within a few seconds. */
export async function playScene(emulator: AcsEmulator): Promise<void> {
  const other = await TestAgent.connect(emulator, {
    query: { containerInstanceArn: OTHER_INSTANCE_ARN, agentVersion: "2.1.0" },
  });
  const containerInstanceArn = SAMPLE_CONTAINER_INSTANCE_ARN;
  const acked = async (family: string) => {
    const { messageId, taskArn } = emulator.runTask({ containerInstanceArn, task: { family } });
    await emulator.expectAck(messageId);
    return taskArn;
  };
  const web = await acked("web");
  await acked("job");
  for (let count = 0; count < 14; count++) {
    const { messageId } = emulator.sendHeartbeat({}, { containerInstanceArn });
    await emulator.expectAck(messageId);
  }
  emulator.rotateCredentials(web);
  other.send("AckRequest", {
    cluster: SAMPLE_CLUSTER_ARN,
    containerInstance: OTHER_INSTANCE_ARN,
    messageId: "nope",
  });
  await emulator.waitFor("problem");
  await expectRefusal(emulator, {
    headers: { "user-agent": "my-agent/0.1" },
    query: { containerInstanceArn: UNSIGNED_INSTANCE_ARN },
  });
  const connected = emulator.waitFor("connected");
  emulator.injectFault({ at: "connection", action: "reset" }, { containerInstanceArn });
  await connected;
  emulator.injectFault({ at: "connection", action: "delay", ms: 40 }, { containerInstanceArn });
  emulator.injectFault({ at: "upgrade", action: "refuse", status: 500 }, { next: 2 });
  emulator.stopTask(web);
  await acked("worker");
  for (let count = 0; count < 9; count++) {
    const { messageId } = emulator.sendHeartbeat({}, { containerInstanceArn });
    await emulator.expectAck(messageId);
  }
  emulator.runTask({ containerInstanceArn: OTHER_INSTANCE_ARN, task: { family: "batch" } });
}
