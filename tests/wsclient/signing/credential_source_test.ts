import assert from "node:assert/strict";
import {
  CredentialSource,
  HUNG_CALL_MS,
  LATE_ANSWER_MS,
} from "../../../wsclient/signing/credential_source.ts";
import {
  type AwsCredentialIdentity,
  type AwsIdentityProperties,
  CredentialsError,
} from "../../../wsclient/signing/credentials.ts";
import { turns, withFakeTime } from "../../testing/fake_time.ts";
import { test } from "../../testing/test.ts";

const SECOND = 1000;

/** The reference's limit for one connect, in ms. */
const LIMIT = { timeoutMs: 30 * SECOND };

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "made/up+secret" };

/** Keys that differ in their id. */
const keys = (number: number) => ({ ...KEYS, accessKeyId: `AKID${number}` });

/** A credentials function whose calls a test answers. */
class Provider {
  /** What each call was called with. */
  readonly calls: (AwsIdentityProperties | undefined)[] = [];
  readonly #answers: PromiseWithResolvers<AwsCredentialIdentity>[] = [];
  /** How many calls have not been answered. */
  pending = 0;
  /** The most calls that were pending at once. */
  mostPending = 0;

  readonly call = (properties?: AwsIdentityProperties): Promise<AwsCredentialIdentity> => {
    this.calls.push(properties);
    this.mostPending = Math.max(this.mostPending, ++this.pending);
    const answer = Promise.withResolvers<AwsCredentialIdentity>();
    this.#answers.push(answer);
    return answer.promise;
  };

  /** Answers the oldest call that waits. */
  async answer(credentials: AwsCredentialIdentity): Promise<void> {
    this.pending -= 1;
    this.#answers.shift()?.resolve(credentials);
    await turns(1);
  }

  /** Makes the oldest call that waits fail. */
  async fail(error: Error): Promise<void> {
    this.pending -= 1;
    this.#answers.shift()?.reject(error);
    await turns(1);
  }
}

test("Credentials given as an object, or by a function at once or later, are the ones to sign with", async () => {
  for (const provider of [KEYS, () => KEYS, () => Promise.resolve(KEYS)]) {
    assert.deepEqual(await new CredentialSource(provider).get(LIMIT), KEYS);
  }
});

test("The function is called anew each time, so that credentials may rotate", async () => {
  let turn = 0;
  const source = new CredentialSource(() => keys(++turn));
  assert.deepEqual(await source.get(LIMIT), keys(1));
  assert.deepEqual(await source.get(LIMIT), keys(2));
});

test("A function that throws, or rejects, is the cause of a CredentialsError, and is called again the next time", async () => {
  const failure = new Error("no instance metadata");
  for (
    const fail of [
      () => {
        throw failure;
      },
      () => Promise.reject(failure),
    ]
  ) {
    let calls = 0;
    const source = new CredentialSource(() => ++calls === 1 ? fail() : KEYS);
    await assert.rejects(source.get(LIMIT), (error) => {
      assert.ok(error instanceof CredentialsError);
      assert.equal(error.name, "CredentialsError");
      assert.equal(error.retryable, true);
      assert.equal(error.cause, failure);
      assert.equal(error.message, "The credentials function failed; see the cause");
      return true;
    });
    assert.deepEqual(await source.get(LIMIT), KEYS);
  }
});

test("A function that hangs is waited for 30 s, or as long as told, and leaves no timer", () =>
  withFakeTime(async (time) => {
    for (const timeoutMs of [LIMIT.timeoutMs, 5]) {
      const source = new CredentialSource(() => new Promise(() => {}));
      const outcomes: unknown[] = [];
      const done = source.get({ timeoutMs }).catch((error) => outcomes.push(error));
      await time.advance(timeoutMs - 1);
      assert.equal(outcomes.length, 0);
      await time.advance(1);
      await done;
      const [error] = outcomes;
      assert.ok(error instanceof CredentialsError);
      assert.match(error.message, new RegExp(`has not answered within ${timeoutMs} ms; `));
      assert.equal(time.pendingTimers(), 0);
    }
  }));

