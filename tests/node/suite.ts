/**
 * The tests that Deno runs, prepared for Node: types are stripped, and imports of the sources are
 * redirected to the installed package.
 *
 * @module
 */

import { cp } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { NAME, pinnedVersions, ROOT } from "../../scripts/npm/deno_config.ts";
import { packageOf, specifierOf } from "../../scripts/npm/source_file.ts";

/** Files with a different name in the package, where the command is `bin/acs.js`. */
const RENAMED = new Map([["cli/main.ts", "bin/acs.js"]]);

/** The tests and everything they import, ready to be written. */
export interface Suite {
  /** The paths of the test files in the repository, such as `tests/fault/end_test.ts`. */
  readonly tests: readonly string[];
  /** Each file to write: its path and its text. */
  readonly files: ReadonlyMap<string, string>;
  /** Repository files that the tests read, to be copied unchanged. */
  readonly data: ReadonlySet<string>;
  /** The npm packages that the tests import, as `name@version`. */
  readonly packages: readonly string[];
}

/**
 * Collects and translates these files of the repository and everything they import from it.
 *
 * @param roots Their paths, such as `tests/fault/end_test.ts`.
 * @throws {Error} If one of them imports a file that is neither in tests/ nor in the package.
 */
export async function translate(roots: readonly string[]): Promise<Suite> {
  const files = new Map<string, string>();
  const data = new Set<string>();
  const names = new Set<string>();
  const queue = [...roots];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const output = path.replace(/\.ts$/, ".js");
    if (files.has(output)) continue;
    const translated = translateFile(path, await Deno.readTextFile(join(ROOT, path)));
    files.set(output, translated.text);
    for (const file of translated.imported) queue.push(file);
    for (const file of translated.data) data.add(file);
    for (const name of translated.packages) names.add(name);
  }
  return { tests: roots, files, data, packages: withVersions(names) };
}

/** Writes a suite into a folder that has the package installed. */
export async function writeSuite(suite: Suite, folder: string): Promise<void> {
  for (const [path, text] of suite.files) {
    await Deno.mkdir(join(folder, dirname(path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  }
  for (const path of suite.data) {
    await Deno.mkdir(join(folder, dirname(path)), { recursive: true });
    // A test may name a whole folder.
    await cp(join(ROOT, path), join(folder, path), { recursive: true });
  }
}

interface TranslatedFile {
  readonly text: string;
  readonly imported: ReadonlySet<string>;
  readonly data: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
}

function translateFile(path: string, source: string): TranslatedFile {
  const imported = new Set<string>();
  const data = new Set<string>();
  const packages = new Set<string>();

  const place = (specifier: string): string => {
    if (!specifier.startsWith(".")) {
      const name = packageOf(specifier);
      if (name !== undefined && name !== NAME) packages.add(name);
      return specifier;
    }
    const file = relative(ROOT, resolve(ROOT, dirname(path), specifier));
    if (!file.endsWith(".ts")) {
      data.add(file);
      return specifier;
    }
    if (/^(?:tests|examples)\//.test(file)) {
      imported.add(file);
      return specifier.replace(/\.ts$/, ".js");
    }
    const packed = RENAMED.get(file) ?? file.replace(/\.ts$/, ".js");
    return relative(dirname(path), join("node_modules", NAME, packed));
  };

  const { outputText } = ts.transpileModule(source, {
    fileName: path,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    transformers: { after: [(context) => (file) => replacePaths(file, context, place)] },
  });
  return { text: outputText, imported, data, packages };
}

/** Replaces the specifiers of imports and the paths in `new URL(path, import.meta.url)`. */
function replacePaths(
  file: ts.SourceFile,
  context: ts.TransformationContext,
  place: (specifier: string) => string,
): ts.SourceFile {
  const replaced = new Map<ts.Node, string>();
  const visit = (node: ts.Node): ts.Node => {
    const specifier = specifierOf(node) ?? urlPathOf(node);
    if (specifier) replaced.set(specifier, place(specifier.text));
    const text = replaced.get(node);
    if (text !== undefined) return context.factory.createStringLiteral(text);
    return ts.visitEachChild(node, visit, context);
  };
  return ts.visitEachChild(file, visit, context);
}

/** The path in `new URL(path, import.meta.url)`. */
function urlPathOf(node: ts.Node): ts.StringLiteral | undefined {
  if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
  const [path, base] = node.arguments ?? [];
  if (node.expression.text !== "URL" || !path || !base) return undefined;
  if (!ts.isStringLiteral(path) || !ts.isPropertyAccessExpression(base)) return undefined;
  return ts.isMetaProperty(base.expression) ? path : undefined;
}

function withVersions(names: ReadonlySet<string>): string[] {
  const versions = pinnedVersions();
  return [...names].map((name) => {
    const version = versions.get(name);
    if (version === undefined) throw new Error(`the tests import ${name}, not in deno.json`);
    return `${name}@${version}`;
  });
}
