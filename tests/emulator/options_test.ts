import assert from "node:assert/strict";
import { AcsEmulator } from "../../emulator/mod.ts";
import { History } from "../../emulator/history.ts";
import { TestAgent } from "./test_agent.ts";
import { test } from "../testing/test.ts";

/** Passes options as JavaScript would: without the compiler's check of their names. */
function untyped(options: Readonly<Record<string, unknown>>): object {
  return options;
}

test("A misspelled option of the emulator is rejected with the most similar name", async () => {
  await assert.rejects(AcsEmulator.listen(untyped({ heartbeatInterval: 5 })), {
    name: "RangeError",
    message: "There is no option heartbeatInterval; did you mean heartbeatIntervalMs?",
  });
});

test("A misspelled option of a method is rejected, and the method does nothing", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const to = untyped({ containerInstanceARN: "arn:aws:ecs:us-west-2:111122223333:x" });
  const { signal } = new AbortController();
  const calls: readonly (() => unknown)[] = [
    () => emulator.sendPayload({ tasks: [] }, to),
    () => emulator.sendHeartbeat({}, to),
    () => emulator.send("ErrorMessage", {}, to),
    () => emulator.sendRaw("text", to),
    () => emulator.issueCredentials({}, to),
    () => emulator.runTask(to),
    () => emulator.attachNetworkInterface(to),
    () => emulator.attachVolume(to),
    () => emulator.injectFault({ at: "connection", action: "end" }, to),
    () => emulator.clearFaults(to),
    () => emulator.waitForConnection(untyped({ withinMs: 5 })),
    () => emulator.waitForMessage("AckRequest", untyped({ withinMs: 5 })),
    () => emulator.expectAck("id", untyped({ withinMs: 5 })),
    () => emulator.waitFor("connected", untyped({ withinMs: 5 })),
    () => emulator.playScenario({ steps: [{ pause: 1 }] }, untyped({ timeoutMS: 5 })),
    () => emulator.sendSampleTraffic({ signal, ...untyped({ interval: 5 }) }),
  ];
  for (const call of calls) {
    await assert.rejects(async () => await call(), {
      name: "RangeError",
      message: /^There is no option (\w+); did you mean \w+\?$/,
    });
  }
  assert.throws(() => emulator.refuseNextUpgrade(untyped({ messsage: "no" })), {
    message: "messsage is not a field of the fault upgrade/refuse; did you mean message?",
  });
  assert.equal(emulator.pendingCount, 0);
});

test("Numbers out of range are refused by name", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const { signal } = new AbortController();
  const steps = [{ pause: 1 }];
  for (const value of [NaN, -1]) {
    await assert.rejects(
      emulator.playScenario({ steps }, { timeoutMs: value }),
      /^RangeError: time/,
    );
    await assert.rejects(emulator.sendSampleTraffic({ signal, intervalMs: value }), /: intervalMs/);
    await assert.rejects(emulator.sendSampleTraffic({ signal, maxPending: value }), /: maxPending/);
    await assert.rejects(AcsEmulator.listen({ maxHistoryBytes: value }), /: maxHistoryBytes/);
  }
});

test("A history drops the oldest entries beyond either limit, and keeps the newest", () => {
  const history = new History<string>({ maxEntries: 3, maxBytes: 10 });
  for (const entry of ["a", "b", "c", "d"]) history.push(entry, 2);
  assert.deepEqual(history.entries, ["b", "c", "d"]);
  history.push("e", 7);
  assert.deepEqual(history.entries, ["d", "e"]);
  history.push("f", 100);
  assert.deepEqual(history.entries, ["f"]);
  history.push("g", 1);
  assert.deepEqual(history.entries, ["g"]);
});

test("Messages and transcript are kept within their memory", async () => {
  await using emulator = await AcsEmulator.listen({
    heartbeatIntervalMs: 0,
    maxHistoryBytes: 200_000,
  });
  const agent = await TestAgent.connect(emulator);
  for (let n = 0; n < 20; n++) {
    agent.send("NackRequest", { messageId: String(n), reason: "r".repeat(50_000) });
    await emulator.waitForMessage("NackRequest", {
      where: (message) => message.messageId === String(n),
    });
  }
  assert.deepEqual(emulator.received.map(({ messageId }) => messageId), ["17", "18", "19"]);
  assert.ok(emulator.transcript.length < 20, `${emulator.transcript.length} entries`);
  assert.equal(emulator.transcript.findLast(({ event }) => event === "received")?.messageId, "19");
});
