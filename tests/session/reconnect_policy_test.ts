import assert from "node:assert/strict";
import {
  type AttemptOutcome,
  isCleanEnd,
  type ReconnectDecision,
  ReconnectPolicy,
} from "../../session/reconnect_policy.ts";
import { DEFAULT_TIMING, type SessionTiming } from "../../session/timing.ts";
import type { SessionConnectionEnd } from "../../session/session_connection_end.ts";
import { CredentialsError } from "../../wsclient/signing/credentials.ts";
import { ConnectError } from "../../errors.ts";
import { UpgradeRefusedError } from "../../wsclient/upgrade_refused_error.ts";
import { explainRefusal } from "../../wsclient/refused_upgrade.ts";
import { ServiceException } from "../../wsclient/service_exception.ts";
import { SERVICE_EXCEPTION_NAMES } from "../../protocol/exceptions.ts";
import { test } from "../testing/test.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A policy with the reference's times and, unless a draw is given, without jitter. */
function policyOf(draw = 0, timing: Partial<SessionTiming> = {}): ReconnectPolicy {
  return new ReconnectPolicy(
    { ...DEFAULT_TIMING, ...timing, backoffMinMs: 250, backoffMaxMs: 120_000 },
    () => draw,
  );
}

/** A connection that delivered a message, unless it was silent, and then ended. */
function ended(
  end: SessionConnectionEnd,
  changes: { livedMs?: number; silent?: true; lostAnswers?: true } = {},
): AttemptOutcome {
  return {
    kind: "ended",
    end,
    livedMs: changes.livedMs ?? 30_000,
    receivedMessage: changes.silent === undefined,
    lostAnswers: changes.lostAnswers ?? false,
  };
}

const failed = (error: unknown, stage: "discover" | "connect" = "connect"): AttemptOutcome => ({
  kind: "failed",
  stage,
  error,
});
const closed = (code: number, reason = ""): SessionConnectionEnd => ({
  kind: "close",
  code,
  reason,
});
const CONNECT_ERROR = new ConnectError("Cannot reach acs.example", { systemCode: "ECONNREFUSED" });
const EOF: SessionConnectionEnd = { kind: "eof" };
/** A connection that delivered a message and ended immediately. */
const short = (end: SessionConnectionEnd = EOF) => ended(end, { livedMs: 10 });

/** When the policy makes the session reconnect. */
function delayAfter(policy: ReconnectPolicy, outcome: AttemptOutcome): Delay {
  const { reason, delayMs } = policy.decide(outcome);
  return { reason, delayMs };
}

function refused(status: number, body: string): AttemptOutcome {
  return failed(explainRefusal({ host: "acs.example", status, body, serverDate: undefined }, []));
}

type Delay = Pick<ReconnectDecision, "reason" | "delayMs">;

const CLEAN: Delay = { reason: "clean", delayMs: 0 };
const backoff = (delayMs: number): Delay => ({ reason: "backoff", delayMs });
const storm = (delayMs: number): Delay => ({ reason: "storm", delayMs });

for (
  const { what, end } of [
    { what: "close code 1000", end: closed(1000) },
    { what: "close code 1000 with a reason", end: closed(1000, "ConnectionExpired: …") },
    { what: "close code 1001", end: closed(1001) },
    { what: "close code 1011", end: closed(1011) },
    { what: "an end of stream without a close frame", end: EOF },
    { what: "its maximum lifetime", end: { kind: "expired" } },
    { what: "a suspension of the machine", end: { kind: "suspended" } },
  ] satisfies { what: string; end: SessionConnectionEnd }[]
) {
  test(`After ${what}, the session reconnects immediately, any number of times`, () => {
    assert.equal(isCleanEnd(end), true);
    const policy = policyOf();
    for (let count = 0; count < 5; count++) assert.deepEqual(delayAfter(policy, ended(end)), CLEAN);
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
    { what: "the idle timeout", outcome: ended({ kind: "idle" }) },
    { what: "the write timeout", outcome: ended({ kind: "write-stalled" }) },
    { what: "leaving voluntarily", outcome: ended({ kind: "closed", reason: "LaneOverflow: x" }) },
    { what: "a connect error", outcome: failed(CONNECT_ERROR) },
    { what: "a credentials error", outcome: failed(new CredentialsError("failed", "hangs")) },
    { what: "an unexplained refusal", outcome: refused(502, "<html>") },
    { what: "anything thrown", outcome: failed("text") },
    ...SERVICE_EXCEPTION_NAMES.filter((name) => name !== "InactiveInstanceException").map((
      name,
    ) => ({ what: `a ${name}`, outcome: refused(400, JSON.stringify({ [name]: "text" })) })),
  ] satisfies { what: string; outcome: AttemptOutcome }[]
) {
  test(`After ${what}, the session waits, longer each time`, () => {
    if (outcome.kind === "ended") assert.equal(isCleanEnd(outcome.end), false);
    const policy = policyOf();
    const decisions = [1, 2, 3].map(() => delayAfter(policy, outcome));
    assert.deepEqual(decisions, [backoff(250), backoff(375), backoff(563)]);
  });
}

test("After a lane overflow the session waits for the first delay, each time", () => {
  const policy = policyOf();
  const outcome = ended({ kind: "lane-overflow", lane: "payload" });
  const decisions = [1, 2, 3].map(() => delayAfter(policy, outcome));
  assert.deepEqual(decisions, [backoff(250), backoff(250), backoff(250)]);
});

test("The delays grow if lanes overflow while the answers to the same messages are lost", () => {
  const policy = policyOf();
  const overflow = ended({ kind: "lane-overflow", lane: "payload" }, {
    livedMs: 500,
    lostAnswers: true,
  });
  const refused = ended(closed(1011), { livedMs: 500, lostAnswers: true });
  const delays = [1, 2, 3, 4].flatMap(() =>
    [overflow, refused].map((outcome) => policy.decide(outcome).delayMs)
  );
  // A single early close is not a storm yet.
  assert.deepEqual(delays, [250, 0, 250, 375, 563, 844, 1266, 1899]);
});

test("A connection that filled a lane does not count as silent", () => {
  const policy = policyOf();
  for (let count = 0; count < 3; count++) policy.decide(ended({ kind: "idle" }));
  assert.equal(policy.silentInARow, 3);
  policy.decide(ended({ kind: "lane-overflow", lane: "payload" }));
  assert.equal(policy.silentInARow, 0);
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
      assert.deepEqual(delayAfter(policy, outcome), { reason: "inactive", delayMs: HOUR });
    }
    assert.deepEqual(delayAfter(policy, failed(CONNECT_ERROR)), backoff(250));
  });
}

