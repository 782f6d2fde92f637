/**
 * The emulator's options in the head of a scenario.
 *
 * @module
 */

import * as v from "@badrap/valita";
import { nonEmptyText } from "../control/input_types.ts";
import type { ScenarioEmulatorOptions } from "./scenario.ts";

const credentials = v.object({
  accessKeyId: nonEmptyText,
  secretAccessKey: nonEmptyText,
  sessionToken: nonEmptyText.optional(),
});

const options = v.object({
  answerTaskStopVerification: v.boolean().optional(),
  clockSkewMs: v.number().optional(),
  clusterArn: nonEmptyText.optional(),
  containerInstances: v.array(nonEmptyText).optional(),
  credentials: credentials.optional(),
  exceptionForm: v.union(v.literal("framed"), v.literal("bare")).optional(),
  heartbeatIntervalMs: v.union(v.number(), v.tuple([v.number(), v.number()])).optional(),
  maxConnectionMs: v.number().optional(),
  missedHeartbeatLimit: v.number().optional(),
  recordTelemetry: v.boolean().optional(),
  region: nonEmptyText.optional(),
  requireRegistration: v.boolean().optional(),
  seed: v.number().optional(),
});

/** The names of all options, and of the fields of object-valued ones. */
export const EMULATOR_OPTION_FIELDS = {
  emulator: Object.keys(options.shape),
  credentials: Object.keys(credentials.shape),
};

/** The types of the options; the emulator checks their ranges. */
export const emulatorOptionsInput: v.Type<ScenarioEmulatorOptions> = options.chain((options) =>
  isComplete(options) ? v.ok<ScenarioEmulatorOptions>(options) : v.err("must not be undefined")
);

/** JSON has no undefined, but a scenario may be an object in a program. */
function isComplete(options: object): options is ScenarioEmulatorOptions {
  return Object.values(options).every((value) => value !== undefined);
}
