import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { brokenBounds, CRITERIA, type Evidence } from "./criteria.ts";
import type { Figures } from "./report.ts";

const MIB = 1024 * 1024;

const FIGURES: Figures = {
  heapBytes: 10 * MIB,
  rssBytes: 100 * MIB,
  sockets: 5,
  timers: 0,
  otherResources: 2,
  listeners: 6,
  sessions: 0,
  connections: 0,
};

const EVIDENCE: Evidence = {
  minutes: 2,
  sessions: 40,
  before: FIGURES,
  warm: FIGURES,
  stopped: FIGURES,
  alone: FIGURES,
  agent: {
    sessions: 100,
    connects: 2_000,
    failedAttempts: 1_000,
    received: 20_000,
    handled: 10_000,
    handlerFailures: 500,
    sent: 20_000,
    dropped: 100,
    stuck: 5,
    inactive: 5,
    unhandled: 0,
  },
  peer: { posted: 10_000, answered: 10_000, faults: { RST: 10 } },
};

test("A soak that leaves nothing behind passes", () => {
  assert.deepEqual(brokenBounds(EVIDENCE), []);
});

const { agent, peer } = EVIDENCE;

for (
  const [what, evidence, expected] of [
    [
      "a heap",
      { stopped: { ...FIGURES, heapBytes: 11.1 * MIB } },
      /the heap.*10\.0 MiB and then 11\.1/,
    ],
    [
      "memory",
      { stopped: { ...FIGURES, rssBytes: 201 * MIB } },
      /the process.*100\.0 MiB and then 201/,
    ],
    ["a session", { stopped: { ...FIGURES, sessions: 1 } }, /session.*1 of 100 are not/],
    ["a connection", { alone: { ...FIGURES, connections: 3 } }, /connection.*3 of 2000 are not/],
    ["a socket", { alone: { ...FIGURES, sockets: 6 } }, /socket.*5 and then 6/],
    ["a timer", { stopped: { ...FIGURES, timers: 1 } }, /timer.*0 and then 1/],
    ["a resource", { alone: { ...FIGURES, otherResources: 3 } }, /else.*2 and then 3/],
    ["a listener", { stopped: { ...FIGURES, listeners: 7 } }, /listener.*6 and then 7/],
    ["a rejection", { agent: { ...agent, unhandled: 1 } }, /uncaught error.*1 times/],
    ["a message", { peer: { ...peer, answered: 9_999 } }, /answered.*9999 of 10000/],
    ["too little", { agent: { ...agent, connects: 350 } }, /connections.*4 and 250/],
  ] satisfies [string, Partial<Evidence>, RegExp][]
) {
  test(`A soak that leaves ${what} behind fails, and says so`, () => {
    const sentences = brokenBounds({ ...EVIDENCE, ...evidence });
    assert.equal(sentences.length, 1);
    assert.match(sentences[0] ?? "", expected);
  });
}

test("Each criterion of a soak has a reason", () => {
  for (const { what, why } of CRITERIA) assert.ok(why.length > 20, what);
});