test("A clean end resets the delays", () => {
  const policy = policyOf();
  policy.decide(failed(CONNECT_ERROR));
  policy.decide(failed(CONNECT_ERROR));
  assert.deepEqual(delayAfter(policy, ended(EOF)), CLEAN);
  assert.deepEqual(delayAfter(policy, failed(CONNECT_ERROR)), backoff(250));
});

for (
  const { draw, limitMs } of [
    { draw: 0, limitMs: MINUTE },
    { draw: 0.5, limitMs: 1.5 * MINUTE },
    { draw: 1, limitMs: 2 * MINUTE },
  ]
) {
  test(`A connection that lasted ${limitMs / MINUTE} min resets the delays even if it broke; a shorter one does not`, () => {
    const jitter = 1 + 0.2 * draw;
    for (const [livedMs, withoutJitter] of [[limitMs - 1, 562.5], [limitMs, 250]] as const) {
      const expected = Math.ceil(withoutJitter * jitter);
      const policy = policyOf(draw);
      policy.decide(failed(CONNECT_ERROR));
      policy.decide(failed(CONNECT_ERROR));
      assert.deepEqual(delayAfter(policy, ended({ kind: "idle" }, { livedMs })), backoff(expected));
    }
  });
}

test("Delays are capped at two minutes, in whole milliseconds", () => {
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
  for (const silent of [true, false]) {
    const what = end.kind === "close" ? `with code ${end.code}` : "without a close frame";
    const says = silent ? "says nothing" : "sends a message";
    test(`A peer that accepts, ${says} and immediately drops ${what} does not cause a tight loop: from the second time on there is a growing delay`, () => {
      const policy = policyOf();
      const outcome = ended(end, { livedMs: 10, ...(silent ? { silent } : {}) });
      const delays = [1, 2, 3, 4].map(() => delayAfter(policy, outcome));
      assert.deepEqual(delays, [CLEAN, storm(250), storm(375), storm(563)]);
    });
  }
}

test("A failed connection attempt between two short connections does not interrupt the storm", () => {
  const policy = policyOf();
  assert.deepEqual(delayAfter(policy, short()), CLEAN);
  assert.deepEqual(delayAfter(policy, failed(CONNECT_ERROR)), backoff(250));
  assert.deepEqual(delayAfter(policy, short()), storm(375));
});

test("A connection that lasts five seconds ends a storm, and a shorter one does not, whatever it delivered", () => {
  const policy = policyOf();
  const lived = (livedMs: number) => delayAfter(policy, ended(EOF, { livedMs }));
  assert.deepEqual(lived(10), CLEAN);
  assert.deepEqual(lived(10), storm(250));
  assert.deepEqual(lived(4999), storm(375));
  assert.deepEqual(lived(5000), CLEAN);
  assert.deepEqual(lived(4999), CLEAN);
  assert.deepEqual(lived(0), storm(250));
});

test("The minimum useful lifetime can be set, even to 0: then no clean end counts as a storm", () => {
  for (
    const [minUsefulConnectionMs, second] of [[100, storm(250)], [50, CLEAN], [0, CLEAN]] as const
  ) {
    const policy = policyOf(0, { minUsefulConnectionMs });
    const outcome = ended(EOF, { livedMs: 50 });
    assert.deepEqual(delayAfter(policy, outcome), CLEAN);
    assert.deepEqual(delayAfter(policy, outcome), second);
  }
});

for (
  const end of [
    { kind: "expired" },
    { kind: "suspended" },
    { kind: "lane-overflow", lane: "payload" },
  ] satisfies SessionConnectionEnd[]
) {
  test(`An end caused by the session itself, ${end.kind}, neither begins a storm nor counts as part of one, and is handled as usual`, () => {
    const policy = policyOf();
    const own = end.kind === "lane-overflow" ? backoff(250) : CLEAN;
    for (let count = 0; count < 5; count++) {
      assert.deepEqual(delayAfter(policy, ended(end, { livedMs: 10 })), own);
    }
    assert.deepEqual(delayAfter(policy, short()), CLEAN);
    assert.deepEqual(delayAfter(policy, ended(end, { livedMs: 10 })), own);
    assert.equal(delayAfter(policy, short()).reason, "storm", "the count goes on");
  });
}

test("A short connection that broke causes the usual delay, and counts as part of a storm", () => {
  const policy = policyOf();
  assert.deepEqual(delayAfter(policy, short(closed(1008))), backoff(250));
  assert.deepEqual(delayAfter(policy, short()), storm(375));
});

test("After a suspension there is no delay, and earlier failures are forgotten", () => {
  const policy = policyOf();
  for (let count = 1; count <= 5; count++) policy.decide(short());
  policy.reset();
  assert.deepEqual(delayAfter(policy, { kind: "suspended" }), CLEAN);
  assert.deepEqual(delayAfter(policy, short()), CLEAN);
  assert.deepEqual(delayAfter(policy, short()), storm(250));
  assert.equal(policy.decide(short()).rediscover, true);
});

test("A storm of clean ends does not reset the delays", () => {
  const policy = policyOf();
  for (let count = 0; count < 40; count++) policy.decide(short());
  assert.deepEqual(delayAfter(policy, short()), storm(120_000));
});

const noise = (end: SessionConnectionEnd, livedMs = 30 * MINUTE) =>
  ended(end, { livedMs, silent: true });

for (
  const { what, outcome } of [
    { what: "connects that fail", outcome: failed(CONNECT_ERROR) },
    { what: "refusals", outcome: refused(502, "<html>") },
    { what: "connections shorter than 5 s", outcome: short() },
    { what: "short connections that broke", outcome: short(closed(1008)) },
    { what: "connections that end in silence", outcome: ended({ kind: "idle" }) },
    { what: "connections whose peer reads nothing", outcome: ended({ kind: "write-stalled" }) },
    { what: "connections whose peer reads too slowly", outcome: ended({ kind: "write-overflow" }) },
    {
      what: "connections that redeliver answered messages",
      outcome: ended(closed(1000), { lostAnswers: true }),
    },
    { what: "half hours without a known message", outcome: noise({ kind: "expired" }) },
    { what: "clean ends without a known message", outcome: noise(closed(1000)) },
    { what: "broken connections without a known message", outcome: noise(closed(1006)) },
  ] satisfies { what: string; outcome: AttemptOutcome }[]
) {
  test(`After three ${what} in a row the endpoint is rediscovered, and again after every three more`, () => {
    const policy = policyOf();
    const rediscovers = Array.from({ length: 7 }, () => policy.decide(outcome).rediscover);
    assert.deepEqual(rediscovers, [false, false, true, false, false, true, false]);
  });
}

test("Useless attempts of different kinds add up; one useful connection resets the count", () => {
  const policy = policyOf();
  const rediscovers = (outcome: AttemptOutcome) => policy.decide(outcome).rediscover;
  const useless = [failed(CONNECT_ERROR), short(), ended({ kind: "idle" })];
  assert.deepEqual(useless.map(rediscovers), [false, false, true]);
  assert.deepEqual(useless.slice(0, 2).map(rediscovers), [false, false]);
  assert.equal(rediscovers(ended(closed(1006))), false);
  assert.deepEqual(useless.map(rediscovers), [false, false, true]);
});

for (
  const { what, outcome } of [
    { what: "useful connections, whatever their end", outcome: ended(closed(1006)) },
    { what: "useful connections that expire", outcome: ended({ kind: "expired" }) },
    { what: "failed calls to ECS", outcome: failed(CONNECT_ERROR, "discover") },
    {
      what: "attempts without credentials",
      outcome: failed(new CredentialsError("failed", "none")),
    },
    {
      what: "attempts without credentials, by an error from another copy of this package",
      outcome: failed(Object.assign(new Error("none"), { name: "CredentialsError" })),
    },
    { what: "suspensions", outcome: { kind: "suspended" } },
    {
      what: "full lanes",
      outcome: ended({ kind: "lane-overflow", lane: "payload" }, { livedMs: 10 }),
    },
  ] satisfies { what: string; outcome: AttemptOutcome }[]
) {
  test(`Repeated ${what} are not a reason to doubt the endpoint`, () => {
    const policy = policyOf();
    for (let count = 0; count < 7; count++) assert.equal(policy.decide(outcome).rediscover, false);
  });
}
