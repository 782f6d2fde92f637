/**
 * Frames as large and as deep as they may be: the session lives, and nothing of them stays.
 */

import assert from "node:assert/strict";
import { MEMORY_TOLERANCE, withFuzzedSession } from "../testing/fuzzed_session.ts";
import { enormousFrames } from "../testing/hostile_frames.ts";
import { memoryInUse } from "../testing/memory.ts";
import { test } from "../testing/test.ts";

test("Frames of 4 MB and of 100,000 levels leave nothing behind, whatever they are", () =>
  withFuzzedSession({}, async ({ send, assertAlive }) => {
    const before = await memoryInUse();
    for (const frame of enormousFrames()) {
      await send([frame]);
      await assertAlive();
    }
    const grown = await memoryInUse() - before;
    assert.ok(grown < MEMORY_TOLERANCE, `${grown} bytes have stayed`);
  }));

test("Handlers that fail with all of an enormous message in their error do no harm either", () => {
  const fail = (message: unknown): never => {
    throw new Error(`cannot take ${shallow(message)}`, { cause: message });
  };
  return withFuzzedSession({
    payloadMessageHandler: { processMessage: fail },
    eniHandler: { handleEniAttachment: fail },
    resourceHandler: { handleResourceAttachment: fail },
    taskComparer: { compareRunningTasksOnInstanceWithManifest: fail },
    taskStopper: { stopTask: fail },
    updateHandler: { stageUpdate: fail, performUpdate: fail },
  }, async ({ send, assertAlive, dropped }) => {
    for (const frame of enormousFrames()) {
      const answers = await send([frame]);
      for (const answer of answers) assert.doesNotMatch(answer, /^AckRequest env/);
      await assertAlive();
    }
    assert.ok((dropped.get("failed") ?? 0) >= 10);
  });
});

/** As JSON, where it is not nested too deep for that. */
function shallow(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "something deep";
  }
}