test("An abort ends the wait at once, with the abort's reason, and leaves no timer", () =>
  withFakeTime(async (time) => {
    const reason = new Error("stopped");
    const controller = new AbortController();
    const provider = new Provider();
    const source = new CredentialSource(provider.call);
    const waiting = source.get({ ...LIMIT, signal: controller.signal });
    await time.advance(1000);
    controller.abort(reason);
    await assert.rejects(waiting, (error) => error === reason);
    assert.equal(time.pendingTimers(), 0);
    const before = new CredentialSource(provider.call).get({ ...LIMIT, signal: controller.signal });
    await assert.rejects(before, (error) => error === reason);
    assert.equal(provider.calls.length, 1);
    await provider.fail(new Error("late"));
    assert.equal(time.pendingTimers(), 0);
  }));

test("A function of 8 s with a limit of 1 s is called once at a time, and its answer is used when it comes", () =>
  withFakeTime(async (time) => {
    const provider = new Provider();
    const source = new CredentialSource(provider.call);
    for (let attempt = 0; attempt < 6; attempt++) {
      const waiting = assert.rejects(source.get({ timeoutMs: SECOND }), CredentialsError);
      await time.advance(1300);
      await waiting;
    }
    assert.equal(provider.calls.length, 1);
    await provider.answer(keys(1));
    // ECS and ACS: both are asked in one attempt.
    assert.deepEqual(await source.get({ timeoutMs: SECOND }), keys(1));
    assert.deepEqual(await source.get({ timeoutMs: SECOND }), keys(1));
    assert.equal(provider.calls.length, 1);
    await time.advance(LATE_ANSWER_MS);
    const waiting = source.get({ timeoutMs: SECOND });
    await provider.answer(keys(2));
    assert.deepEqual(await waiting, keys(2));
    assert.deepEqual(provider.calls, [undefined, undefined]);
    assert.equal(provider.mostPending, 1);
  }));

test("Who asks while a call is under way gets its answer", async () => {
  const provider = new Provider();
  const source = new CredentialSource(provider.call);
  const both = Promise.all([source.get(LIMIT), source.get(LIMIT)]);
  await turns(1);
  await provider.answer(KEYS);
  assert.deepEqual(await both, [KEYS, KEYS]);
  assert.equal(provider.calls.length, 1);
});

test("A late failure is not used: the function is called again", () =>
  withFakeTime(async (time) => {
    const provider = new Provider();
    const source = new CredentialSource(provider.call);
    const waiting = assert.rejects(source.get(LIMIT), CredentialsError);
    await time.advance(30 * SECOND);
    await waiting;
    await provider.fail(new Error("late"));
    const next = source.get(LIMIT);
    await turns(1);
    await provider.answer(KEYS);
    assert.deepEqual(await next, KEYS);
  }));

test("Late keys that have expired before they are used are not used", () =>
  withFakeTime(async (time) => {
    const provider = new Provider();
    const source = new CredentialSource(provider.call);
    const waiting = assert.rejects(source.get(LIMIT), CredentialsError);
    await time.advance(30 * SECOND);
    await waiting;
    await provider.answer({ ...keys(1), expiration: new Date(Date.now() + 60 * SECOND) });
    await time.advance(60 * SECOND);
    const next = source.get(LIMIT);
    await turns(1);
    await provider.answer(keys(2));
    assert.deepEqual(await next, keys(2));
  }));

test("A call that never settles is given up after five minutes, and the function is called again", () =>
  withFakeTime(async (time) => {
    const provider = new Provider();
    const source = new CredentialSource(provider.call);
    for (let waitedMs = 0; waitedMs < HUNG_CALL_MS; waitedMs += LIMIT.timeoutMs) {
      const waiting = assert.rejects(source.get(LIMIT), CredentialsError);
      await time.advance(LIMIT.timeoutMs);
      await waiting;
    }
    assert.equal(provider.calls.length, 1);
    const next = source.get(LIMIT);
    await turns(1);
    assert.equal(provider.calls.length, 2);
    // The first one after all: nobody waits for it any more.
    await provider.answer(keys(1));
    await provider.answer(keys(2));
    assert.deepEqual(await next, keys(2));
    assert.equal(time.pendingTimers(), 0);
  }));

