import { Ajv } from "ajv";
import fc from "fast-check";
import assert from "node:assert/strict";
import { RECEIVED_MESSAGE_TYPES } from "../../protocol/message_types.ts";
import type { ReceivedMessageType } from "../../protocol/messages.ts";
import { type FieldShape, SHAPES } from "../../protocol/shapes.ts";
import { FIELD_CHECKS } from "../../protocol/field_checks.gen.ts";
import { isJsonObject } from "../../internal/json.ts";
import { findProblem } from "../../protocol/find_problem.ts";
import { test } from "../testing/test.ts";
import { isListShape, isStructureShape, jsonSchemaOf, messagesOf } from "./shape_tools.ts";

/**
 * A field somewhere in a message: its expected type, and a message that has `value` in its place.
 */
interface Field {
  readonly path: string;
  readonly shape: FieldShape;
  readonly messageWith: (value: unknown) => unknown;
}

/**
 * The problem that the table finds; the generated checks must agree on whether there is a problem.
 */
function problemOf(type: ReceivedMessageType, message: unknown): string | undefined {
  const problem = findProblem(type, message);
  const fits = isJsonObject(message) && FIELD_CHECKS[type](message);
  assert.equal(fits, problem === undefined, `deno task generate:checks; ${type}: ${problem}`);
  return problem;
}

function* fieldsOf(field: Field): Generator<Field> {
  yield field;
  const { path, shape, messageWith } = field;
  if (isListShape(shape)) {
    yield* fieldsOf({
      path: `${path}[1]`,
      shape: shape[0],
      messageWith: (value) => messageWith([null, value]),
    });
  }
  if (shape === "map") {
    yield { path: `${path}.*`, shape: "string", messageWith: (v) => messageWith({ a: "b", c: v }) };
  }
  if (!isStructureShape(shape)) return;
  for (const [name, inner] of Object.entries(shape)) {
    yield* fieldsOf({
      path: path === "" ? name : `${path}.${name}`,
      shape: inner,
      messageWith: (value) => messageWith({ [name]: value }),
    });
  }
}

function wholeOf(type: ReceivedMessageType): Field {
  return { path: "", shape: SHAPES[type], messageWith: (value) => value };
}

function nameOf(shape: FieldShape): string {
  if (isListShape(shape)) return "list";
  return isStructureShape(shape) ? "object" : shape;
}

const VALUES: readonly { is: string; value: unknown; fits: readonly string[] }[] = [
  { is: "string", value: "marker", fits: ["string"] },
  { is: "boolean", value: true, fits: ["boolean"] },
  { is: "number", value: 0.5, fits: ["double"] },
  { is: "number", value: 2 ** 64, fits: ["double"] },
  { is: "number", value: Infinity, fits: [] },
  { is: "number", value: 7, fits: ["integer", "double"] },
  { is: "list", value: [], fits: ["list"] },
  { is: "object", value: {}, fits: ["object", "map"] },
];

test("A wrong JSON type in any field of any message, at any depth, is reported with its path", () => {
  let count = 0;
  for (const type of RECEIVED_MESSAGE_TYPES) {
    for (const { path, shape, messageWith } of fieldsOf(wholeOf(type))) {
      if (path === "") continue;
      const name = nameOf(shape);
      assert.equal(problemOf(type, messageWith(null)), undefined, `${type} ${path} null`);
      for (const { is, value, fits } of VALUES) {
        const expected = fits.includes(name) ? undefined : `${path}: expected ${name}, got ${is}`;
        assert.equal(problemOf(type, messageWith(value)), expected);
        count += 1;
      }
    }
  }
  assert.ok(count > 2000, `${count} cases`);
});

test("A fraction is allowed in a task's CPU limit and nowhere else", () => {
  const fractions: string[] = [];
  for (const type of RECEIVED_MESSAGE_TYPES) {
    for (const { path, shape } of fieldsOf(wholeOf(type))) {
      if (shape === "double") fractions.push(`${type}: ${path}`);
    }
  }
  assert.deepEqual(fractions, ["PayloadMessage: tasks[1].cpu"]);
});

test("A message that is not an object is a problem of the message itself", () => {
  for (const value of ["text", 1, true, [], null]) {
    assert.match(problemOf("HeartbeatMessage", value) ?? "", /^message: expected object, got /);
  }
});

