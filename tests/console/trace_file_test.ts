import assert from "node:assert/strict";
import { EVENTS } from "../../emulator/console/page/row.js";
import { entryOf, openTrace } from "../../emulator/console/page/trace_file.js";
import { EVENT_TYPES } from "../../emulator/events.ts";
import { test } from "../testing/test.ts";

const HEADER = '{"acsTrace":1,"producer":"acs 0.1.0","recordedAt":"2026-11-28T09:00:00Z"}';

test("A trace can be opened with or without a byte order mark", () => {
  for (const mark of ["", "\uFEFF"]) {
    const { header, lines } = openTrace(
      `${mark}${HEADER}\n{"number":1,"at":2,"event":"connected"}\n`,
    );

    assert.equal(header.producer, "acs 0.1.0");
    assert.deepEqual(entryOf(lines[1] ?? "", 2), { number: 1, at: 2, event: "connected" });
    assert.equal(entryOf(lines[2] ?? "", 3), undefined);
  }
});

for (
  const [what, text, problem] of [
    ["An empty file", "", /not a trace: line 1/],
    ["A log", "level=info time=2021-11-06T01:37:20Z", /not a trace: line 1/],
    ["A scenario", '{"steps":[]}', /not a trace: line 1/],
    [
      "A trace of a different version",
      '{"acsTrace":2}',
      /Line 1: the trace has version 2; .* version 1\./,
    ],
  ] as const
) {
  test(`${what} is rejected with the reason`, () => {
    assert.throws(() => openTrace(text), problem);
  });
}

test("A trace may contain all events of an emulator, but unknown events are rejected", () => {
  assert.deepEqual([...EVENTS].sort(), Object.keys(EVENT_TYPES).sort());
  assert.throws(
    () => entryOf('{"number":1,"at":2,"event":"recieved"}', 9),
    /Line 9: event: unknown value recieved/,
  );
});

test("A truncated or edited line is reported", () => {
  assert.throws(() => entryOf('{"number":1,"at"', 17), /Line 17 is not JSON/);
  assert.throws(() => entryOf('{"number":"1"}', 18), /Line 18 is not an entry/);
});
