import assert from "node:assert/strict";
import { Timeline, type TimelineEntry } from "../../cli/timeline.ts";
import { PIPE, terminal } from "../testing/fakes/timelines.ts";
import { test } from "../testing/test.ts";

const TIME = new Date(2026, 10, 28, 22, 41, 7, 5);

const ENTRIES: readonly TimelineEntry[] = [
  { time: TIME, direction: " ", what: "discovering", note: "asking ecs.us-west-2.amazonaws.com" },
  {
    time: TIME,
    direction: "<",
    what: "AttachInstanceNetworkInterfacesMessage",
    id: "6a3af078-0000-4000-8000-000000000000",
    note: "1045 characters",
  },
  {
    time: TIME,
    direction: "x",
    what: "cannot reach ECS",
    note: `no answer from ${"very-".repeat(30)}long.example for DiscoverPollEndpoint`,
    details: [
      "check the security group, the firewall, and the proxy that packets pass on their way",
    ],
  },
  { time: TIME, direction: ">", who: "c0ffee", what: "AckRequest", id: "6a3af078", note: "" },
];

for (const columns of [40, 50, 59, 60, 80, 99, 100, 120]) {
  test(`No line of a timeline is wider than a terminal of ${columns} columns`, () => {
    const timeline = new Timeline({
      terminal: terminal(columns),
      whoWidth: columns === 50 ? 0 : 6,
    });
    const lines = ENTRIES.flatMap((entry) => timeline.format(entry).split("\n"));
    assert.deepEqual(lines.filter((line) => line.length > columns), []);
    assert.match(lines[0] ?? "", /^22:41:07/);
  });
}

test("When a terminal becomes narrower, so do the columns of its timeline", () => {
  const shown = { ...terminal(120), columns: 120 };
  const timeline = new Timeline({ terminal: shown });
  const [, long] = ENTRIES;
  const short = { time: TIME, direction: ">", what: "AckRequest", note: "note" } as const;
  assert.ok(long);
  timeline.format(long);
  shown.columns = 80;
  assert.match(timeline.format(short), /▶ Ack {16}note$/);
});

test("A pipe gets one line per entry, with the full type and the details", () => {
  const timeline = new Timeline({ terminal: PIPE });
  const lines = ENTRIES.map((entry) => timeline.format(entry));
  assert.ok(lines.every((line) => !line.includes("\n")));
  assert.match(
    lines[1] ?? "",
    /^22:41:07\.005 {2}< AttachInstanceNetworkInterfacesMessage 6a3af078-000 1045/,
  );
  assert.match(lines[2] ?? "", /DiscoverPollEndpoint\. check the security group/);
});

test("Text that does not fit is continued below, indented", () => {
  const [, , entry] = ENTRIES;
  assert.ok(entry);
  const [first = "", ...others] = new Timeline({ terminal: terminal(80) }).format(entry).split(
    "\n",
  );
  assert.match(first, /✗ cannot reach ECS/);
  assert.ok(others.length >= 2);
  assert.ok(others.every((line) => /^ {12}/.test(line)));
});

test("Times are the time of day, or seconds since the start", () => {
  const start = new Date(TIME.getTime() - 1_500);
  const [entry] = ENTRIES;
  assert.ok(entry);
  assert.match(new Timeline({ terminal: PIPE, start }).format(entry), /^ {3}1\.500 /);
});
