/**
 * Whatever a peer sends, the session keeps running: it answers valid messages and nothing else,
 * answers a heartbeat afterwards, and its memory is released.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { expectedAnswers } from "../testing/fuzz/expected_answers.ts";
import { fuzz, FUZZ_SEED } from "../testing/fuzz/fuzz_settings.ts";
import { MEMORY_TOLERANCE, withFuzzedSession } from "../testing/fuzz/fuzzed_session.ts";
import { hostileFrame } from "../testing/hostile/hostile_frames.ts";
import { memoryInUse } from "../testing/measuring/memory.ts";
import { print } from "../testing/print.ts";
import { test } from "../testing/test.ts";

const FRAMES_IN_ALL = 200_000;
const FRAMES_AT_ONCE = 100;

test("200,000 hostile frames: only valid ones are acknowledged, and the session keeps running", () =>
  withFuzzedSession({}, async ({ send, assertAlive, dropped }) => {
    const batch = fc.array(hostileFrame, {
      minLength: FRAMES_AT_ONCE,
      maxLength: FRAMES_AT_ONCE,
    });
    let answered = 0;
    const property = fc.asyncProperty(batch, async (frames) => {
      const expected = frames.map(expectedAnswers);
      const answers = await send(frames);
      for (const [index, each] of expected.entries()) {
        assert.ok(each.every((answer) => answers.has(answer)), `not answered: ${frames[index]}`);
      }
      const allowed = new Set(expected.flat());
      for (const answer of answers) assert.ok(allowed.has(answer), `answered: ${answer}`);
      await assertAlive();
      answered += answers.size;
    });
    const runs = FRAMES_IN_ALL / FRAMES_AT_ONCE / 2;
    // The frame generator itself caches about 10 MB before it stops growing.
    await fuzz(property, runs);
    const before = await memoryInUse();
    await fuzz(property, runs, FUZZ_SEED + 1);
    const grown = await memoryInUse() - before;
    const drops = [...dropped].map(([reason, count]) => `${count} ${reason}`).join(", ");
    print(`  ${answered} answered, ${drops}; ${grown} bytes more in use than halfway`);
    assert.ok(grown < MEMORY_TOLERANCE, `${grown} bytes were not released`);
    assert.ok(answered > FRAMES_IN_ALL / 20, `${answered} were valid`);
    assert.deepEqual([...dropped.keys()].sort(), [
      "invalid",
      "undecodable",
      "unhandled",
      "unknown",
    ]);
  }));
