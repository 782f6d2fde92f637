import assert from "node:assert/strict";
import type { DiscoverPollEndpointOutput } from "../../../protocol/discover_poll_endpoint.ts";
import { PollEndpointCache } from "../../../session/discovery/poll_endpoint_cache.ts";
import { type FakeTime, withFakeTime } from "../../testing/fakes/fake_time.ts";
import { test } from "../../testing/test.ts";

const HOUR = 3_600_000;
const { signal } = new AbortController();

/** A cache with a 12 h lifetime, for an ECS that answers with a counter or fails. */
function stage(): { cache: PollEndpointCache; calls(): number; fail: (error?: Error) => void } {
  let calls = 0;
  let failure: Error | undefined;
  const cache = new PollEndpointCache(() => {
    calls += 1;
    if (failure !== undefined) return Promise.reject(failure);
    return Promise.resolve({ endpoint: `https://acs-${calls}.example/` });
  }, 12 * HOUR);
  return { cache, calls: () => calls, fail: (error) => failure = error };
}

/** Summarizes the endpoint and its source. */
async function got(cache: PollEndpointCache): Promise<string> {
  const { output, source } = await cache.get(signal);
  return `${source} ${new URL(output.endpoint).host}`;
}

const timed = (fn: (time: FakeTime) => Promise<void>) => () => withFakeTime(fn);

test(
  "An endpoint is discovered once and then cached for exactly twelve hours",
  timed(async (time) => {
    const { cache, calls } = stage();
    assert.equal(await got(cache), "discovered acs-1.example");
    assert.equal(await got(cache), "cached acs-1.example");
    await time.advance(12 * HOUR - 1);
    assert.equal(await got(cache), "cached acs-1.example");
    assert.equal(calls(), 1);
    await time.advance(1);
    assert.equal(await got(cache), "discovered acs-2.example");
    await time.advance(12 * HOUR - 1);
    assert.equal(await got(cache), "cached acs-2.example");
  }),
);

test(
  "An expired endpoint is used while ECS fails, the failure is reported, and ECS is called again each time",
  timed(async (time) => {
    const { cache, calls, fail } = stage();
    await cache.get(signal);
    await time.advance(12 * HOUR);
    const failure = new Error("ECS is down");
    fail(failure);
    for (const expected of [2, 3]) {
      assert.deepEqual(await cache.get(signal), {
        output: { endpoint: "https://acs-1.example/" },
        source: "expired",
        error: failure,
      });
      assert.equal(calls(), expected);
    }
    fail(undefined);
    assert.equal(await got(cache), "discovered acs-4.example");
    assert.equal(await got(cache), "cached acs-4.example");
  }),
);

test(
  "Without a known endpoint, a failing ECS is an error, and is called again the next time",
  timed(async () => {
    const { cache, calls, fail } = stage();
    const failure = new Error("ECS is down");
    fail(failure);
    await assert.rejects(cache.get(signal), (error) => error === failure);
    await assert.rejects(cache.get(signal), (error) => error === failure);
    assert.equal(calls(), 2);
    fail(undefined);
    assert.equal(await got(cache), "discovered acs-3.example");
  }),
);

test(
  "An endpoint that may have gone bad is discovered again before it expires, and kept if ECS fails",
  timed(async () => {
    const { cache, fail } = stage();
    cache.expire();
    await cache.get(signal);
    cache.expire();
    fail(new Error("ECS is down"));
    assert.equal(await got(cache), "expired acs-1.example");
    fail(undefined);
    assert.equal(await got(cache), "discovered acs-3.example");
    assert.equal(await got(cache), "cached acs-3.example");
  }),
);

test("Callers that arrive during a call share its answer; the next caller triggers a new call", async () => {
  const calls: PromiseWithResolvers<DiscoverPollEndpointOutput>[] = [];
  const cache = new PollEndpointCache(() => {
    const call = Promise.withResolvers<DiscoverPollEndpointOutput>();
    calls.push(call);
    return call.promise;
  }, 0);
  const three = [cache.get(signal), cache.get(signal), cache.get(signal)];
  assert.equal(calls.length, 1);
  calls[0]?.resolve({ endpoint: "https://acs-1.example/" });
  const sources = (await Promise.all(three)).map(({ source }) => source);
  assert.deepEqual(sources, Array(3).fill("discovered"));

  const failing = [cache.get(signal), cache.get(signal)];
  assert.equal(calls.length, 2);
  calls[1]?.reject(new Error("ECS is down"));
  const fallbacks = (await Promise.all(failing)).map(({ source }) => source);
  assert.deepEqual(fallbacks, ["expired", "expired"]);
});

test(
  "An endpoint that expires during the call that replaces it is valid for twelve hours from the answer",
  timed(async (time) => {
    const { cache } = stage();
    const pending = cache.get(signal);
    cache.expire();
    await pending;
    await time.advance(12 * HOUR - 1);
    assert.equal(await got(cache), "cached acs-1.example");
  }),
);

test("The signal is passed to the call, and an abort is thrown rather than hidden by an expired endpoint", async () => {
  const signals: AbortSignal[] = [];
  let answer = Promise.resolve({ endpoint: "https://acs-1.example/" });
  const cache = new PollEndpointCache((signal) => {
    signals.push(signal);
    return answer;
  }, 0);
  const controller = new AbortController();
  await cache.get(controller.signal);
  const stopped = new Error("stopped");
  answer = Promise.reject(stopped);
  controller.abort(stopped);
  await assert.rejects(cache.get(controller.signal), (error) => error === stopped);
  assert.deepEqual(signals, [controller.signal, controller.signal]);
});
