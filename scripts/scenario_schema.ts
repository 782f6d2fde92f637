/**
 * The JSON Schema of a scenario's file, for completion and checks in editors.
 *
 * @module
 */

import { OPERATIONS } from "../emulator/control/operations.ts";
import { EVENTS } from "../emulator/scenario/expectation.ts";
import type { ScenarioEmulatorOptions } from "../emulator/scenario/scenario.ts";

/** A part of a schema. */
type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: "string", minLength: 1 };
const ms: Schema = { type: "integer", minimum: 0 };
const flag: Schema = { type: "boolean" };

const EMULATOR_OPTIONS: { readonly [K in keyof Required<ScenarioEmulatorOptions>]: Schema } = {
  answerTaskStopVerification: flag,
  clockSkewMs: { type: "number" },
  clusterArn: text,
  containerInstances: { type: "array", items: text },
  credentials: object(
    { accessKeyId: text, secretAccessKey: text, sessionToken: text },
    ["accessKeyId", "secretAccessKey"],
  ),
  exceptionForm: { enum: ["framed", "bare"] },
  heartbeatIntervalMs: {
    anyOf: [
      { type: "number" },
      { type: "array", items: { type: "number" }, minItems: 2, maxItems: 2 },
    ],
  },
  maxConnectionMs: { type: "number" },
  missedHeartbeatLimit: { type: "number" },
  recordTelemetry: flag,
  region: text,
  requireRegistration: flag,
  seed: { type: "number" },
};

/** The schema, of draft 7. */
export function scenarioSchema(): Schema {
  const steps = { type: "array", minItems: 1, items: { anyOf: stepSchemas() } };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "A scenario of acs emulate",
    ...object({
      $schema: { type: "string" },
      name: described(text, "Its name in reports"),
      description: described({ type: "string" }, "Its description, for readers"),
      emulator: described(object(EMULATOR_OPTIONS), "The options to start the emulator with"),
      timeoutMs: described(
        { type: "integer", minimum: 1 },
        "Time limit of the whole scenario, in ms; by default 60000",
      ),
      steps: described(steps, "The steps, in order; the first one that fails ends the scenario"),
    }, ["steps"]),
  };
}

function stepSchemas(): Schema[] {
  const frame = {
    title: described(text, "Its title in reports"),
    at: described(ms, "The earliest time at which it begins, in ms after the start"),
  };
  const selection = {
    type: described(text, "The type of the message"),
    messageId: described(text, "The id of the message; ack needs it"),
    containerInstanceArn: text,
    match: described({ type: "object" }, "A partial entry of the transcript"),
    since: described(
      { const: "start" },
      "start counts all events since the scenario began, in any order",
    ),
  };
  const event = { enum: Object.keys(EVENTS) };
  const as = described(
    { type: "string", pattern: "^[A-Za-z0-9_-]+$" },
    'The name of its result: later steps use "$name.field"',
  );
  const count = { type: "integer", minimum: 0 };
  return [
    ...Object.entries(OPERATIONS).map(([name, { fields, summary }]) =>
      object({
        ...frame,
        do: described({ const: name }, summary),
        with: object(Object.fromEntries(fields.map((field) => [field, true]))),
        as,
      }, ["do"])
    ),
    object({
      ...frame,
      ...selection,
      expect: described(event, "The event to wait for"),
      count: { type: "integer", minimum: 1 },
      within: described(ms, "Time limit of the wait, in ms; by default 10000"),
      as,
    }, ["expect"]),
    object({ ...frame, ...selection, expect: event, atMost: count, for: ms }, [
      "expect",
      "atMost",
      "for",
    ]),
    object({
      ...frame,
      ...selection,
      expectNo: described(event, "The event that must not happen"),
      for: described(ms, "How long to wait, in ms"),
    }, ["expectNo", "for"]),
    object({ ...frame, pause: described(ms, "How long to wait, in ms") }, ["pause"]),
  ];
}

function object(properties: Schema, required: readonly string[] = []): Schema {
  return {
    type: "object",
    properties,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

function described(schema: Schema, description: string): Schema {
  return { description, ...schema };
}
