/**
 * A session connected to the emulator, for faults in the agent's own code.
 *
 * @module
 */

import { AcsEmulator, EXAMPLE_CREDENTIALS, type PostedMessage } from "../../../emulator/mod.ts";
import type { SessionOptions } from "../../../session/options.ts";
import { until } from "../../testing/fakes/fake_time.ts";
import type { SessionStage } from "../../testing/fakes/session_stage.ts";
import { withBrokenService } from "./fault_row.ts";

/** A session with its emulator, under fake time. */
export interface EmulatorScene {
  readonly emulator: AcsEmulator;
  readonly stage: SessionStage;
  /** Waits for an acknowledgement. */
  acked(posted: PostedMessage): Promise<void>;
}

/** Runs a test with both; by default the session's payload handler acknowledges immediately. */
export async function withEmulator(
  options: Partial<SessionOptions>,
  fn: (scene: EmulatorScene) => Promise<void>,
): Promise<void> {
  const emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const acked = async (posted: PostedMessage) => {
    const isAcked = watch(posted);
    await until(isAcked, "an acknowledgement");
  };
  try {
    await withBrokenService({
      options: {
        payloadMessageHandler: { processMessage: (_message, ack) => ack() },
        ...options,
        credentials: EXAMPLE_CREDENTIALS,
        endpoint: emulator.url,
        fetch: (_url, init) => fetch(emulator.url, init),
      },
    }, async ({ stage }) => {
      stage.start();
      await until(() => stage.eventsOf("connected").length > 0, "the session is connected");
      await fn({ emulator, stage, acked });
    });
  } finally {
    await emulator.close();
  }
}

/** Returns a function that says whether a message has been acknowledged. */
export function watch({ acked }: PostedMessage): () => boolean {
  let isAcked = false;
  // It rejects if the emulator closes first.
  acked.then(() => isAcked = true, () => {});
  return () => isAcked;
}