test("After a refusal fresh keys are asked for, until they have come", async () => {
  const provider = new Provider();
  const source = new CredentialSource(provider.call);
  const ask = async (answer: () => Promise<void>) => {
    const asked = source.get(LIMIT).catch((error: Error) => error);
    await turns(1);
    await answer();
    return await asked;
  };
  await ask(() => provider.answer(keys(1)));
  source.refuse();
  assert.ok(await ask(() => provider.fail(new Error("no network"))) instanceof CredentialsError);
  assert.deepEqual(await ask(() => provider.answer(keys(2))), keys(2));
  await ask(() => provider.answer(keys(3)));
  assert.deepEqual(provider.calls, [
    undefined,
    { forceRefresh: true },
    { forceRefresh: true },
    undefined,
  ]);
});

test("A call that began before the refusal is waited for, and its answer is not used", () =>
  withFakeTime(async (time) => {
    const provider = new Provider();
    const source = new CredentialSource(provider.call);
    const early = assert.rejects(source.get({ timeoutMs: SECOND }), CredentialsError);
    await time.advance(SECOND);
    await early;
    source.refuse();
    const both = Promise.all([source.get(LIMIT), source.get(LIMIT)]);
    await turns(1);
    assert.equal(provider.calls.length, 1);
    await provider.answer(keys(1));
    await turns(2);
    assert.deepEqual(provider.calls, [undefined, { forceRefresh: true }]);
    await provider.answer(keys(2));
    assert.deepEqual(await both, [keys(2), keys(2)]);
    assert.equal(provider.mostPending, 1);
  }));

test("Late keys that have been refused are not used again", () =>
  withFakeTime(async (time) => {
    const provider = new Provider();
    const source = new CredentialSource(provider.call);
    const waiting = assert.rejects(source.get(LIMIT), CredentialsError);
    await time.advance(30 * SECOND);
    await waiting;
    await provider.answer(keys(1));
    assert.deepEqual(await source.get(LIMIT), keys(1));
    source.refuse();
    const next = source.get(LIMIT);
    await turns(1);
    await provider.answer(keys(2));
    assert.deepEqual(await next, keys(2));
    assert.deepEqual(provider.calls, [undefined, { forceRefresh: true }]);
  }));

test("Keys that have expired are asked for once more, and used as they are if there are no others", () =>
  withFakeTime(async () => {
    const expired = { ...keys(1), expiration: new Date(Date.now()) };
    const seen: (AwsIdentityProperties | undefined)[] = [];
    const remembering = new CredentialSource((properties) => {
      seen.push(properties);
      return properties?.forceRefresh ? keys(2) : expired;
    });
    assert.deepEqual(await remembering.get(LIMIT), keys(2));
    assert.deepEqual(seen, [undefined, { forceRefresh: true }]);
    assert.deepEqual(await new CredentialSource(() => expired).get(LIMIT), expired);
    assert.deepEqual(await new CredentialSource(expired).get(LIMIT), expired);
    // Expired by the local clock only, which is known to be an hour fast.
    const corrected = () => Date.now() - 3600 * SECOND;
    let calls = 0;
    await new CredentialSource(() => (++calls, expired), corrected).get(LIMIT);
    assert.equal(calls, 1);
  }));

test("After a suspension a call under way gets one time limit more, and late keys from before are not used", () =>
  withFakeTime(async (time) => {
    const provider = new Provider();
    const source = new CredentialSource(provider.call);
    const fails = async () => {
      const waiting = assert.rejects(source.get(LIMIT), CredentialsError);
      await time.advance(LIMIT.timeoutMs);
      await waiting;
    };
    await fails();
    await provider.answer(keys(1));
    source.suspended();
    await fails();
    assert.equal(provider.calls.length, 2);
    source.suspended();
    await fails();
    assert.equal(provider.calls.length, 2);
    const next = source.get(LIMIT);
    await turns(1);
    assert.equal(provider.calls.length, 3);
    await provider.answer(keys(2));
    await provider.answer(keys(3));
    assert.deepEqual(await next, keys(3));
  }));
