import assert from "node:assert/strict";
import { FailureFold } from "../../cli/failure_fold.ts";
import { failureOfHelp } from "../../cli/failure_text.ts";
import type { ReportedEvent } from "../../cli/reported_event.ts";
import type { TimelineEntry } from "../../cli/timeline.ts";
import type { FailureCode } from "../../failures/failure_code.ts";
import { helpFor } from "../../failures/failure_help.ts";
import { test } from "../testing/test.ts";

function event(name: string, ms: number, more: Partial<ReportedEvent> = {}): ReportedEvent {
  const time = new Date(ms);
  return { time, event: name, direction: " ", what: name, note: "", fields: {}, ...more };
}

function failure(ms: number, note: string): ReportedEvent {
  return event("connectfailed", ms, {
    direction: "x",
    what: "cannot reach ECS",
    note,
    details: ["fix it"],
  });
}

function waiting(ms: number, delayMs: number): ReportedEvent {
  return event("waiting", ms, { fields: { delayMs } });
}

function fold(): { fold: FailureFold; printed: TimelineEntry[] } {
  const printed: TimelineEntry[] = [];
  return { fold: new FailureFold((entry) => printed.push(entry)), printed };
}

test("A failure is printed once, with its remedy and the time of the next attempt", () => {
  const { fold: each, printed } = fold();
  each.take(event("discovering", 0));
  each.take(failure(5, "refused on port 4599"));
  each.take(waiting(6, 300));
  assert.deepEqual(printed.map(({ what }) => what), ["discovering", "cannot reach ECS"]);
  assert.deepEqual(printed[1]?.details, ["fix it", "Trying again in 300 ms."]);
});

test("A repeated failure is only counted for 10 s, then a line says how often it happened", () => {
  const { fold: each, printed } = fold();
  for (let second = 0; second <= 12; second++) {
    each.take(event("discovering", second * 1000));
    each.take(failure(second * 1000, `refused after ${second} ms`));
    each.take(waiting(second * 1000, 2_200));
  }
  const texts = printed.map(({ what, note }) => `${what} ${note}`);
  assert.deepEqual(texts, [
    "discovering ",
    "cannot reach ECS refused after 0 ms",
    "same failure 10 times more in 10 s. Trying again in 2.2 s.",
  ]);
});

test("Another failure is printed immediately, and the connection says how long it took", () => {
  const { fold: each, printed } = fold();
  each.take(failure(0, "no such host"));
  each.take(waiting(0, 100));
  each.take(failure(1000, "refused"));
  each.take(waiting(1000, 100));
  each.take(event("connected", 154_000, { note: "to acs.example in 5 ms" }));
  each.take(event("received", 155_000));
  const texts = printed.map(({ what, note }) => `${what} ${note}`);
  assert.deepEqual(texts, [
    "cannot reach ECS no such host",
    "cannot reach ECS refused",
    "connected to acs.example in 5 ms, after 2 min 34 s and 2 failed attempts",
    "received ",
  ]);
});

test("A failure that is not followed by a wait is printed, too", () => {
  const { fold: each, printed } = fold();
  each.take(failure(0, "refused"));
  each.take(event("suspended", 1));
  assert.deepEqual(printed.map(({ what }) => what), ["cannot reach ECS", "suspended"]);
  assert.deepEqual(printed[0]?.details, ["fix it"]);
});

/** The events of a connection that opens and ends. */
function connection(ms: number, livedMs: number, code?: FailureCode): ReportedEvent[] {
  const fields = { reason: "the peer closed with code 1000", livedMs, end: "close" };
  const failure = code && failureOfHelp(helpFor(code));
  return [
    event("discovering", ms),
    event("connecting", ms),
    event("connected", ms),
    event("disconnected", ms + livedMs, { direction: "!", note: "once", fields, failure }),
    waiting(ms + livedMs, 500),
  ];
}

test("From the second one on, connections that end immediately are shown as one failure with its reason", () => {
  const { fold: each, printed } = fold();
  for (let count = 0; count < 5; count++) {
    connection(count * 1000, 260).forEach((one) => each.take(one));
  }
  const texts = printed.map(({ what, note }) => `${what} ${note}`.trimEnd());
  assert.deepEqual(texts, [
    "discovering",
    "connecting",
    "connected",
    "disconnected once",
    "waiting",
    "discovering",
    "connecting",
    "connected",
    "disconnected Connections end immediately (ACS-S05)",
  ]);
  assert.match(printed.at(-1)?.details?.join(" ") ?? "", /closed with code 1000\. What to do: /);
});

test("After connections that ended immediately, a useful one is shown with its first message", () => {
  const { fold: each, printed } = fold();
  for (let count = 0; count < 3; count++) {
    connection(count * 1000, 260, "ACS-S01").forEach((one) => each.take(one));
  }
  const before = printed.length;
  assert.match(printed.at(-1)?.note ?? "", /Replaced by another connection \(ACS-S01\)/);
  each.take(event("connecting", 4_000));
  each.take(event("connected", 4_001, { note: "to acs.example" }));
  assert.equal(printed.length, before);
  each.take(event("received", 5_000));
  assert.deepEqual(printed.slice(before).map(({ what }) => what), ["connected", "received"]);
  connection(10_000, 60_000).slice(3).forEach((one) => each.take(one));
  each.take(event("connecting", 71_000));
  assert.deepEqual(
    printed.slice(before + 2).map(({ what }) => what),
    ["disconnected", "waiting", "connecting"],
  );
});