test("64-bit integers are accepted at both extremes, and nothing beyond them", () => {
  const timeline = (value: string) =>
    problemOf("TaskManifestMessage", JSON.parse(`{"timeline":${value}}`));
  assert.equal(timeline("9223372036854775807"), undefined);
  assert.equal(timeline("-9223372036854775808"), undefined);
  assert.equal(timeline("0"), undefined);
  assert.equal(timeline("-0"), undefined);
  assert.equal(timeline("9223372036854780000"), "timeline: expected integer, got number");
  assert.equal(timeline("-1e19"), "timeline: expected integer, got number");
  assert.equal(timeline("1e999"), "timeline: expected integer, got number");
  assert.equal(timeline('"1"'), "timeline: expected integer, got string");
});

test("Names that every object inherits are not fields, and are checked as keys of a map", () => {
  const message = JSON.parse(`{
    "__proto__": { "messageId": 1 }, "constructor": 1, "toString": null, "hasOwnProperty": [],
    "tasks": [{ "__proto__": 5, "containers": [{ "environment": { "__proto__": "x" } }] }]
  }`);
  assert.equal(problemOf("PayloadMessage", message), undefined);
  const wrong = JSON.parse('{"tasks":[{"containers":[{"environment":{"__proto__":{}}}]}]}');
  assert.equal(
    problemOf("PayloadMessage", wrong),
    "tasks[0].containers[0].environment.*: expected string, got object",
  );
});

const ajv = new Ajv({ strict: true, allowUnionTypes: true });

/** One change to a message: which of its values, counted modulo their number, and the new value. */
const change = fc.tuple(
  fc.nat(),
  fc.oneof(
    fc.constantFrom<unknown>(null, "text", 1, 1.5, -(2 ** 63), 2 ** 63, 2 ** 64, true, [], {}),
    fc.jsonValue({ maxDepth: 2 }),
  ),
);

function applyChange(message: unknown, [choice, value]: readonly [number, unknown]): void {
  const places: (() => void)[] = [];
  const rest = [message];
  while (rest.length > 0) {
    const parent = rest.pop();
    if (Array.isArray(parent)) {
      for (const index of parent.keys()) {
        places.push(() => void (parent[index] = structuredClone(value)));
      }
      rest.push(...parent);
    } else if (isJsonObject(parent)) {
      for (const name of Object.keys(parent)) {
        places.push(() => void (parent[name] = structuredClone(value)));
      }
      rest.push(...Object.values(parent));
    }
  }
  if (places.length > 0) places[choice % places.length]?.();
}

test("An independent validator accepts and rejects the same messages, intact and damaged", () => {
  const verdicts = { taken: 0, refused: 0 };
  for (const type of RECEIVED_MESSAGE_TYPES) {
    const agrees = ajv.compile(jsonSchemaOf(SHAPES[type]));
    const messages = messagesOf(SHAPES[type], fc.string({ maxLength: 5 }));
    const changes = fc.array(change, { maxLength: 2 });
    const property = fc.property(messages, changes, (generated, damages) => {
      const message: unknown = JSON.parse(JSON.stringify(generated));
      assert.equal(problemOf(type, message), undefined);
      assert.equal(agrees(message), true);
      for (const damage of damages) applyChange(message, damage);
      const taken = problemOf(type, message) === undefined;
      assert.equal(taken, agrees(message));
      verdicts[taken ? "taken" : "refused"] += 1;
    });
    fc.assert(property, { numRuns: 100 });
  }
  assert.ok(verdicts.taken > 200 && verdicts.refused > 200, JSON.stringify(verdicts));
});

test("A problem never contains a value, a key of a map or the name of an unknown field", () => {
  const marked = fc.string({ maxLength: 5 }).map((text) => `MARKER${text}`);
  const wrongValue = fc.constantFrom<unknown>("MARKER", { MARKER: "MARKER" }, ["MARKER"], 99.5);
  const changes = fc.array(fc.tuple(fc.nat(), wrongValue), { minLength: 1, maxLength: 3 });
  const messages = messagesOf(SHAPES.PayloadMessage, marked);
  const property = fc.property(messages, changes, (generated, damages) => {
    const message: unknown = JSON.parse(JSON.stringify(generated));
    for (const damage of damages) applyChange(message, damage);
    assert.doesNotMatch(problemOf("PayloadMessage", message) ?? "", /MARKER|99/);
  });
  fc.assert(property, { numRuns: 300 });
});
