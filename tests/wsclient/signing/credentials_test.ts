import assert from "node:assert/strict";
import {
  type AwsCredentialIdentity,
  CredentialsError,
  resolveCredentials,
} from "../../../wsclient/signing/credentials.ts";
import { withFakeTime } from "../../testing/fake_time.ts";
import { test } from "../../testing/test.ts";

/** The reference's limit for one connect, in ms. */
const LIMIT = { timeoutMs: 30_000 };

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "made/up+secret" };

test("Credentials given as an object, or by a function at once or later, are taken as they are", async () => {
  const temporary = { ...KEYS, sessionToken: "made+up/token==", expiration: new Date(0) };
  for (const credentials of [KEYS, temporary]) {
    assert.equal(await resolveCredentials(credentials, LIMIT), credentials);
    assert.equal(await resolveCredentials(() => credentials, LIMIT), credentials);
    assert.equal(await resolveCredentials(() => Promise.resolve(credentials), LIMIT), credentials);
  }
});

test("The function is called anew each time, so that credentials may rotate", async () => {
  let turn = 0;
  const provider = () => ({ ...KEYS, accessKeyId: `AKID${++turn}` });
  assert.equal((await resolveCredentials(provider, LIMIT)).accessKeyId, "AKID1");
  assert.equal((await resolveCredentials(provider, LIMIT)).accessKeyId, "AKID2");
});

test("A function that throws, or rejects, is told as the cause of a CredentialsError", async () => {
  const failure = new Error("no instance metadata");
  for (
    const provider of [
      () => {
        throw failure;
      },
      () => Promise.reject(failure),
    ]
  ) {
    await assert.rejects(resolveCredentials(provider, LIMIT), (error) => {
      assert.ok(error instanceof CredentialsError);
      assert.equal(error.name, "CredentialsError");
      assert.equal(error.retryable, true);
      assert.equal(error.cause, failure);
      assert.equal(error.message, "The credentials function failed; see the cause");
      return true;
    });
  }
});

test("A function that hangs is given up after 30 s, and what it does later is ignored", () =>
  withFakeTime(async (time) => {
    const late = Promise.withResolvers<AwsCredentialIdentity>();
    const outcomes: unknown[] = [];
    const done = resolveCredentials(() => late.promise, LIMIT).catch((error) =>
      outcomes.push(error)
    );
    await time.advance(29_999);
    assert.equal(outcomes.length, 0);
    await time.advance(1);
    await done;
    const [error] = outcomes;
    assert.ok(error instanceof CredentialsError);
    assert.equal(error.message, "The credentials function has not answered within 30000 ms");
    late.reject(new Error("late"));
    await time.advance(1);
    assert.equal(time.pendingTimers(), 0);
  }));

test("Another time limit can be given", () =>
  withFakeTime(async (time) => {
    const waiting = resolveCredentials(() => new Promise(() => {}), { timeoutMs: 5 });
    const rejected = assert.rejects(waiting, /within 5 ms/);
    await time.advance(5);
    await rejected;
  }));

test("An abort ends the wait for a function at once, with the abort's reason, and leaves no timer", () =>
  withFakeTime(async (time) => {
    const reason = new Error("stopped");
    const controller = new AbortController();
    const waiting = resolveCredentials(() => new Promise(() => {}), {
      ...LIMIT,
      signal: controller.signal,
    });
    await time.advance(1000);
    controller.abort(reason);
    await assert.rejects(waiting, (error) => error === reason);
    assert.equal(time.pendingTimers(), 0);

    const before = resolveCredentials(() => KEYS, { ...LIMIT, signal: controller.signal });
    await assert.rejects(before, (error) => error === reason);
    assert.equal(time.pendingTimers(), 0);
  }));

test("A function that answers in time leaves no timer", () =>
  withFakeTime(async (time) => {
    await resolveCredentials(() => KEYS, LIMIT);
    assert.equal(time.pendingTimers(), 0);
  }));

/** What JavaScript lets somebody return, whatever the types say. */
const NONSENSE: readonly string[] = [
  "null",
  "5",
  '"AKIDEXAMPLE"',
  "[]",
  "{}",
  '{"accessKeyId":"AKIDEXAMPLE"}',
  '{"secretAccessKey":"made/up+secret"}',
  '{"accessKeyId":"","secretAccessKey":"made/up+secret"}',
  '{"accessKeyId":"AKIDEXAMPLE","secretAccessKey":""}',
  '{"accessKeyId":null,"secretAccessKey":"made/up+secret"}',
  '{"accessKeyId":5,"secretAccessKey":"made/up+secret"}',
  '{"accessKeyId":{},"secretAccessKey":"made/up+secret"}',
  '{"accessKeyId":"AKIDEXAMPLE","secretAccessKey":true}',
];

for (const nonsense of NONSENSE) {
  test(`Credentials ${nonsense} are refused by an error that says what is missing and where to look`, async () => {
    const value: AwsCredentialIdentity = JSON.parse(nonsense);
    for (const provider of [value, () => value, () => Promise.resolve(value)]) {
      await assert.rejects(resolveCredentials(provider, LIMIT), {
        name: "CredentialsError",
        message:
          "The credentials have no accessKeyId or no secretAccessKey; check the credentials option",
      });
    }
  });
}

test("A function that returns nothing is refused in the same words", async () => {
  const nothing: () => AwsCredentialIdentity = JSON.parse.bind(undefined, "null");
  await assert.rejects(resolveCredentials(nothing, LIMIT), /have no accessKeyId/);
});

for (
  const [what, credentials] of Object.entries<AwsCredentialIdentity>({
    "a line break within the session token": { ...KEYS, sessionToken: "made+up\ntoken==" },
    "a line break after the secret key": { ...KEYS, secretAccessKey: "made/up+secret\n" },
    "a blank before the access key id": { ...KEYS, accessKeyId: " AKIDEXAMPLE" },
    "a zero byte": { ...KEYS, sessionToken: "made+up\0token==" },
    "a letter that no header can carry": { ...KEYS, sessionToken: "made+up→token==" },
  })
) {
  test(`Credentials with ${what} are refused before a header is made, by an error that quotes none of them`, async () => {
    await assert.rejects(resolveCredentials(() => credentials, LIMIT), (error) => {
      assert.ok(error instanceof CredentialsError);
      assert.match(error.message, /hold a blank, a line break or another character/);
      assert.ok(!error.message.includes("made"));
      assert.equal(error.cause, undefined);
      return true;
    });
  });
}

test("A session token that is no text is refused", async () => {
  const credentials: AwsCredentialIdentity = JSON.parse(
    '{"accessKeyId":"AKIDEXAMPLE","secretAccessKey":"made/up+secret","sessionToken":{}}',
  );
  await assert.rejects(resolveCredentials(credentials, LIMIT), { name: "CredentialsError" });
});

test("A null or empty session token counts as none", async () => {
  for (const sessionToken of ["null", '""']) {
    const credentials: AwsCredentialIdentity = JSON.parse(
      `{"accessKeyId":"AKID","secretAccessKey":"made/up","sessionToken":${sessionToken}}`,
    );
    assert.equal(await resolveCredentials(credentials, LIMIT), credentials);
  }
});
