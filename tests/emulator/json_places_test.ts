import assert from "node:assert/strict";
import { findJsonProblem, placesOfEntries } from "../../emulator/scenario/json_places.ts";
import { test } from "../testing/test.ts";

for (
  const [text, line, column, problem] of [
    ['{ "steps": [\n  {"pause":None} ] }\n', 2, 12, 'expected a value, found "N"'],
    ["import json\n", 1, 1, 'expected a value, found "i"'],
    ["steps:\n  - pause: 1\n", 1, 1, 'expected a value, found "s"'],
    ['{"a": 1,\n}', 2, 1, 'expected a name in quotes, or "}", found "}"'],
    ['{"a" 1}', 1, 6, 'expected ":", found "1"'],
    ['{"a": [1 2]}', 1, 10, 'expected "," or "]", found "2"'],
    ['{"a": "b\nc"}', 1, 7, 'expected the end of this string, found "\\""'],
    ['{"a": "\\x"}', 1, 7, 'expected the end of this string, found "\\""'],
    ["{} {}", 1, 4, 'expected the end of the file, found "{"'],
    ["", 1, 1, "expected a value, found the end of the file"],
    ['{"a": 01}', 1, 8, 'expected "," or "}", found "1"'],
    ['{"a": nul}', 1, 7, 'expected a value, found "n"'],
  ] as const
) {
  test(`The place where ${JSON.stringify(text)} stops being JSON is found`, () => {
    assert.throws(() => JSON.parse(text));
    assert.deepEqual(findJsonProblem(text), { line, column, text: problem });
  });
}

for (
  const text of [
    '{"a": [1, -2.5e+3, "\\u00e9\\n", true, false, null, {}, []]}',
    ' "text" ',
    "0",
    '{"ключ": "значение 😀"}',
  ]
) {
  test(`${JSON.stringify(text)} is JSON`, () => {
    JSON.parse(text);
    assert.equal(findJsonProblem(text), undefined);
  });
}

test("The entries of a list are found, wherever they begin", () => {
  const text =
    '{"name": "steps", "x": {"steps": [1]},\n"steps": [{"a": [1, 2]},\n\n  3, "]",\n[4]]}';
  assert.deepEqual(placesOfEntries(text, "steps"), [
    { line: 2, column: 11 },
    { line: 4, column: 3 },
    { line: 4, column: 6 },
    { line: 5, column: 1 },
  ]);
});

test("A text that is nested deeper than any hand-written file is not scanned", () => {
  const text = "[".repeat(100_000);
  assert.equal(typeof (findJsonProblem(text)?.text ?? ""), "string");
});
