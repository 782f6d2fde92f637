/**
 * Checks what the package's JavaScript needs at run time: which packages, which globals, which
 * syntax, and whether importing it does anything.
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
 * Checks that the packages that are imported and those that are listed are the same, and that
 * optional ones are imported with `import()` only.
 *
 * @param files The JavaScript and the declaration files.
 * @returns What is wrong.
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
    // The name in a variable: a bundler leaves such an import() alone, and Deno downloads nothing.
    if (files.some(({ text }) => text.includes(`"${peer}"`))) used.add(peer);
  }
  for (const listed of [...Object.keys(dependencies), ...Object.keys(peerDependencies)]) {
    if (used.has(listed)) continue;
    // An optional one may be imported by a name that is kept in a constant.
    const isOptional = Object.hasOwn(peerDependencies, listed);
    if (isOptional && files.some(({ text }) => text.includes(`"${listed}"`))) continue;
    problems.add(`${listed} is listed but no file imports it`);
  }
  return [...problems];
}

/**
 * Checks one JavaScript file.
 *
 * @param allowedEffects Files that may do something when they are imported, as `./bin/acs.js`.
 * @returns What is wrong.
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
      if (!isDeclaration(statement)) note(statement, "does something when it is imported");
    }
  }
  // A file named for Deno is reached on Deno only; the tests on Node show it.
  const forDeno = path.endsWith("_deno.js");
  const visit = (node: ts.Node): void => {
    if (!forDeno && ts.isIdentifier(node) && node.text === "Deno") note(node, "needs Deno");
    if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.Using) !== 0) {
      note(node, "has a `using` declaration, which `deno pack` leaves as it is and Node 22 lacks");
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
