/**
 * Frames of maximum size and depth: the session keeps running, and none of them stays in memory.
 */

import assert from "node:assert/strict";
import { MEMORY_TOLERANCE, withFuzzedSession } from "../testing/fuzz/fuzzed_session.ts";
import { enormousFrames } from "../testing/hostile/hostile_frames.ts";
import { memoryInUse } from "../testing/measuring/memory.ts";
import { test } from "../testing/test.ts";

test("Frames of 4 MB and of 100,000 levels leave nothing behind, whatever they contain", () =>
  withFuzzedSession({}, async ({ send, assertAlive }) => {
    const before = await memoryInUse();
    for (const frame of enormousFrames()) {
      await send([frame]);
      await assertAlive();
    }
    const grown = await memoryInUse() - before;
    assert.ok(grown < MEMORY_TOLERANCE, `${grown} bytes were not released`);
  }));

test("Handlers that fail with a whole enormous message in their error do no harm either", () => {
  const fail = (message: unknown): never => {
    throw new Error(`cannot handle ${shallow(message)}`, { cause: message });
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

/** As JSON, unless it is nested too deep for that. */
function shallow(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "something deep";
  }
}
