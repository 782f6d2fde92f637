/**
 * Whatever an event listener throws, rejects with or returns, the emulator keeps running.
 */

import assert from "node:assert/strict";
import { AcsEmulator, type EmulatorEventType } from "../../emulator/mod.ts";
import { withCapturedLog } from "../testing/fakes/captured_log.ts";
import { turns } from "../testing/fakes/fake_time.ts";
import { test } from "../testing/test.ts";
import { oddResults } from "../testing/hostile/thrown_values.ts";
import { TestAgent } from "./test_agent.ts";

const EVENTS: readonly EmulatorEventType[] = ["connected", "received", "sent", "problem"];

test("Whatever goes wrong in a listener to an emulator's events, payloads are still acknowledged", () =>
  withCapturedLog(async (log) => {
    await using emulator = await AcsEmulator.listen();
    const results = [...oddResults()];
    let used = 0;
    for (const type of EVENTS) {
      emulator.addEventListener(type, () => Reflect.apply(results[used++] ?? (() => {}), null, []));
    }
    const agent = await TestAgent.connect(emulator);
    while (used < results.length) {
      const before = used;
      const { acked } = emulator.sendPayload({ tasks: [] });
      agent.sendRaw("not JSON");
      const frame = (await agent.waitForFrames(agent.frames.length + 1)).at(-1);
      assert.ok(frame);
      agent.ack(frame);
      await acked;
      assert.ok(used > before);
    }
    await turns(3);
    assert.ok(log.records.length > results.length / 3, "what a listener throws is logged");
    await agent.leave();
  }));
