/** The console's page is JavaScript with types in comments, which the compiler checks. */

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { ROOT } from "../../scripts/npm/deno_config.ts";
import { test } from "../testing/test.ts";

const PAGE = join(ROOT, "emulator", "console", "page");

const OPTIONS: ts.CompilerOptions = {
  allowJs: true,
  checkJs: true,
  noEmit: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noFallthroughCasesInSwitch: true,
  noUnusedLocals: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: [],
};

test("The console's page has no type errors", async () => {
  const files = (await readdir(PAGE)).filter((name) => name.endsWith(".js"))
    .map((name) => join(PAGE, name));

  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram(files, OPTIONS));

  const problems = diagnostics.map(({ file, start = 0, messageText }) => {
    const place = file?.getLineAndCharacterOfPosition(start);
    const text = ts.flattenDiagnosticMessageText(messageText, "\n");
    return `${file?.fileName.slice(ROOT.length)}:${(place?.line ?? 0) + 1}: ${text}`;
  });
  assert.deepEqual(problems, []);
});
