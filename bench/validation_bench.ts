/**
 * What it costs to check the field types of received messages, beside JSON.parse of the same text:
 * our checks, and the table that they are made from, against validation libraries.
 * docs/decisions/validation.md has the result.
 *
 * Run: `deno run -A bench/validation_bench.ts` (about a minute).
 *
 * @module
 */

import { Ajv } from "ajv";
import process from "node:process";
import { type Json, validator } from "npm:@exodus/schemasafe@1.3.0";
import { Type } from "npm:typebox@1.4.3";
import { Compile } from "npm:typebox@1.4.3/compile";
import * as v from "npm:valibot@1.5.0";
import { z } from "npm:zod@4.6.7";
import { SAMPLES } from "../tests/protocol/samples.ts";
import { isListShape, isStructureShape, jsonSchemaOf } from "../tests/protocol/shape_tools.ts";
import { RECEIVED_MESSAGE_TYPES, type ReceivedMessageType } from "../protocol/messages.ts";
import { FIELD_CHECKS } from "../protocol/field_checks.gen.ts";
import { type FieldShape, SHAPES } from "../protocol/shapes.ts";
import { findProblem } from "../protocol/find_problem.ts";

const ROUNDS = 25;
const INT64 = 2 ** 63;

type Accepts = (message: Json) => boolean;

interface Contender {
  readonly name: string;
  /** The module to import for it, for the time that takes. */
  readonly specifier: string;
  readonly build: (type: ReceivedMessageType) => Accepts;
}

const contenders: readonly Contender[] = [
  {
    name: "own checks",
    specifier: new URL("../protocol/field_checks.gen.ts", import.meta.url).href,
    build: (type) => FIELD_CHECKS[type],
  },
  {
    name: "own table",
    specifier: new URL("../protocol/find_problem.ts", import.meta.url).href,
    build: (type) => (message) => findProblem(type, message) === undefined,
  },
  {
    name: "typebox",
    specifier: "npm:typebox@1.4.3/compile",
    build: (type) => {
      const compiled = Compile(Type.Unsafe(jsonSchemaOf(SHAPES[type])));
      return (message) => compiled.Check(message);
    },
  },
  {
    name: "ajv",
    specifier: "npm:ajv@8.20.0",
    build: (type) => new Ajv({ allowUnionTypes: true }).compile(jsonSchemaOf(SHAPES[type])),
  },
  {
    name: "schemasafe",
    specifier: "npm:@exodus/schemasafe@1.3.0",
    build: (type) => validator(jsonSchemaOf(SHAPES[type]), { mode: "lax" }),
  },
  {
    name: "zod",
    specifier: "npm:zod@4.6.7",
    build: (type) => {
      const schema = zodOf(SHAPES[type]);
      return (message) => schema.safeParse(message).success;
    },
  },
  {
    name: "valibot",
    specifier: "npm:valibot@1.5.0",
    build: (type) => {
      const schema = valibotOf(SHAPES[type]);
      return (message) => v.safeParse(schema, message).success;
    },
  },
];

function zodOf(shape: FieldShape): z.ZodType {
  if (isListShape(shape)) return z.array(zodOf(shape[0]).nullish());
  if (isStructureShape(shape)) {
    const fields = Object.entries(shape).map(([name, field]) => [name, zodOf(field).nullish()]);
    return z.looseObject(Object.fromEntries(fields));
  }
  if (shape === "map") return z.record(z.string(), z.string().nullable());
  if (shape === "integer") return z.number().multipleOf(1).min(-INT64).max(INT64);
  if (shape === "double") return z.number();
  return shape === "boolean" ? z.boolean() : z.string();
}

function valibotOf(shape: FieldShape): v.GenericSchema {
  if (isListShape(shape)) return v.array(v.nullish(valibotOf(shape[0])));
  if (isStructureShape(shape)) {
    const fields = Object.entries(shape).map(([name, field]) => [
      name,
      v.nullish(valibotOf(field)),
    ]);
    return v.looseObject(Object.fromEntries(fields));
  }
  if (shape === "map") return v.record(v.string(), v.nullable(v.string()));
  if (shape === "integer") {
    return v.pipe(v.number(), v.integer(), v.minValue(-INT64), v.maxValue(INT64));
  }
  if (shape === "double") return v.pipe(v.number(), v.finite());
  return shape === "boolean" ? v.boolean() : v.string();
}

