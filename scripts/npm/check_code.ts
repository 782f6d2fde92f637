/**
 * Checks what the package's JavaScript needs at run time: its packages, its globals, its syntax,
 * and whether importing it has side effects.
 *
 * @module
 */

import ts from "typescript";
import type { PackageFile } from "./check_files.ts";
import type { PackageJson } from "./package_json.ts";
import { importsOf, packageOf, parse } from "./source_file.ts";

/** How `deno pack` writes the name of a method like `[Symbol.asyncDispose]`. */
const COMPUTED_KEY = /^_computedKey\w* = Symbol\.\w+;$/;

/**
 * Checks that the imported packages and the listed ones are the same, and that optional ones are
 * only imported with `import()`.
 *
 * @param files The JavaScript and the declaration files.
 * @returns The problems found.
 */
export function checkDependencies(
  files: readonly PackageFile[],
  { name, dependencies, peerDependencies }: PackageJson,
): string[] {
  const problems = new Set<string>();
  const used = new Set<string>();
  for (const { path, text } of files) {
    for (const { specifier, dynamic } of importsOf(parse(path, text))) {
      const imported = packageOf(specifier);
      if (imported === undefined || imported === name) continue;
      used.add(imported);
      const optional = Object.hasOwn(peerDependencies, imported);
      if (optional && !dynamic) {
        problems.add(`${path} needs ${imported}, an optional peer, as soon as it is imported`);
      }
      if (!optional && !Object.hasOwn(dependencies, imported)) {
        problems.add(`${path} imports ${imported}, which is not in dependencies`);
      }
    }
  }
  for (const peer of Object.keys(peerDependencies)) {
    // The name is in a variable: a bundler leaves such an import() alone, and Deno downloads
    // nothing.
    if (files.some(({ text }) => text.includes(`"${peer}"`))) used.add(peer);
  }
  for (const listed of [...Object.keys(dependencies), ...Object.keys(peerDependencies)]) {
    if (used.has(listed)) continue;
    // The name of an optional package may be stored in a constant.
    const isOptional = Object.hasOwn(peerDependencies, listed);
    if (isOptional && files.some(({ text }) => text.includes(`"${listed}"`))) continue;
    problems.add(`${listed} is listed, but no file imports it`);
  }
  return [...problems];
}

/**
 * Checks one JavaScript file.
 *
 * @param allowedEffects Files that may have side effects when they are imported, such as
 * `./bin/acs.js`.
 * @returns The problems found.
 */
export function checkCode(
  { path, text }: PackageFile,
  allowedEffects: readonly string[],
): string[] {
  const file = parse(path, text);
  const problems: string[] = [];
  const note = (node: ts.Node, what: string) => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    problems.push(`${path}:${line + 1} ${what}`);
  };

  if (!allowedEffects.includes(`./${path}`)) {
    for (const statement of file.statements) {
      if (!isDeclaration(statement)) note(statement, "has side effects when it is imported");
    }
  }
  // A file named for Deno is only reached on Deno; the tests on Node would detect it.
  const forDeno = path.endsWith("_deno.js");
  const visit = (node: ts.Node): void => {
    if (!forDeno && ts.isIdentifier(node) && node.text === "Deno") note(node, "needs Deno");
    if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.Using) !== 0) {
      note(
        node,
        " has a `using` declaration, which `deno pack` leaves unchanged and Node 22 does not support",
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return problems;
}

function isDeclaration(statement: ts.Statement): boolean {
  return ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement) ||
    ts.isVariableStatement(statement) || ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) || COMPUTED_KEY.test(statement.getText());
}
