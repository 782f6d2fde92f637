import assert from "node:assert/strict";
import { terminalOf, truncate, wrap } from "../../cli/terminal.ts";
import { test } from "../testing/test.ts";

const write = () => {};

function variables(values: Readonly<Record<string, string>>): (name: string) => string | undefined {
  return (name) => values[name];
}

const UTF8 = { TERM: "xterm-256color", LANG: "en_US.UTF-8" };

test("A terminal gets colors, symbols beyond ASCII, its own width, and a line that is redrawn", () => {
  const terminal = terminalOf({ isTTY: true, columns: 93, write }, "auto", variables(UTF8));
  assert.equal(terminal.paint("red", "no"), "\u001b[31mno\u001b[39m");
  assert.equal(terminal.signs.received, "◀");
  assert.equal(terminal.columns, 93);
  assert.equal(terminal.canRedraw, true);
});

test("A pipe gets plain text, one line per entry, whatever kind of terminal the environment names", () => {
  const terminal = terminalOf({ write }, "auto", variables(UTF8));
  assert.equal(terminal.paint("red", "no"), "no");
  assert.equal(terminal.signs.received, "<");
  assert.equal(terminal.columns, Infinity);
  assert.equal(terminal.canRedraw, false);
});

for (
  const [name, environment] of [
    ["NO_COLOR", { ...UTF8, NO_COLOR: "1" }],
    ["TERM=dumb", { ...UTF8, TERM: "dumb" }],
  ] as const
) {
  test(`With ${name} a terminal gets neither colors nor symbols beyond ASCII`, () => {
    const terminal = terminalOf(
      { isTTY: true, columns: 80, write },
      "auto",
      variables(environment),
    );
    assert.equal(terminal.paint("green", "yes"), "yes");
    assert.equal(terminal.signs.sent, ">");
    assert.equal(terminal.canRedraw, name === "NO_COLOR");
  });
}

test("FORCE_COLOR enables colors on a pipe, and FORCE_COLOR=0 disables them on a terminal", () => {
  const pipe = terminalOf({ write }, "auto", variables({ FORCE_COLOR: "1" }));
  assert.notEqual(pipe.paint("red", "no"), "no");
  const forced = variables({ ...UTF8, FORCE_COLOR: "0" });
  const terminal = terminalOf({ isTTY: true, write }, "auto", forced);
  assert.equal(terminal.paint("red", "no"), "no");
  const never = terminalOf({ write }, "never", variables({ FORCE_COLOR: "1" }));
  assert.equal(never.paint("red", "no"), "no");
});

test("--color always colors a pipe, and --color never colors no terminal", () => {
  assert.notEqual(terminalOf({ write }, "always", variables({})).paint("red", "no"), "no");
  const never = terminalOf({ isTTY: true, write }, "never", variables(UTF8));
  assert.equal(never.paint("red", "no"), "no");
});

test("Text is wrapped at spaces, and within a word only if the word does not fit on a line", () => {
  assert.deepEqual(wrap("one two three", 7, 5), ["one two", "three"]);
  assert.deepEqual(wrap("abcdefghij", 4, 4), ["abcd", "efgh", "ij"]);
  assert.deepEqual(wrap("a longword", 3, 8), ["a", "longword"]);
  assert.deepEqual(wrap("", 3, 8), [""]);
  assert.equal(truncate("abcdef", 4), "abc…");
  assert.equal(truncate("abc", 4), "abc");
});
