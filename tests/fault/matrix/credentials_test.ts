/** The credentials function fails, hangs, or returns keys that no longer work. */

import assert from "node:assert/strict";
import { AcsEmulator, type EmulatorCredentials, samplePayload } from "../../../emulator/mod.ts";
import type { AwsCredentialIdentity } from "../../../wsclient/signing/credentials.ts";
import { until } from "../../testing/fakes/fake_time.ts";
import { CREDENTIALS, type SessionStage } from "../../testing/fakes/session_stage.ts";
import { test } from "../../testing/test.ts";
import { BACKOFF, decision, matrix, type Row, withBrokenService } from "./fault_row.ts";

const SECOND = 1000;

type Answer = () => AwsCredentialIdentity | Promise<AwsCredentialIdentity>;

/** Answers one call in its own way, and all others with valid keys. */
function failingAt(call: number, answer: Answer): Answer {
  let calls = 0;
  return () => ++calls === call ? answer() : CREDENTIALS;
}

const WITHOUT_KEYS: AwsCredentialIdentity = { accessKeyId: "", secretAccessKey: "" };
const WITH_LINE_BREAK: AwsCredentialIdentity = { ...CREDENTIALS, sessionToken: "one\ntwo" };

for (const [index, stage] of (["discover", "connect"] as const).entries()) {
  const when = stage === "discover" ? "when ECS is called" : "when the upgrade is signed";
  // The first call is for ECS, the second for ACS.
  const call = index + 1;
  const row = (what: string, answer: Answer, code: string, message: RegExp): Row => ({
    fault: `A credentials function that ${what} ${when}`,
    options: { credentials: failingAt(call, answer) },
    failed: { stage, name: "CredentialsError", code, message, retryable: true },
    next: BACKOFF,
    check: ({ service }) => assert.equal(service.reached.acs, 0),
  });
  const fail: Answer = () => {
    throw new Error("no role is attached");
  };
  const answerLate: Answer = async () => {
    await new Promise((resolve) => setTimeout(resolve, 30.1 * SECOND));
    return CREDENTIALS;
  };
  matrix([
    row("throws", fail, "ACS-C07", /function failed; see the cause$/),
    row(
      "rejects",
      () => Promise.reject(new Error("no role")),
      "ACS-C07",
      /function failed; see the cause$/,
    ),
    {
      ...row("answers after 30.1 s", answerLate, "ACS-C07", /has not answered within 30000 ms; /),
      async meanwhile({ stage: { session, time } }) {
        const status = stage === "discover" ? "discovering" : "connecting";
        await until(() => session.state.status === status, "the function is called");
        await time.advance(30 * SECOND);
      },
    },
    row(
      "returns no keys",
      () => WITHOUT_KEYS,
      "ACS-C06",
      /have no accessKeyId or no secretAccessKey/,
    ),
    row(
      "returns a broken token",
      () => WITH_LINE_BREAK,
      "ACS-C06",
      /contains a space, a line break or another/,
    ),
  ]);
}

/** Answers two calls after 29 s, and all others immediately. */
function slowTwice(): Answer {
  let calls = 0;
  return async () => {
    if (++calls <= 2) await new Promise((resolve) => setTimeout(resolve, 29 * SECOND));
    return CREDENTIALS;
  };
}

matrix([{
  fault: "A credentials function that takes 29 s, and the instance is deregistered",
  options: { credentials: slowTwice() },
  acs: async (connection) => {
    await connection.refuse(400, '{"InactiveInstanceException":"gone"}');
  },
  // Once for ECS and once for ACS; the second request after a refused upgrade uses the same keys.
  async meanwhile({ stage: { session, time } }) {
    for (const status of ["discovering", "connecting"]) {
      await until(() => session.state.status === status, "the function is called");
      await time.advance(29 * SECOND);
    }
  },
  failed: { stage: "connect", name: "InactiveInstanceException" },
  next: { reason: "inactive", delayMs: 3600 * SECOND },
}]);

const OLD: EmulatorCredentials = {
  accessKeyId: "AKIDOLD",
  secretAccessKey: "old",
  sessionToken: "o",
};
const NEW: EmulatorCredentials = {
  accessKeyId: "AKIDNEW",
  secretAccessKey: "new",
  sessionToken: "n",
};

/** An emulator that accepts only the old keys, and a session that gets whatever `keys` contains. */
async function withEmulator(
  keys: { now: AwsCredentialIdentity },
  fn: (scene: { emulator: AcsEmulator; stage: SessionStage }) => Promise<void>,
): Promise<void> {
  const emulator = await AcsEmulator.listen({ credentials: OLD });
  try {
    await withBrokenService({
      acksAtOnce: true,
      options: {
        credentials: () => keys.now,
        endpoint: emulator.url,
        fetch: (_url, init) => fetch(emulator.url, init),
      },
    }, ({ stage }) => fn({ emulator, stage }));
  } finally {
    await emulator.close();
  }
}

test("Expired keys that the function still returns: the session tries again after 250 ms with the keys it gets then", () => {
  const keys = { now: { ...NEW, expiration: new Date(0) } };
  return withEmulator(keys, async ({ emulator, stage }) => {
    stage.start();
    assert.deepEqual(await decision(stage), BACKOFF);
    assert.equal(stage.eventsOf("connectfailed")[0]?.stage, "discover");
    assert.equal(emulator.connections.length, 0);
    keys.now = { ...OLD, expiration: new Date(8.64e15) };
    await stage.time.advance(250);
    await until(() => stage.eventsOf("connected").length === 1, "the session is accepted");
    assert.equal(stage.eventsOf("connectfailed").length, 1);
  });
});

test("Keys that were rotated while the session was connected: the session reconnects immediately with the new ones", () => {
  const keys = { now: OLD };
  return withEmulator(keys, async ({ emulator, stage }) => {
    stage.start();
    await until(() => stage.eventsOf("connected").length === 1, "the session is accepted");
    await until(() => stage.eventsOf("received").length > 0, "the first heartbeat");
    emulator.acceptCredentials(NEW);
    keys.now = NEW;
    emulator.closeConnections();
    assert.equal(await decision(stage), "immediately");
    await until(() => stage.eventsOf("connected").length === 2, "the session is accepted again");
    assert.equal(stage.eventsOf("connectfailed").length, 0);
    let isAcked = false;
    emulator.sendPayload(samplePayload()).acked.then(() => isAcked = true, () => {});
    await until(() => isAcked, "a payload is acknowledged");
  });
});

test("Keys that are rotated between ECS and ACS: the session tries again after 250 ms with the new ones", () => {
  const keys = { now: OLD };
  return withEmulator(keys, async ({ emulator, stage }) => {
    stage.session.addEventListener("discovered", () => emulator.acceptCredentials(NEW));
    stage.session.addEventListener("connectfailed", () => keys.now = NEW);
    stage.start();
    assert.deepEqual(await decision(stage), BACKOFF);
    assert.equal(stage.eventsOf("connectfailed")[0]?.stage, "connect");
    await stage.time.advance(250);
    await until(() => stage.eventsOf("connected").length === 1, "the session is accepted");
  });
});
