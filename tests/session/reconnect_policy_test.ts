import assert from "node:assert/strict";
import { ExponentialBackoff } from "../../session/exponential_backoff.ts";
import {
  type AttemptOutcome,
  isCleanEnd,
  type ReconnectDecision,
  ReconnectPolicy,
} from "../../session/reconnect_policy.ts";
import { DEFAULT_TIMING } from "../../session/timing.ts";
import type { ConnectionEnd } from "../../wsclient/client.ts";
import { CredentialsError } from "../../wsclient/signing/credentials.ts";
import { ConnectError } from "../../errors.ts";
import { UpgradeRefusedError } from "../../wsclient/upgrade_refused_error.ts";
import { explainRefusal } from "../../wsclient/refused_upgrade.ts";
import { SERVICE_EXCEPTION_NAMES, ServiceException } from "../../wsclient/service_exception.ts";
import { test } from "../testing/test.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A policy with the reference's times and without jitter, unless a draw is given. */
function policyOf(draw = 0): ReconnectPolicy {
  const random = () => draw;
  return new ReconnectPolicy({
    ...DEFAULT_TIMING,
    random,
    backoff: new ExponentialBackoff({ random: () => 0 }),
  });
}

/** A connection that was of use, and then ended. */
function ended(
  end: ConnectionEnd,
  changes: { livedMs?: number; silent?: true } = {},
): AttemptOutcome {
  return {
    kind: "ended",
    end,
    livedMs: changes.livedMs ?? 30_000,
    receivedMessage: changes.silent === undefined,
  };
}

const failed = (error: unknown): AttemptOutcome => ({ kind: "failed", error });
const closed = (code: number, reason = ""): ConnectionEnd => ({ kind: "close", code, reason });
const CONNECT_ERROR = new ConnectError("Cannot reach acs.example", { code: "ECONNREFUSED" });
const EOF: ConnectionEnd = { kind: "eof" };
/** An end that came at once and brought nothing. */
const useless = (end: ConnectionEnd = EOF) => ended(end, { livedMs: 10, silent: true });

function refused(status: number, body: string): AttemptOutcome {
  return failed(explainRefusal({ host: "acs.example", status, body, serverDate: undefined }, []));
}

const CLEAN: ReconnectDecision = { reason: "clean", delayMs: 0 };
const backoff = (delayMs: number): ReconnectDecision => ({ reason: "backoff", delayMs });

for (
  const { what, end } of [
    { what: "close code 1000", end: closed(1000) },
    { what: "close code 1000 with a reason", end: closed(1000, "ConnectionExpired: …") },
    { what: "close code 1001", end: closed(1001) },
    { what: "close code 1011", end: closed(1011) },
    { what: "an end of stream without a close frame", end: EOF },
    { what: "its longest life", end: { kind: "expired" } },
    { what: "a suspension of the machine", end: { kind: "suspended" } },
  ] satisfies { what: string; end: ConnectionEnd }[]
) {
  test(`After ${what} the session is back at once, however often`, () => {
    assert.equal(isCleanEnd(end), true);
    const policy = policyOf();
    for (let count = 0; count < 5; count++) assert.deepEqual(policy.decide(ended(end)), CLEAN);
  });
}

for (
  const { what, outcome } of [
    ...[1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1012, 1013, 1014, 3000, 4999].map((
      code,
    ) => ({
      what: `close code ${code}`,
      outcome: ended(closed(code)),
    })),
    { what: "a reset", outcome: ended({ kind: "error", error: new Error("reset") }) },
    { what: "the idle limit", outcome: ended({ kind: "idle" }) },
    { what: "the write deadline", outcome: ended({ kind: "write-stalled" }) },
    { what: "leaving by itself", outcome: ended({ kind: "left", reason: "LaneOverflow: x" }) },
    { what: "a connect error", outcome: failed(CONNECT_ERROR) },
    { what: "a credentials error", outcome: failed(new CredentialsError("hangs")) },
    { what: "an unexplained refusal", outcome: refused(502, "<html>") },
    { what: "anything thrown", outcome: failed("text") },
    ...SERVICE_EXCEPTION_NAMES.filter((name) => name !== "InactiveInstanceException").map((
      name,
    ) => ({ what: `a ${name}`, outcome: refused(400, JSON.stringify({ [name]: "text" })) })),
  ] satisfies { what: string; outcome: AttemptOutcome }[]
) {
  test(`After ${what} the session waits, longer each time`, () => {
    if (outcome.kind === "ended") assert.equal(isCleanEnd(outcome.end), false);
    const policy = policyOf();
    const decisions = [1, 2, 3].map(() => policy.decide(outcome));
    assert.deepEqual(decisions, [backoff(250), backoff(375), backoff(563)]);
  });
}

test("After a lane has caught up the session waits the first delay, each time", () => {
  const policy = policyOf();
  const outcome = ended({ kind: "caught-up", lane: "payload" });
  const decisions = [1, 2, 3].map(() => policy.decide(outcome));
  assert.deepEqual(decisions, [backoff(250), backoff(250), backoff(250)]);
});

