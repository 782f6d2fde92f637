import assert from "node:assert/strict";
import { inspect } from "node:util";
import { checkCredentials, CredentialsError } from "../../../wsclient/signing/credentials.ts";
import { test } from "../../testing/test.ts";

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "made/up+secret" };

test("Credentials are copied, without any other fields", () => {
  const expiration = new Date(0);
  const temporary = { ...KEYS, sessionToken: "made+up/token==", expiration };
  assert.deepEqual(checkCredentials(KEYS), KEYS);
  assert.deepEqual(checkCredentials({ ...temporary, accountId: "1", $source: {} }), temporary);
});

/** Values that JavaScript code can return, whatever the types say. */
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
  test(`Credentials ${nonsense} are refused by an error that says what is missing and where to look`, () => {
    assert.throws(() => checkCredentials(JSON.parse(nonsense)), {
      name: "CredentialsError",
      message:
        "The credentials have no accessKeyId or no secretAccessKey; check the credentials option",
    });
  });
}

test("No value at all is refused with the same message", () => {
  assert.throws(() => checkCredentials(undefined), /have no accessKeyId/);
});

for (
  const { what, credentials, field } of [
    {
      what: "a line break within the session token",
      credentials: { ...KEYS, sessionToken: "made+up\ntoken==" },
      field: "sessionToken",
    },
    {
      what: "a line break after the secret key",
      credentials: { ...KEYS, secretAccessKey: "made/up+secret\n" },
      field: "secretAccessKey",
    },
    {
      what: "a space before the access key id",
      credentials: { ...KEYS, accessKeyId: " AKIDEXAMPLE" },
      field: "accessKeyId",
    },
    {
      what: "a zero byte",
      credentials: { ...KEYS, sessionToken: "made+up\0token==" },
      field: "sessionToken",
    },
    {
      what: "a character that no header can contain",
      credentials: { ...KEYS, sessionToken: "made+up→token==" },
      field: "sessionToken",
    },
    {
      what: "a session token that is not a string",
      credentials: { ...KEYS, sessionToken: {} },
      field: "sessionToken",
    },
  ]
) {
  test(`Credentials with ${what} are refused before a header is made, by an error that names ${field} and quotes nothing`, () => {
    assert.throws(() => checkCredentials(credentials), (error) => {
      assert.ok(error instanceof CredentialsError);
      assert.match(error.message, /contains a space, a line break or another character/);
      assert.ok(error.message.startsWith(`The ${field} `), error.message);
      assert.ok(!inspect(error).includes("made"));
      assert.equal(error.cause, undefined);
      return true;
    });
  });
}

test("A null or empty session token counts as missing", () => {
  for (const sessionToken of [null, ""]) {
    assert.deepEqual(checkCredentials({ ...KEYS, sessionToken }), KEYS);
  }
});

test("An expiration is parsed from a date, a text, or a number of seconds or milliseconds; an invalid one is left out", () => {
  const expiration = new Date("2026-01-01T00:00:00Z");
  for (const given of [expiration, "2026-01-01T00:00:00Z", +expiration, +expiration / 1000]) {
    assert.deepEqual(checkCredentials({ ...KEYS, expiration: given }), { ...KEYS, expiration });
  }
  for (const given of [undefined, null, "", "soon", NaN, Infinity, {}, new Date(NaN)]) {
    assert.deepEqual(checkCredentials({ ...KEYS, expiration: given }), KEYS);
  }
});

test("Credentials that cannot be read are refused with the reason as the cause", () => {
  const cause = new Error("locked");
  const locked = {
    get accessKeyId(): string {
      throw cause;
    },
  };
  assert.throws(() => checkCredentials(locked), (error) => {
    assert.ok(error instanceof CredentialsError);
    assert.equal(error.cause, cause);
    return true;
  });
});
