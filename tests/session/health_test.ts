import assert from "node:assert/strict";
import { type ReadinessInput, readinessProblems } from "../../session/health.ts";
import type { UnreadyReason } from "../../session/state.ts";
import { DEFAULT_TIMING } from "../../session/timing.ts";
import { ConnectError } from "../../errors.ts";
import { emptyLaneHealth } from "../../session/dispatch/lane.ts";
import { test } from "../testing/test.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A session that has been connected for an hour and has just received a message. */
const WELL: ReadinessInput = {
  status: "connected",
  isStopping: false,
  connectedForMs: HOUR,
  messageAgeMs: 0,
  shortInARow: 0,
  silentInARow: 0,
  failing: {},
  lanes: [emptyLaneHealth("payload")],
  timing: DEFAULT_TIMING,
};

const RECONNECTING = { connectedForMs: undefined, reconnectingForMs: 100 } as const;
const FAILURE = { since: Date.UTC(2026, 0, 1), failures: 3, error: "down" };
const LOST = { type: "PayloadMessage", messageId: "p1", connections: 2 };

interface Row {
  readonly what: string;
  readonly input: Partial<ReadinessInput>;
  /** Why it is not ready. Undefined: it is ready. */
  readonly reasons?: readonly UnreadyReason[];
  readonly text?: RegExp;
}

const READY: readonly Row[] = [
  { what: "connected, and a message has just arrived", input: {} },
  {
    what: "the last message arrived exactly the idle timeout ago",
    input: { messageAgeMs: 2 * MINUTE },
  },
  {
    what: "just connected, and the last message arrived on the connection before",
    input: { connectedForMs: 0, messageAgeMs: MINUTE },
  },
  {
    what: "calling ECS in a routine reconnect",
    input: { ...RECONNECTING, status: "discovering" },
  },
  { what: "connecting in a routine reconnect", input: { ...RECONNECTING, status: "connecting" } },
  {
    what: "five seconds into a routine reconnect",
    input: { ...RECONNECTING, status: "connecting", reconnectingForMs: 5 * SECOND },
  },
  { what: "the previous connection was too short", input: { connectedForMs: 0, shortInARow: 1 } },
  {
    what: "the two previous connections were too short, and this one has lasted five seconds",
    input: { connectedForMs: 5 * SECOND, shortInARow: 2 },
  },
  {
    what: "the previous connection fell silent, and a message has arrived on this one",
    input: { connectedForMs: SECOND, silentInARow: 1 },
  },
  {
    what:
      "the two previous connections fell silent, and a message has arrived a minute into this one",
    input: { connectedForMs: 61 * SECOND, messageAgeMs: SECOND, silentInARow: 2 },
  },
  {
    what: "ECS cannot be called, and the known endpoint is used",
    input: { failing: { discover: FAILURE } },
  },
];

const UNREADY: readonly Row[] = [
  {
    what: "not started",
    input: { status: "idle", connectedForMs: undefined, messageAgeMs: undefined },
    reasons: ["not-connected"],
    text: /not connected: idle/,
  },
  {
    what: "connecting for the first time",
    input: { status: "connecting", connectedForMs: undefined, messageAgeMs: undefined },
    reasons: ["not-connected"],
  },
  {
    what: "just connected, and no message has arrived on this connection or the one before",
    input: { connectedForMs: 0, messageAgeMs: undefined },
    reasons: ["silent"],
    text: /no message from the service has arrived yet/,
  },
  {
    what:
      "the last message arrived longer ago than the idle timeout, whatever frames have arrived since",
    input: { messageAgeMs: 2 * MINUTE + 1 },
    reasons: ["silent"],
    text: /no message from the service has arrived for 120001 ms/,
  },
  {
    what: "a routine reconnect that takes longer than five seconds",
    input: { ...RECONNECTING, status: "connecting", reconnectingForMs: 5 * SECOND + 1 },
    reasons: ["not-connected"],
  },
  {
    what: "a routine reconnect after a connection without a message",
    input: { ...RECONNECTING, status: "connecting", messageAgeMs: undefined },
    reasons: ["silent"],
  },
  {
    what: "waiting after a failure",
    input: {
      status: "waiting",
      connectedForMs: undefined,
      lastError: new ConnectError("Cannot reach acs.example"),
    },
    reasons: ["not-connected", "not-connected"],
    text: /not connected: waiting, ConnectError \(ACS-N07\): Cannot reach acs.example/,
  },
  {
    what: "failing to call ECS and to connect",
    input: {
      status: "discovering",
      connectedForMs: undefined,
      failing: { discover: FAILURE, connect: FAILURE },
    },
    reasons: ["not-connected", "failing"],
    text: /failing to discover since 2026-01-01T00:00:00.000Z$/,
  },
  {
    what:
      "the two previous connections were too short, and this one has not lasted five seconds yet",
    input: { connectedForMs: 5 * SECOND - 1, shortInARow: 2 },
    reasons: ["short-lived"],
    text: /the last 2 connections lasted less than 5000 ms/,
  },
  {
    what:
      "the two previous connections fell silent, and the only message on this one arrived right after it was opened",
    input: { connectedForMs: 100 * SECOND, messageAgeMs: 41 * SECOND, silentInARow: 2 },
    reasons: ["silent"],
    text: /the last 2 connections fell silent/,
  },
  {
    what: "the service resends messages that were answered over two connections",
    input: { lostAnswers: LOST },
    reasons: ["answers-lost"],
    text: /answers do not arrive: a PayloadMessage was redelivered .* over 2 connections/,
  },
  {
    what: "the same, in a routine reconnect",
    input: { ...RECONNECTING, status: "connecting", lostAnswers: LOST },
    reasons: ["answers-lost"],
  },
  {
    what: "a handler is stuck",
    input: {
      lanes: [{ ...emptyLaneHealth("payload"), depth: 1, oldestAgeMs: MINUTE, stuck: true }],
    },
    reasons: ["stuck"],
    text: /the lane payload has been stuck for 60000 ms/,
  },
  {
    what: "a message is queued for too long",
    input: {
      lanes: [{ ...emptyLaneHealth("payload"), backlogged: true, oldestWaitingMs: MINUTE }],
    },
    reasons: ["backlogged"],
    text: /a message has been waiting in the lane payload for 60000 ms/,
  },
  {
    what: "a lane is full",
    input: { lanes: [{ ...emptyLaneHealth("payload"), refusing: true }] },
    reasons: ["overflow"],
    text: /the lane payload is full/,
  },
  { what: "stopping while connected", input: { isStopping: true }, reasons: ["stopping"] },
  {
    what: "stopped",
    input: { status: "stopped", isStopping: true, connectedForMs: undefined },
    reasons: ["not-connected"],
    text: /not connected: stopped/,
  },
];

test("A session is ready only if the service reaches it and it does its work; otherwise it gives the reasons", () => {
  for (const { what, input, reasons = [], text = /^/ } of [...READY, ...UNREADY]) {
    const problems = readinessProblems({ ...WELL, ...input });
    assert.deepEqual(problems.map(({ reason }) => reason), reasons, what);
    assert.match(problems.map((problem) => problem.text).join(", "), text, what);
  }
});