for (
  const { how, outcome } of [
    { how: "framed", outcome: refused(400, '{"type":"InactiveInstanceException","message":{}}') },
    { how: "bare", outcome: refused(400, '{"InactiveInstanceException":"gone"}') },
    { how: "undecoded", outcome: refused(400, "<p>InactiveInstanceException</p>") },
    {
      how: "by an error without its explanation",
      outcome: failed(
        new UpgradeRefusedError({
          host: "acs.example",
          status: 400,
          body: "InactiveInstanceException: gone",
          serverDate: undefined,
        }),
      ),
    },
    {
      how: "by ECS",
      outcome: failed(
        new ServiceException("ClientException", "InactiveInstanceException: gone", {
          host: "ecs.example",
          status: 400,
        }),
      ),
    },
    { how: "as a close reason", outcome: ended(closed(1008, "InactiveInstanceException: gone")) },
    {
      how: "by the error of a broken connection",
      outcome: ended({ kind: "error", error: new Error("InactiveInstanceException: gone") }),
    },
  ] satisfies { how: string; outcome: AttemptOutcome }[]
) {
  test(`After the service has called the instance inactive, ${how}, the session waits an hour, each time`, () => {
    const policy = policyOf();
    for (let count = 0; count < 3; count++) {
      assert.deepEqual(policy.decide(outcome), { reason: "inactive", delayMs: HOUR });
    }
    assert.deepEqual(policy.decide(failed(CONNECT_ERROR)), backoff(250));
  });
}

test("A clean end has the delays start over", () => {
  const policy = policyOf();
  policy.decide(failed(CONNECT_ERROR));
  policy.decide(failed(CONNECT_ERROR));
  assert.deepEqual(policy.decide(ended(EOF)), CLEAN);
  assert.deepEqual(policy.decide(failed(CONNECT_ERROR)), backoff(250));
});

for (
  const { draw, limitMs } of [
    { draw: 0, limitMs: MINUTE },
    { draw: 0.5, limitMs: 1.5 * MINUTE },
    { draw: 1, limitMs: 2 * MINUTE },
  ]
) {
  test(`A connection that lived ${limitMs / MINUTE} min has the delays start over even if it broke; a shorter one has not`, () => {
    for (const [livedMs, expected] of [[limitMs - 1, 563], [limitMs, 250]] as const) {
      const policy = policyOf(draw);
      policy.decide(failed(CONNECT_ERROR));
      policy.decide(failed(CONNECT_ERROR));
      assert.deepEqual(policy.decide(ended({ kind: "idle" }, { livedMs })), backoff(expected));
    }
  });
}

test("Delays end at two minutes, in whole milliseconds", () => {
  const policy = policyOf();
  let last = 0;
  for (let count = 0; count < 30; count++) {
    const { delayMs } = policy.decide(failed(CONNECT_ERROR));
    assert.ok(Number.isInteger(delayMs) && delayMs >= last);
    last = delayMs;
  }
  assert.equal(last, 120_000);
});

for (const end of [EOF, closed(1000), closed(1001), closed(1011)]) {
  const what = end.kind === "close" ? `with code ${end.code}` : "without a close frame";
  test(`A peer that accepts and at once drops ${what} is not hammered: from the second time on there is a growing delay`, () => {
    const policy = policyOf();
    const decisions = [1, 2, 3, 4].map(() => policy.decide(useless(end)));
    assert.deepEqual(decisions, [
      CLEAN,
      { reason: "storm", delayMs: 250 },
      { reason: "storm", delayMs: 375 },
      { reason: "storm", delayMs: 563 },
    ]);
  });
}

test("A failed connect between two useless connections does not make them useful", () => {
  const policy = policyOf();
  assert.deepEqual(policy.decide(useless()), CLEAN);
  assert.deepEqual(policy.decide(failed(CONNECT_ERROR)), backoff(250));
  assert.deepEqual(policy.decide(useless()), { reason: "storm", delayMs: 375 });
});

test("One message, or five seconds of life, make a connection useful and end a storm", () => {
  for (
    const useful of [
      ended(EOF, { livedMs: 10 }),
      ended(EOF, { livedMs: 5000, silent: true }),
    ]
  ) {
    const policy = policyOf();
    policy.decide(useless());
    assert.equal(policy.decide(useless()).reason, "storm");
    assert.deepEqual(policy.decide(useful), CLEAN);
    assert.deepEqual(policy.decide(useless()), CLEAN);
    assert.deepEqual(policy.decide(useless()), { reason: "storm", delayMs: 250 });
  }
  const policy = policyOf();
  policy.decide(useless());
  const almost = ended(EOF, { livedMs: 4999, silent: true });
  assert.equal(policy.decide(almost).reason, "storm");
});

test("A useless connection that broke waits as any broken one, and counts towards a storm", () => {
  const policy = policyOf();
  assert.deepEqual(policy.decide(useless(closed(1008))), backoff(250));
  assert.deepEqual(policy.decide(useless()), { reason: "storm", delayMs: 375 });
});

test("After a suspension there is no delay, and what came before is forgotten", () => {
  const policy = policyOf();
  for (let count = 1; count <= 5; count++) policy.decide(useless());
  policy.startOver();
  assert.deepEqual(policy.decide({ kind: "suspended" }), CLEAN);
  assert.deepEqual(policy.decide(useless()), CLEAN);
  assert.deepEqual(policy.decide(useless()), { reason: "storm", delayMs: 250 });
});

test("A storm of clean ends does not have the delays start over", () => {
  const policy = policyOf();
  for (let count = 0; count < 40; count++) policy.decide(useless());
  assert.deepEqual(policy.decide(useless()), { reason: "storm", delayMs: 120_000 });
});
