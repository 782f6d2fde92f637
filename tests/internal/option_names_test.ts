import assert from "node:assert/strict";
import fc from "fast-check";
import { checkOptionNames, nearestName } from "../../internal/option_names.ts";
import { test } from "../testing/test.ts";

const NAMES = { idleTimeoutMs: true, idleJitterMs: true, connectTimeoutMs: true } as const;

test("An option that exists is accepted, even if its value is undefined", () => {
  checkOptionNames({ idleTimeoutMs: undefined, idleJitterMs: 1 }, NAMES, "timing");
  checkOptionNames({}, NAMES, "timing");
});

test("A misspelled option is refused with its path and the most similar name", () => {
  const refusals: readonly (readonly [object, string, RegExp])[] = [
    [
      { idleTimeoutMS: 1 },
      "timing",
      /^RangeError: There is no option timing\.idleTimeoutMS; did you mean timing\.idleTimeoutMs\?$/,
    ],
    [{ idelJitterMs: 1 }, "", /no option idelJitterMs; did you mean idleJitterMs\?$/],
    [{ connectTimeout: 1 }, "", /did you mean connectTimeoutMs\?$/],
    [{ color: 1 }, "timing", /no option timing\.color$/],
    [{ toString: 1 }, "", /no option toString$/],
    [JSON.parse('{"__proto__":1}'), "", /no option __proto__$/],
  ];
  for (const [given, path, words] of refusals) {
    assert.throws(() => checkOptionNames(given, NAMES, path), (error) => words.test(String(error)));
  }
});

test("Swapped letters count as one mistake, and a unique prefix suggests its name", () => {
  assert.equal(nearestName("wiht", ["title", "at", "with"]), "with");
  assert.equal(nearestName("imgae", ["image", "name"]), "image");
  assert.equal(nearestName("connect", Object.keys(NAMES)), "connectTimeoutMs");
  assert.equal(nearestName("idle", Object.keys(NAMES)), undefined);
  assert.equal(nearestName("lunch", Object.keys(NAMES)), undefined);
});

test("A name of any length is refused immediately and quoted in part", () => {
  const name = "x".repeat(1_000_000);
  assert.throws(() => checkOptionNames({ [name]: 1 }, NAMES, ""), /There is no option x{64}…$/);
});

test("The nearest name of an existing option is that option", () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), {
    minLength: 1,
    selector: (name) => name.toLowerCase(),
  });
  fc.assert(fc.property(names, (names) => {
    for (const name of names) assert.equal(nearestName(name, names), name);
  }));
});
