import assert from "node:assert/strict";
import { rememberUntilExpiration } from "../../cli/remembered_credentials.ts";
import { withFakeTime } from "../testing/fakes/fake_time.ts";
import { test } from "../testing/test.ts";

const MINUTE = 60_000;

const KEYS = { secretAccessKey: "made/up+secret" };

test("Keys without an expiration are requested each time", async () => {
  let calls = 0;
  const provider = rememberUntilExpiration(() =>
    Promise.resolve({ ...KEYS, accessKeyId: `AKID${++calls}` })
  );
  assert.equal((await provider()).accessKeyId, "AKID1");
  assert.equal((await provider()).accessKeyId, "AKID2");
});

test("Keys that expire in an hour are requested again when they are refused or have five minutes left", () =>
  withFakeTime(async (time) => {
    let calls = 0;
    const provider = rememberUntilExpiration(() => {
      calls += 1;
      const expiration = new Date(Date.now() + 60 * MINUTE);
      return Promise.resolve({ ...KEYS, accessKeyId: `AKID${calls}`, expiration });
    });
    for (let call = 0; call < 10; call++) await provider();
    assert.equal(calls, 1);
    assert.equal((await provider({ forceRefresh: true })).accessKeyId, "AKID2");
    await time.advance(55 * MINUTE - 1);
    assert.equal((await provider()).accessKeyId, "AKID2");
    await time.advance(1);
    assert.equal((await provider()).accessKeyId, "AKID3");
  }));

test("Valid keys are used while their source is down, but not after they were refused", () =>
  withFakeTime(async (time) => {
    let isDown = false;
    const expiration = new Date(Date.now() + 4 * MINUTE);
    const keys = { ...KEYS, accessKeyId: "AKID", expiration };
    const provider = rememberUntilExpiration(() =>
      isDown ? Promise.reject(new Error("no metadata service")) : Promise.resolve(keys)
    );
    await provider();
    isDown = true;
    assert.equal(await provider(), keys);
    await assert.rejects(provider({ forceRefresh: true }), /no metadata service/);
    await time.advance(4 * MINUTE);
    await assert.rejects(provider(), /no metadata service/);
  }));
