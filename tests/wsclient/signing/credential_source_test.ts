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
import { turns, withFakeTime } from "../../testing/fakes/fake_time.ts";
import { test } from "../../testing/test.ts";

const SECOND = 1000;

/** The reference agent's time limit for one connection attempt, in ms. */
const LIMIT = { timeoutMs: 30 * SECOND };

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "made/up+secret" };

/** Keys that differ in their id. */
const keys = (number: number) => ({ ...KEYS, accessKeyId: `AKID${number}` });

/** A credentials function whose calls the test answers. */
class Provider {
  /** The arguments of each call. */
  readonly calls: (AwsIdentityProperties | undefined)[] = [];
  readonly #answers: PromiseWithResolvers<AwsCredentialIdentity>[] = [];
  /** The number of unanswered calls. */
  pending = 0;
  /** The maximum number of calls that were pending simultaneously. */
  mostPending = 0;

  readonly call = (properties?: AwsIdentityProperties): Promise<AwsCredentialIdentity> => {
    this.calls.push(properties);
    this.mostPending = Math.max(this.mostPending, ++this.pending);
    const answer = Promise.withResolvers<AwsCredentialIdentity>();
    this.#answers.push(answer);
    return answer.promise;
  };

  /** Answers the oldest pending call. */
  async answer(credentials: AwsCredentialIdentity): Promise<void> {
    this.pending -= 1;
    this.#answers.shift()?.resolve(credentials);
    await turns(1);
  }

  /** Makes the oldest pending call fail. */
  async fail(error: Error): Promise<void> {
    this.pending -= 1;
    this.#answers.shift()?.reject(error);
    await turns(1);
  }
}

test("Credentials given as an object, or returned by a function synchronously or later, are used to sign", async () => {
  for (const provider of [KEYS, () => KEYS, () => Promise.resolve(KEYS)]) {
    assert.deepEqual(await new CredentialSource(provider).get(LIMIT), KEYS);
  }
});

test("The function is called each time, so that credentials can rotate", async () => {
  let turn = 0;
  const source = new CredentialSource(() => keys(++turn));
  assert.deepEqual(await source.get(LIMIT), keys(1));
  assert.deepEqual(await source.get(LIMIT), keys(2));
});

test("A function that throws or rejects is the cause of a CredentialsError, and is called again the next time", async () => {
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

test("A hanging function times out after 30 s, or after the given time, and leaves no timer behind", () =>
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

test("An abort ends the wait immediately, with the abort's reason, and leaves no timer behind", () =>
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

test("With a function that takes 8 s and a limit of 1 s there is one call at a time, and its answer is used when it arrives", () =>
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
    // ECS and ACS: one attempt calls both.
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

test("Callers that arrive during a call share its answer", async () => {
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

test("A call that never settles is abandoned after five minutes, and the function is called again", () =>
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
    // The first one after all: its answer is ignored.
    await provider.answer(keys(1));
    await provider.answer(keys(2));
    assert.deepEqual(await next, keys(2));
    assert.equal(time.pendingTimers(), 0);
  }));

test("After a refusal fresh keys are requested until they arrive", async () => {
  const provider = new Provider();
  const source = new CredentialSource(provider.call);
  const request = async (answer: () => Promise<void>) => {
    const result = source.get(LIMIT).catch((error: Error) => error);
    await turns(1);
    await answer();
    return await result;
  };
  await request(() => provider.answer(keys(1)));
  source.refuse();
  assert.ok(
    await request(() => provider.fail(new Error("no network"))) instanceof CredentialsError,
  );
  assert.deepEqual(await request(() => provider.answer(keys(2))), keys(2));
  await request(() => provider.answer(keys(3)));
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

test("Expired keys are requested once more, and used if there are no others", () =>
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
    // Expired only by the local clock, which is known to be an hour fast.
    const corrected = () => Date.now() - 3600 * SECOND;
    let calls = 0;
    await new CredentialSource(() => (++calls, expired), corrected).get(LIMIT);
    assert.equal(calls, 1);
  }));

test("After a suspension, a pending call gets one more time limit, and late keys from before are not used", () =>
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
