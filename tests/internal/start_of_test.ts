import assert from "node:assert/strict";
import { oneLine } from "../../internal/one_line.ts";
import { startOf } from "../../internal/start_of.ts";
import { decodeMessage } from "../../protocol/decode.ts";
import { memoryInUseNow } from "../testing/measuring/memory.ts";
import { test } from "../testing/test.ts";

test("The start of a text equals a slice of it", () => {
  for (
    const text of ["", "short", "a".repeat(100), "\ud83d\ude00".repeat(50), "\ud800".repeat(50)]
  ) {
    for (const length of [0, 1, 13, 51, 1000]) {
      assert.equal(startOf(text, length), text.slice(0, length));
    }
  }
  assert.equal(
    startOf('"\\\n\u0000\u2028'.repeat(10), 21),
    '"\\\n\u0000\u2028'.repeat(10).slice(0, 21),
  );
});

/** The parts of megabyte-sized texts that are kept: a peer's id or message in the log, a type. */
const KEPT: Readonly<Record<string, (text: string) => unknown>> = {
  "the start": (text) => startOf(text, 64),
  "one line": (text) => oneLine(text),
  "one line with other characters": (text) => oneLine(`\u001b${text}`),
  "the type of an unknown message": (text) =>
    decodeMessage(JSON.stringify({ type: text, message: {} })),
};

for (const [name, keep] of Object.entries(KEPT)) {
  test(`A text of megabytes is not kept in memory for a few of its characters: ${name}`, () => {
    const kept: unknown[] = [];
    const before = memoryInUseNow();
    for (let count = 0; count < 20; count++) {
      kept.push(keep(String(JSON.parse(`"${count}${"x".repeat(1_000_000)}"`))));
    }
    const grown = memoryInUseNow() - before;
    // The last text may still be referenced: regular expressions remember it.
    assert.ok(grown < 5_000_000, `${grown} bytes for ${kept.length}`);
  });
}
