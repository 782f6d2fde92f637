/**
 * An agent as its author would write it, to check that the package's types are complete. It is
 * compiled, never run.
 *
 * @module
 */

import { Session, type SessionOptions } from "@acs/session";
import { AcsEmulator, EXAMPLE_CREDENTIALS, samplePayload } from "@acs/session/emulator";
import { main } from "@acs/session/cli";
import * as webSockets from "@acs/session/ws";

const options: SessionOptions = {
  region: "us-west-2",
  containerInstanceArn: "arn:aws:ecs:us-west-2:123456789012:container-instance/default/0123",
  credentials: () => Promise.resolve(EXAMPLE_CREDENTIALS),
  agentVersion: "1.0.0",
  payloadMessageHandler: {
    async processMessage(message, ack) {
      const families: (string | null | undefined)[] = message.tasks?.map((task) => task?.family) ??
        [];
      void families;
      await ack();
    },
  },
};

/** Runs a session against the emulator. */
export async function play(): Promise<number> {
  const emulator = await AcsEmulator.listen();
  const session = new Session({ ...options, endpoint: emulator.url });
  session.addEventListener("connected", ({ detail }) => {
    const host: string = detail.host;
    void host;
  });
  const stop = new AbortController();
  const running = session.start({ signal: stop.signal });
  await emulator.sendPayload(samplePayload()).acked;
  const ready: boolean = session.health().ready;
  void ready;
  // @ts-expect-error: there is no such state, and the types say so.
  void (session.state.status === "asleep");
  await session.stop();
  await running;
  await emulator.close();
  return main(["--version"]);
}

/** Everything that the other transport exports. */
export const transports: object = webSockets;
