import assert from "node:assert/strict";
import { withPlaceholders } from "../../protocol/placeholders.ts";
import { SHAPES } from "../../protocol/shapes.ts";
import { drawBelow, drawOne, seededRandom } from "../testing/fuzz/seeded_random.ts";
import { test } from "../testing/test.ts";

/** The prefix of all secrets in these tests. */
const MARK = "s3cr3t";

type Random = ReturnType<typeof seededRandom>;

function secret(random: Random): string {
  const text = MARK + "z".repeat(drawBelow(30, random));
  return drawOne([text, `NAME=${text}`, JSON.stringify({ a: text, b: [text] })], random);
}

/** Unknown fields, with secrets in various forms. */
function unknownFields(random: Random, depth = 0): Record<string, unknown> {
  const value = (): unknown => {
    const kind = drawBelow(depth > 3 ? 2 : 4, random);
    if (kind < 2) return secret(random);
    return kind === 2 ? [secret(random), 7, null] : unknownFields(random, depth + 1);
  };
  const names = ["futureField", "password", "x", "nestedThing"];
  return Object.fromEntries(names.slice(drawBelow(3, random)).map((name) => [name, value()]));
}

/** A message with all fields of its shape. Maps, keys and unknown fields contain secrets. */
function messageOf(shape: unknown, random: Random): unknown {
  if (shape === "map") return { NAME: secret(random), OTHER: secret(random) };
  if (shape === "integer" || shape === "double") return 5;
  if (shape === "boolean") return true;
  if (shape === "string") return "visible";
  if (Array.isArray(shape)) return [messageOf(shape[0], random), messageOf(shape[0], random)];
  const fields = Object.entries(Object(shape)).map(([name, inner]) => [
    name,
    SECRETS.has(name) ? secret(random) : messageOf(inner, random),
  ]);
  const more = random() < 0.5 ? unknownFields(random) : {};
  return { ...Object.fromEntries(fields), ...more };
}

const SECRETS: ReadonlySet<string> = new Set([
  "accessKeyId",
  "secretAccessKey",
  "sessionToken",
  "config",
  "hostConfig",
  "overrides",
]);

test("Every secret in a message is replaced by a placeholder of the same length", () => {
  const random = seededRandom(1);
  for (let round = 0; round < 100; round++) {
    for (const [type, shape] of Object.entries(SHAPES)) {
      const message = messageOf(shape, random);
      // The only string of these messages is for people, and is kept.
      if (Object.keys(Object(message)).join() === "message") continue;
      const printed = JSON.stringify(message);

      const hidden = JSON.stringify(withPlaceholders(message));

      assert.ok(!hidden.includes(MARK), `${type}: ${hidden}`);
      assert.equal(hidden.length, printed.length, `${type}: ${printed}`);
    }
  }
});

test("Deeply nested messages and primitive values are copied without an error", () => {
  const deep = JSON.parse(`${'{"tasks":['.repeat(5_000)}1${"]}".repeat(5_000)}`);
  assert.ok(JSON.stringify(withPlaceholders(deep)).length < 1_000);
  for (const value of [null, undefined, "text", 5, true]) {
    assert.equal(withPlaceholders(value), value);
  }
});
