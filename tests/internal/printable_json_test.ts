import assert from "node:assert/strict";
import { formatJson } from "../../cli/reported_event.ts";
import { printableJson } from "../../internal/printable_json.ts";
import { test } from "../testing/test.ts";

const REORDERED = "a\u202Eb\u2028c\u0085d\u200Be\u{E0041}";

test("JSON for a terminal keeps its meaning and contains no character that moves the cursor or hides other characters", () => {
  const text = printableJson({ [REORDERED]: REORDERED });
  assert.match(text, /^[\x20-\x7E]+$/);
  assert.deepEqual(JSON.parse(text), { [REORDERED]: REORDERED });
});

test("An event of acs run as JSON is one line, whatever the peer has sent", () => {
  const entry = { direction: " ", what: "dropped", note: "" } as const;
  const time = new Date(0);
  const text = formatJson({ time, event: "dropped", fields: { type: REORDERED }, ...entry });
  assert.match(text, /^[\x20-\x7E]+$/);
});
