/**
 * Checks workflow files of GitHub Actions against GitHub's own schema.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { JSONObjectReader } from "@actions/workflow-parser/templates/json-object-reader";
import { TemplateSchema } from "@actions/workflow-parser/templates/schema/index";
import {
  TemplateContext,
  TemplateValidationErrors,
} from "@actions/workflow-parser/templates/template-context";
import { readTemplate } from "@actions/workflow-parser/templates/template-reader";
import { NoOperationTraceWriter } from "@actions/workflow-parser/templates/trace-writer";
import { WORKFLOW_ROOT } from "@actions/workflow-parser/workflows/workflow-constants";
import { YamlObjectReader } from "@actions/workflow-parser/workflows/yaml-object-reader";

// The package's main module imports this file in a way that only bundlers accept.
const SCHEMA_FILE = new URL(
  "../workflow-v1.0.min.json",
  import.meta.resolve("@actions/workflow-parser/workflows/workflow-constants"),
);

const schema = TemplateSchema.load(
  new JSONObjectReader(undefined, await readFile(SCHEMA_FILE, "utf8")),
);

/**
 * Returns everything in a workflow that GitHub would refuse.
 *
 * @param name The file's name, for the messages.
 * @param text The file's text.
 */
export function workflowProblems(name: string, text: string): string[] {
  const errors = new TemplateValidationErrors();
  const context = new TemplateContext(errors, schema, new NoOperationTraceWriter());
  const file = context.getFileId(name);
  const reader = new YamlObjectReader(file, text);
  const invalidYaml = Array.from(reader.errors, ({ message }) => message);
  if (invalidYaml.length > 0) return invalidYaml;
  readTemplate(context, WORKFLOW_ROOT, reader, file);
  return errors.getErrors().map(({ message }) => message);
}
