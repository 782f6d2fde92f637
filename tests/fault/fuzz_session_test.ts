/**
 * Whatever a peer sends, the session lives: it answers what is valid and nothing else, answers a
 * heartbeat afterwards, and its memory comes back.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { expectedAnswers } from "../testing/expected_answers.ts";
import { fuzz, FUZZ_SEED } from "../testing/fuzz_settings.ts";
import { MEMORY_TOLERANCE, withFuzzedSession } from "../testing/fuzzed_session.ts";
import { hostileFrame } from "../testing/hostile_frames.ts";
import { memoryInUse } from "../testing/memory.ts";
import { print } from "../testing/print.ts";
import { test } from "../testing/test.ts";

const FRAMES_IN_ALL = 200_000;
const FRAMES_AT_ONCE = 100;

test("200,000 hostile frames: only what is valid is acknowledged, and the session lives on", () =>
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
    // What generates the frames remembers some ten MB of its own before it remembers no more.
    await fuzz(property, runs);
    const before = await memoryInUse();
    await fuzz(property, runs, FUZZ_SEED + 1);
    const grown = await memoryInUse() - before;
    const told = [...dropped].map(([reason, count]) => `${count} ${reason}`).join(", ");
    print(`  ${answered} answered, ${told}; ${grown} bytes more in use than halfway`);
    assert.ok(grown < MEMORY_TOLERANCE, `${grown} bytes have stayed`);
    assert.ok(answered > FRAMES_IN_ALL / 20, `${answered} were valid`);
    assert.deepEqual([...dropped.keys()].sort(), [
      "invalid",
      "undecodable",
      "unhandled",
      "unknown",
    ]);
  }));
