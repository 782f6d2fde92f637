/**
 * Writes emulator/api/api_inputs.gen.ts, the inputs of the ECS operations that the emulator serves,
 * from the schemas in AWS's own SDK: run it after changing the operations or the SDK's version.
 *
 * @module
 */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as ecs from "@aws-sdk/client-ecs";
import { NormalizedSchema } from "@smithy/core/schema";
import { run } from "./npm/command.ts";
import { ROOT } from "./npm/deno_config.ts";

/** The path of the table. */
const API_INPUTS_PATH = join(ROOT, "emulator", "api", "api_inputs.gen.ts");

/** The schemas of the operations that the emulator serves, by the operations' names. */
const OPERATIONS: Readonly<Record<string, readonly unknown[]>> = {
  CreateCluster: ecs.CreateCluster$,
  CreateService: ecs.CreateService$,
  DeleteCluster: ecs.DeleteCluster$,
  DeleteService: ecs.DeleteService$,
  DeregisterContainerInstance: ecs.DeregisterContainerInstance$,
  DeregisterTaskDefinition: ecs.DeregisterTaskDefinition$,
  DescribeClusters: ecs.DescribeClusters$,
  DescribeContainerInstances: ecs.DescribeContainerInstances$,
  DescribeServices: ecs.DescribeServices$,
  DescribeTaskDefinition: ecs.DescribeTaskDefinition$,
  DescribeTasks: ecs.DescribeTasks$,
  DiscoverPollEndpoint: ecs.DiscoverPollEndpoint$,
  ListClusters: ecs.ListClusters$,
  ListContainerInstances: ecs.ListContainerInstances$,
  ListServices: ecs.ListServices$,
  ListTagsForResource: ecs.ListTagsForResource$,
  ListTaskDefinitionFamilies: ecs.ListTaskDefinitionFamilies$,
  ListTaskDefinitions: ecs.ListTaskDefinitions$,
  ListTasks: ecs.ListTasks$,
  RegisterContainerInstance: ecs.RegisterContainerInstance$,
  RegisterTaskDefinition: ecs.RegisterTaskDefinition$,
  RunTask: ecs.RunTask$,
  StartTask: ecs.StartTask$,
  StopTask: ecs.StopTask$,
  SubmitAttachmentStateChanges: ecs.SubmitAttachmentStateChanges$,
  SubmitContainerStateChange: ecs.SubmitContainerStateChange$,
  SubmitTaskStateChange: ecs.SubmitTaskStateChange$,
  TagResource: ecs.TagResource$,
  UntagResource: ecs.UntagResource$,
  UpdateContainerInstancesState: ecs.UpdateContainerInstancesState$,
  UpdateService: ecs.UpdateService$,
};

/** Numbers with a fraction: the schemas do not distinguish them from whole numbers. */
const FRACTIONS: readonly string[] = ["canaryPercent", "stepPercent"];

/** The layout of a static schema: https://github.com/smithy-lang/smithy-typescript */
const INPUT_AT = 4;
const MEMBER_NAMES_AT = 4;
const REQUIRED_COUNT_AT = 6;

/**
 * The structures of the inputs: their fields, by the structures' names, each after the ones it
 * contains.
 */
class Structures {
  readonly #texts = new Map<string, string>();
  readonly #open = new Set<string>();

  /** The text of all structures. */
  get text(): string {
    return [...this.#texts].map(([name, fields]) =>
      `const ${name} = { ${fields} } as const satisfies StructureShape;`
    ).join("\n");
  }

  /** The text of a schema; adds the structures in it. */
  shapeOf(schema: NormalizedSchema, field: string): string {
    if (schema.isStructSchema()) return this.#structure(schema);
    if (schema.isListSchema()) return `[${this.shapeOf(schema.getValueSchema(), field)}]`;
    if (schema.isMapSchema()) return '"map"';
    if (schema.isBooleanSchema()) return '"boolean"';
    if (schema.isTimestampSchema()) return '"double"';
    if (schema.isNumericSchema()) return FRACTIONS.includes(field) ? '"double"' : '"integer"';
    if (schema.isStringSchema()) return '"string"';
    throw new Error(`${field} has a type that the table does not support`);
  }

  #structure(schema: NormalizedSchema): string {
    const name = schema.getName() ?? "";
    if (this.#texts.has(name)) return name;
    if (this.#open.has(name)) throw new Error(`${name} contains itself`);
    this.#open.add(name);
    // Documents may be anything, so there is nothing to check.
    const fields = [...schema.structIterator()].filter(([, of]) => !of.isDocumentSchema())
      .map(([member, of]) => `${member}: ${this.shapeOf(of, member)}`);
    this.#texts.set(name, fields.join(", "));
    return name;
  }
}

function inputOf(operation: readonly unknown[]): NormalizedSchema {
  const input = operation[INPUT_AT];
  if (typeof input !== "function" && !Array.isArray(input)) throw new Error("no input");
  return NormalizedSchema.of(typeof input === "function" ? input() : input);
}

/** The members that the input must have. */
function requiredIn(input: NormalizedSchema): readonly unknown[] {
  const schema: unknown = input.getSchema();
  if (!Array.isArray(schema)) return [];
  const names: unknown = schema[MEMBER_NAMES_AT];
  return Array.isArray(names) ? names.slice(0, Number(schema[REQUIRED_COUNT_AT] ?? 0)) : [];
}

/**
 * Writes the table.
 *
 * @param path The file to write.
 */
export async function generateApiInputs(path: string): Promise<void> {
  const structures = new Structures();
  const rows = Object.entries(OPERATIONS).map(([name, operation]) => {
    const input = inputOf(operation);
    const shape = structures.shapeOf(input, name);
    return `  ${name}: { input: ${shape}, required: ${JSON.stringify(requiredIn(input))} },`;
  });
  const source = `// Code generated by \`deno task generate:api\`; do not edit.
/**
 * The inputs of the ECS operations that the emulator serves. Source: the schemas in
 * \`@aws-sdk/client-ecs\`, Apache License 2.0, see NOTICE.
 *
 * @module
 */

import type { FieldShape, StructureShape } from "../../protocol/shapes.ts";

${structures.text}

/** The name of an operation that the emulator serves. */
export type ApiOperation =
  ${Object.keys(OPERATIONS).map((name) => `| "${name}"`).join("\n  ")};

/** The operations, each with the shape of its input and the members that the input must have. */
export const API_INPUTS = {
${rows.join("\n")}
} as const satisfies Record<
  ApiOperation,
  { readonly input: FieldShape; readonly required: readonly string[] }
>;
`;
  await writeFile(path, source);
  const config = ["--config", join(ROOT, "deno.json")];
  await run(Deno.execPath(), ["fmt", "--quiet", ...config, path]);
}

if (import.meta.main) await generateApiInputs(API_INPUTS_PATH);
