import assert from "node:assert/strict";
import { heldBytes, MAX_BYTES_PER_CHARACTER, parsedBytes } from "../../internal/held_bytes.ts";
import { memoryInUseNow } from "../testing/measuring/memory.ts";
import { nestedJson, PARSED_SHAPES } from "../testing/hostile/parsed_shapes.ts";
import { test } from "../testing/test.ts";

/** Large enough that other activity of the process does not matter, in characters. */
const SIZE = 256 * 1024;

/** Memory in use for other things, in bytes. */
const TOLERANCE = 100_000;

for (const { name, make } of PARSED_SHAPES) {
  test(`Parsed JSON occupies no more memory than estimated: ${name}`, () => {
    const text = make(SIZE);
    const estimate = parsedBytes(text);
    const before = memoryInUseNow();
    const value: unknown = JSON.parse(text);
    const taken = memoryInUseNow() - before;
    const counted = heldBytes(value);
    assert.ok(text.length > 0);
    assert.ok(taken <= estimate + TOLERANCE, `${taken} of ${estimate}`);
    assert.ok(taken <= counted + TOLERANCE, `${taken} of ${counted}`);
    assert.ok(estimate <= text.length * MAX_BYTES_PER_CHARACTER);
  });
}

test("A payload as ACS sends it is estimated at no more than seven times the size of its text", () => {
  const environment = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [`VARIABLE_${index}`, `what it is set to, ${index}`]),
  );
  const containers = Array.from({ length: 3 }, (_, index) => ({
    name: `container-${index}`,
    image: "123456789012.dkr.ecr.us-west-2.amazonaws.com/web:latest",
    cpu: 256,
    memory: 512,
    essential: true,
    environment,
    dockerConfig: { hostConfig: '{"NetworkMode":"bridge","CapAdd":[],"CapDrop":[]}' },
  }));
  const message = {
    messageId: "p",
    tasks: [{ arn: "arn:aws:ecs:us-west-2:1:task/a", containers }],
  };
  const text = JSON.stringify({ type: "PayloadMessage", message });
  assert.ok(parsedBytes(text) < 7 * text.length, String(parsedBytes(text) / text.length));
  assert.ok(heldBytes(JSON.parse(text)) < 7 * text.length);
});

test("A string counts as one byte per character, and as two if any of them needs two", () => {
  assert.equal(heldBytes("a".repeat(1000)), 1032);
  assert.equal(heldBytes("ÿ".repeat(1000)), 1032);
  assert.equal(heldBytes("a".repeat(999) + "\u0100"), 2032);
  const inJson = (text: string) => parsedBytes(JSON.stringify(text.repeat(1000)));
  assert.equal(inJson("a"), 1002 + 32);
  assert.equal(inJson("\u0100"), 2004 + 32);
  assert.ok(parsedBytes(`"\\u0100${"a".repeat(1000)}"`) > 2000);
});

test("Brackets, colons and commas within strings cost nothing", () => {
  const text = JSON.stringify('[{"a":[1,2,3]}]\\" {{{{ [[[[ ,,,, ::::');
  assert.equal(parsedBytes(text), text.length + 32);
});

test("Text that is not JSON has an estimate, too", () => {
  for (const text of ["", '"', '"\\', "\\", '{"a', "[[[[", "\u0000"]) {
    assert.ok(parsedBytes(text) <= text.length * MAX_BYTES_PER_CHARACTER, text);
  }
});

test("A value with a million levels is counted, and a value that contains itself is counted up to the given maximum", () => {
  assert.ok(heldBytes(JSON.parse(nestedJson('{"a":', "}", 6_000_000))) > 100_000_000);
  const endless: unknown[] = [];
  endless.push(endless, endless);
  const bytes = heldBytes(endless, 1_000_000);
  assert.ok(bytes >= 1_000_000 && bytes < 1_001_000, String(bytes));
});

test("Maps, and values of all other types, are counted", () => {
  assert.ok(heldBytes(new Map([["name", "v".repeat(1000)]])) > 1100);
  for (const value of [undefined, null, true, 1n, Symbol("a"), () => {}]) {
    assert.equal(heldBytes(value), 0);
  }
  assert.ok(heldBytes([undefined, null, new Date()]) < 1000);
});
