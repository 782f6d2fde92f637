import assert from "node:assert/strict";
import { AnswerJoin } from "../../cli/answer_join.ts";
import type { TimelineEntry } from "../../cli/timeline.ts";
import { withFakeTime } from "../testing/fakes/fake_time.ts";
import { PIPE, terminal } from "../testing/fakes/timelines.ts";
import { test } from "../testing/test.ts";

/** An entry at a time after the start, in ms. */
function entry(
  ms: number,
  direction: TimelineEntry["direction"],
  what: string,
  { id = "", who = "c0ffee", note = "" } = {},
): TimelineEntry {
  return { time: new Date(ms), direction, who, what, id, note };
}

function joinOn(shown = terminal(80), questions: "<" | ">" = ">") {
  const lines: string[] = [];
  const join = new AnswerJoin({
    questions,
    terminal: shown,
    print: ({ what, note, details = [] }) =>
      lines.push([what, note, ...details].filter((part) => part !== "").join(" | ")),
  });
  return { join, lines };
}

test("A message and its answers share a line on a terminal", () =>
  withFakeTime(async (time) => {
    const { join, lines } = joinOn();
    join.take(entry(0, ">", "PayloadMessage", { id: "a" }));
    join.take(entry(2, ">", "HeartbeatMessage", { id: "b" }));
    join.take(entry(5, "<", "HeartbeatAckRequest", { id: "b" }));
    join.take(entry(7, "<", "AckRequest", { id: "a" }));
    for (const ms of [8, 9]) join.take(entry(ms, "<", "IAMRoleCredentialsAckRequest", { id: "a" }));
    assert.deepEqual(lines, []);
    await time.advance(50);
    assert.deepEqual(lines, [
      "PayloadMessage | ◀ Ack + 2 credentials in 9 ms",
      "HeartbeatMessage | ◀ Ack in 3 ms",
    ]);
  }));

test("A late answer has its own line, which names the message that it answers", () =>
  withFakeTime(async (time) => {
    const { join, lines } = joinOn();
    join.take(entry(0, ">", "PayloadMessage", { id: "a" }));
    await time.advance(50);
    join.take(entry(120, "<", "AckRequest", { id: "a" }));
    assert.deepEqual(lines, ["PayloadMessage", "AckRequest | to Payload, after 120 ms"]);
  }));

test("The same id of another agent is not an answer", () => {
  const { join, lines } = joinOn();
  join.take(entry(0, ">", "PayloadMessage", { id: "a" }));
  join.take(entry(1, "<", "AckRequest", { id: "a", who: "b0bcat" }));
  assert.deepEqual(lines, ["PayloadMessage", "AckRequest"]);
});

test("Other events do not overtake a message that is waiting for its answer", () => {
  const { join, lines } = joinOn();
  join.take(entry(0, ">", "PayloadMessage", { id: "a" }));
  join.take(entry(1, " ", "disconnected"));
  assert.deepEqual(lines, ["PayloadMessage", "disconnected"]);
});

test("A note about what the agent did with a message is below that message", () => {
  const { join, lines } = joinOn(terminal(80), "<");
  join.take(entry(0, "<", "PayloadMessage", { id: "a", note: "3610 characters" }));
  join.note(entry(1, " ", "agent", { note: "accepted task web" }));
  join.take(entry(2, ">", "AckRequest", { id: "a" }));
  join.flush();
  join.note(entry(3, " ", "agent", { note: "stopped task web" }));
  assert.deepEqual(lines, [
    "PayloadMessage | ▶ Ack in 2 ms | accepted task web",
    "agent | stopped task web",
  ]);
});

test("A note is below the message that the agent is handling, or on its own line if that is ambiguous", () => {
  const { join, lines } = joinOn(terminal(80), "<");
  const credentials = "IAMRoleCredentialsMessage";
  for (const id of ["a", "b"]) join.take(entry(0, "<", credentials, { id }));
  for (const id of ["a", "b"]) {
    join.note(entry(1, " ", "agent", { note: `stored credentials ${id}` }));
    join.take(entry(2, ">", "IAMRoleCredentialsAckRequest", { id }));
  }
  join.flush();
  join.take(entry(3, "<", "PayloadMessage", { id: "c" }));
  join.take(entry(3, "<", "TaskManifestMessage", { id: "d" }));
  join.note(entry(4, " ", "agent", { note: "accepted task web" }));
  assert.deepEqual(lines, [
    "IAMRoleCredentialsMessage | ▶ Ack in 2 ms | stored credentials a",
    "IAMRoleCredentialsMessage | ▶ Ack in 2 ms | stored credentials b",
    "PayloadMessage",
    "TaskManifestMessage",
    "agent | accepted task web",
  ]);
});

test("A burst of messages is not held back without limit", () => {
  const { join, lines } = joinOn();
  for (let id = 0; id < 1_000; id++) {
    join.take(entry(0, ">", "HeartbeatMessage", { id: String(id) }));
  }
  assert.ok(lines.length > 900);
  join.flush();
  assert.equal(lines.length, 1_000);
});

test("On a pipe, each message and each answer is printed immediately, on its own line", () => {
  const { join, lines } = joinOn(PIPE);
  join.take(entry(0, ">", "PayloadMessage", { id: "a" }));
  join.take(entry(1, "<", "AckRequest", { id: "a" }));
  assert.deepEqual(lines, ["PayloadMessage", "AckRequest"]);
});