/** A payload of three tasks with four containers each, about 25 KB of JSON. */
function payloadText(): string {
  const [task] = SAMPLES.PayloadMessage.tasks ?? [];
  const [container] = task?.containers ?? [];
  const variables = Array.from(
    { length: 8 },
    (_, i) => [`VARIABLE_${i}`, `value of variable ${i}`],
  );
  const containers = Array.from({ length: 4 }, (_, i) => ({
    ...container,
    name: `container-${i}`,
    environment: Object.fromEntries(variables),
  }));
  const roleCredentials = { ...task?.roleCredentials, sessionToken: "t".repeat(700) };
  const tasks = Array.from({ length: 3 }, () => ({
    ...task,
    containers,
    roleCredentials,
    executionRoleCredentials: roleCredentials,
  }));
  return JSON.stringify({ ...SAMPLES.PayloadMessage, tasks });
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}

/** The mean time of one call, in µs. */
function timeOf(run: () => unknown, calls: number): number {
  const start = performance.now();
  for (let call = 0; call < calls; call++) run();
  return (performance.now() - start) * 1000 / calls;
}

/** Median times in µs of parsing alone, first, and of parsing and checking by each contender. */
function compare(type: ReceivedMessageType, text: string, calls: number): number[] {
  const runs: (() => unknown)[] = [() => JSON.parse(text)];
  for (const { name, build } of contenders) {
    const accepts = build(type);
    if (!accepts(JSON.parse(text))) throw new Error(`${name} refuses a good message`);
    if (accepts({ messageId: 1 })) throw new Error(`${name} takes a bad message`);
    runs.push(() => accepts(JSON.parse(text)));
  }
  for (const run of runs) timeOf(run, calls);
  // One round times everybody, so that a slow moment of the machine hits all alike.
  const rounds = Array.from({ length: ROUNDS }, () => runs.map((run) => timeOf(run, calls)));
  return runs.map((_, index) => median(rounds.map((round) => round[index] ?? NaN)));
}

/** The median time to import a module in a fresh process, in ms. */
function importTime(specifier: string): number {
  const code = `const start = performance.now(); await import(${JSON.stringify(specifier)});
    console.log(performance.now() - start);`;
  const times = Array.from({ length: 7 }, () => {
    const { stdout } = new Deno.Command(Deno.execPath(), { args: ["eval", code] }).outputSync();
    return Number(new TextDecoder().decode(stdout));
  });
  return median(times);
}

/** The time to build the checks of all types, the first time, in ms. */
function buildTime(build: Contender["build"]): number {
  return timeOf(() => RECEIVED_MESSAGE_TYPES.map(build), 1) / 1000;
}

const built = contenders.map(({ build }) => buildTime(build));
const payload = payloadText();
const payloads = compare("PayloadMessage", payload, 200);
const heartbeats = compare("HeartbeatMessage", JSON.stringify(SAMPLES.HeartbeatMessage), 50_000);

function cost(times: readonly number[], index: number): string {
  const [parse = NaN] = times;
  return (((times[index + 1] ?? NaN) - parse) / parse).toFixed(2);
}

const columns = ["", "payload", "heartbeat", "import, ms", "build, ms"];
const rows = contenders.map(({ name, specifier }, index) => [
  name,
  cost(payloads, index),
  cost(heartbeats, index),
  importTime(specifier).toFixed(1),
  built[index]?.toFixed(1),
]);
const lines = [columns, columns.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
process.stdout.write(`${lines.join("\n")}

payload, heartbeat: time of the check, JSON.parse of the same text being 1:
${payloads[0]?.toFixed(1)} µs for ${payload.length} characters, ${heartbeats[0]?.toFixed(2)} µs
build: making the checks of all ${RECEIVED_MESSAGE_TYPES.length} types, the first time
`);
