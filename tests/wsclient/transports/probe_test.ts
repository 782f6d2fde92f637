import assert from "node:assert/strict";
import { ConnectError } from "../../../errors.ts";
import { probe, type ProbeAnswer, type ProbeOptions } from "../../../wsclient/transports/probe.ts";
import { UpgradeRefusedError } from "../../../wsclient/upgrade_refused_error.ts";
import { withFakeTime } from "../../testing/fakes/fake_time.ts";
import { test } from "../../testing/test.ts";

const SECOND = 1000;

/** A refusal that says that the instance is deregistered. */
const REFUSAL: ProbeAnswer = {
  status: 400,
  date: undefined,
  location: undefined,
  connection: null,
  body: new Blob(['{"InactiveInstanceException":"gone"}']).stream(),
};

function optionsOf(send: ProbeOptions["send"]): ProbeOptions {
  return {
    timeoutMs: 10 * SECOND,
    failure: new Error("the WebSocket failed"),
    send,
    explain: (host) => new ConnectError(`cannot connect to ${host}`),
  };
}

function requestOf(headers: () => Promise<Record<string, string>>, signal: AbortSignal) {
  return { url: "wss://acs.example/ws", headers, signal };
}

/** Waits this many milliseconds. */
const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

test("Headers that take 12 s to sign leave the peer its whole 10 s to say why it refused", () =>
  withFakeTime(async (time) => {
    const headers = async () => {
      await after(12 * SECOND);
      return {};
    };
    const { signal } = new AbortController();
    const probed = probe(
      requestOf(headers, signal),
      optionsOf(async (_request, read) => {
        await after(9 * SECOND);
        return await read(REFUSAL);
      }),
    );
    await time.advance(12 * SECOND);
    await time.advance(9 * SECOND);
    const error = await probed;
    assert.ok(error instanceof UpgradeRefusedError);
    assert.match(error.refusal.body, /InactiveInstanceException/);
    assert.equal(time.pendingTimers(), 0);
  }));

test("An attempt that ends while headers are being signed ends the second request, too", () =>
  withFakeTime(async (time) => {
    const controller = new AbortController();
    const urls: string[] = [];
    const probed = probe(
      requestOf(() => new Promise(() => {}), controller.signal),
      optionsOf(({ url }) => {
        urls.push(url);
        return Promise.reject(new Error("the probe was sent"));
      }),
    );
    controller.abort(new Error("time is up"));
    assert.ok(await probed instanceof ConnectError);
    assert.deepEqual(urls, []);
    assert.equal(time.pendingTimers(), 0);
  }));

test("A peer that does not answer the second request within 10 s times out", () =>
  withFakeTime(async (time) => {
    const { signal } = new AbortController();
    const probed = probe(
      requestOf(() => Promise.resolve({}), signal),
      optionsOf(({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        })
      ),
    );
    await time.advance(10 * SECOND);
    assert.match((await probed).message, /timed out after 10000 ms/);
    assert.equal(time.pendingTimers(), 0);
  }));
