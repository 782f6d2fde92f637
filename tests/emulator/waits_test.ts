/**
 * A wait leaves nothing behind once it is over.
 */

import assert from "node:assert/strict";
import { get } from "node:http";
import { AcsEmulator } from "../../emulator/mod.ts";
import { TypedEventTarget } from "../../internal/typed_event_target.ts";
import { countListeners } from "../testing/measuring/count_listeners.ts";
import { withFakeTime } from "../testing/fakes/fake_time.ts";
import { test } from "../testing/test.ts";
import { operate } from "./control_client.ts";
import { TestAgent } from "./test_agent.ts";

/** Counts the listeners that are added and not removed, until disposed. */
function countEventListeners(): Disposable & { readonly count: number } {
  let count = 0;
  const { prototype } = TypedEventTarget;
  const { addEventListener, removeEventListener } = prototype;
  prototype.addEventListener = function (...parameters: unknown[]) {
    count += 1;
    Reflect.apply(addEventListener, this, parameters);
  };
  prototype.removeEventListener = function (...parameters: unknown[]) {
    count -= 1;
    Reflect.apply(removeEventListener, this, parameters);
  };
  return {
    get count() {
      return count;
    },
    [Symbol.dispose]() {
      Object.assign(prototype, { addEventListener, removeEventListener });
    },
  };
}

/** Runs a test that fails if a dependent signal is created: its sources keep each of them. */
async function withoutDependentSignals(fn: () => Promise<void>): Promise<void> {
  const { any } = AbortSignal;
  AbortSignal.any = () => {
    throw new Error("AbortSignal.any leaves a listener on each long-lived signal");
  };
  try {
    await fn();
  } finally {
    AbortSignal.any = any;
  }
}

test("A fulfilled wait leaves nothing on the emulator or on the caller's signal", () =>
  withoutDependentSignals(async () => {
    await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
    using listeners = countEventListeners();
    const { signal } = new AbortController();
    const onSignal = countListeners(signal);
    const waits = [
      emulator.waitForConnection({ signal }),
      emulator.waitFor("sent", { signal, within: 10_000 }),
      emulator.waitForMessage("AckRequest", { signal }),
    ];
    const agent = await TestAgent.connect(emulator);
    const { messageId } = emulator.runTask();
    const acked = emulator.expectAck(messageId, { signal, within: 10_000 });
    const [payload] = await agent.waitForFrames(1);
    assert.ok(payload);
    assert.ok(listeners.count > 0 && onSignal() > 0);

    agent.ack(payload);
    await Promise.all([...waits, acked]);

    assert.deepEqual([listeners.count, onSignal()], [0, 0]);
    await agent.leave();
  }));

/** Sends one request. On Node, `fetch` would set timers, which are fake here. */
function requestOnce(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      response.once("end", resolve);
    }).once("error", reject);
  });
}

test("A wait that times out, is aborted, or whose condition throws leaves nothing behind", () =>
  withoutDependentSignals(() =>
    withFakeTime(async (time) => {
      await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
      using listeners = countEventListeners();
      const controller = new AbortController();
      const { signal } = controller;
      const onSignal = countListeners(signal);
      const broken = new Error("the condition is broken");
      const where = () => {
        throw broken;
      };
      const rejected = [
        assert.rejects(emulator.waitFor("connected", { within: 1_000, signal })),
        assert.rejects(emulator.expectAck("m", { within: 1_000, signal })),
        assert.rejects(emulator.waitFor("refused", { where, signal }), broken),
        assert.rejects(emulator.waitFor("problem", { within: 10_000, signal })),
        assert.rejects(emulator.waitFor("problem", { within: Infinity, signal })),
      ];
      await requestOnce(emulator.url);
      await time.advance(1_000);
      controller.abort();
      await Promise.all(rejected);

      assert.deepEqual([listeners.count, onSignal(), time.pendingTimers()], [0, 0, 0]);
    })
  ));

test("Steps of a scenario and waiting calls leave nothing behind", () =>
  withoutDependentSignals(async () => {
    await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
    using listeners = countEventListeners();
    const { signal } = new AbortController();
    const onSignal = countListeners(signal);
    const agent = await TestAgent.connect(emulator);

    const { passed } = await emulator.playScenario({
      steps: [
        { expect: "connected" },
        { do: "send-raw", with: { text: "raw" } },
        { expect: "sent" },
        { expect: "attempt", atMost: 0, for: 1 },
        { expectNo: "problem", for: 1 },
      ],
    }, { signal });
    await operate(emulator, "wait-for", { event: "connected", after: 0 });

    assert.equal(passed, true);
    assert.deepEqual([listeners.count, onSignal()], [0, 0]);
    await agent.leave();
  }));
