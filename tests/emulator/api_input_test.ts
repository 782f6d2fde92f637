import assert from "node:assert/strict";
import { API_INPUTS } from "../../emulator/api/api_inputs.gen.ts";
import { AcsEmulator, type ApiOperation, EcsApiError } from "../../emulator/mod.ts";
import { type FieldShape, isListShape } from "../../protocol/shapes.ts";
import { test } from "../testing/test.ts";
import { callEcs } from "./scripted_agent.ts";

/** The operations, with the shapes of their inputs. */
const OPERATIONS = Object.entries(API_INPUTS);

/** A value that fits a shape. */
function fitting(shape: FieldShape): unknown {
  if (isListShape(shape)) return [fitting(shape[0])];
  if (typeof shape !== "string") {
    return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, fitting(field)]));
  }
  return { string: "a", integer: 1, double: 1.5, boolean: true, map: { a: "b" } }[shape];
}

/** Values that no field of the API has. */
const HOSTILE: readonly unknown[] = [
  null,
  [],
  {},
  "",
  -1,
  1e308,
  true,
  "x".repeat(100_000),
  "\u0000\ud800'\"</script>",
  { __proto__: { polluted: true }, constructor: "x", toString: 1 },
  [null, null],
  [[[[[[]]]]]],
];

/** Inputs that have one field replaced, at the top or one below. */
function* mutations(shape: FieldShape): Generator<unknown> {
  if (typeof shape === "string" || isListShape(shape)) return;
  const good = Object(fitting(shape));
  for (const [name, field] of Object.entries(shape)) {
    for (const value of HOSTILE) yield { ...good, [name]: value };
    if (isListShape(field)) {
      for (const value of HOSTILE) yield { ...good, [name]: [value] };
      for (const inner of mutations(field[0])) yield { ...good, [name]: [inner] };
    } else for (const inner of mutations(field)) yield { ...good, [name]: inner };
  }
}

/** Names in an order that differs from run to run would hide failures: every nth of them. */
function everyNth<T>(values: Iterable<T>, most: number): T[] {
  const all = [...values];
  const step = Math.max(1, Math.floor(all.length / most));
  return all.filter((_, index) => index % step === 0);
}

test("Hostile input to any operation is answered or refused with a named error, and pollutes nothing", async () => {
  await using emulator = await AcsEmulator.listen({ heartbeatIntervalMs: 0 });
  const unexpected: string[] = [];
  for (const [operation, { input }] of OPERATIONS) {
    for (const value of [...HOSTILE, ...everyNth(mutations(input), 300)]) {
      try {
        emulator.callApi(nameOf(operation), Object(value));
      } catch (error) {
        if (error instanceof EcsApiError) continue;
        unexpected.push(`${operation}: ${error}`);
      }
    }
  }
  assert.deepEqual(unexpected, []);
  assert.equal(Reflect.get({}, "polluted"), undefined);
});

function nameOf(operation: string): ApiOperation {
  const found = Object.keys(API_INPUTS).find((name): name is ApiOperation => name === operation);
  assert.ok(found !== undefined);
  return found;
}

test("A body that is not a JSON object, or has a field of the wrong type, is refused over HTTP", async () => {
  await using emulator = await AcsEmulator.listen();
  for (const body of ["{", "[]", "null", '"text"', "1", "\u0000", '{"cluster": []}']) {
    for (const operation of ["CreateService", "RunTask", "SubmitTaskStateChange"]) {
      const answer = await callEcs(emulator, operation, body);
      assert.equal(answer.status, 400, `${operation} ${body}`);
      assert.equal(answer.body.__type, "com.amazonaws.ecs#SerializationException");
    }
  }
});

test("A field of the wrong type is named, and its value is not quoted", async () => {
  await using emulator = await AcsEmulator.listen();
  const { body } = await callEcs(emulator, "RunTask", {
    taskDefinition: "web",
    overrides: { containerOverrides: [{ name: "main", environment: "SECRET=hunter22" }] },
  });
  assert.equal(
    body.message,
    "overrides.containerOverrides[0].environment: expected list, got string",
  );
});

test("An operation that does not exist here is refused with a list of those that do", async () => {
  await using emulator = await AcsEmulator.listen();
  const { status, body } = await callEcs(emulator, "CreateTaskSet", {});
  assert.equal(status, 400);
  assert.equal(body.__type, "com.amazonaws.ecs#UnknownOperationException");
  assert.match(String(body.message), /CreateTaskSet.* It serves CreateCluster, .*UpdateService$/);
});

test("A task definition that no agent could run is refused with the reason", async () => {
  await using emulator = await AcsEmulator.listen();
  const main = { name: "main", image: "busybox", memory: 64 };
  const mistakes: readonly [object, RegExp][] = [
    [{ family: "no/such", containerDefinitions: [main] }, /family has/],
    [{ family: "a", containerDefinitions: [] }, /Container list cannot be empty/],
    [{ family: "a", containerDefinitions: [{ ...main, memory: null }] }, /'memory' or/],
    [{ family: "a", containerDefinitions: [main, main] }, /Two containers are named main/],
    [{ family: "a", containerDefinitions: [{ ...main, image: "" }] }, /Container\.image/],
    [{ family: "a", containerDefinitions: [{ ...main, essential: false }] }, /must be essential/],
    [
      { family: "a", containerDefinitions: [{ ...main, mountPoints: [{ sourceVolume: "v" }] }] },
      /unknown volume: v/,
    ],
    [
      { family: "a", containerDefinitions: [{ ...main, dependsOn: [{ containerName: "b" }] }] },
      /unknown container: b/,
    ],
    [{ family: "a", networkMode: "nat", containerDefinitions: [main] }, /networkMode/],
    [{ family: "a", cpu: "much", containerDefinitions: [main] }, /'cpu'/],
  ];
  for (const [input, expected] of mistakes) {
    const { status, body } = await callEcs(emulator, "RegisterTaskDefinition", input);
    assert.equal(status, 400);
    assert.match(String(body.message), expected);
  }
});
