/**
 * Checks the package's declaration files: one for each export, documented, without `Deno`.
 *
 * @module
 */

import { join } from "node:path";
import ts from "typescript";
import type { PackageFile } from "./check_files.ts";
import type { PackageJson } from "./package_json.ts";
import { importsOf, parse } from "./source_file.ts";

/**
 * Checks that every export exists, and that every imported declaration file exists. `deno pack`
 * leaves them out, with exit code 0, if a type of the public API is not written out.
 *
 * @param files The declaration files.
 * @param exported The names that must be exported, such as `.` and `./emulator`.
 * @returns The problems found.
 */
export function checkDeclarationFiles(
  files: readonly PackageFile[],
  { exports }: PackageJson,
  exported: readonly string[],
): string[] {
  const paths = new Set(files.map(({ path }) => `./${path}`));
  const problems: string[] = [];
  for (const name of exported) {
    const types = exports[name]?.types;
    if (types === undefined || !paths.has(types)) {
      problems.push(
        `the export ${name} has no .d.ts: see the slow types that deno pack has printed`,
      );
    }
  }
  for (const { path, text } of files) {
    for (const { specifier } of importsOf(parse(path, text))) {
      if (!specifier.startsWith(".")) continue;
      const wanted = `./${join(path, "..", specifier).replace(/\.js$/, ".d.ts")}`;
      if (!paths.has(wanted)) problems.push(`${path} imports ${specifier}, which has no .d.ts`);
    }
  }
  return problems;
}

/**
 * Looks for `Deno` in a declaration file; comments may mention it.
 *
 * @returns The problems found.
 */
export function checkDenoTypes({ path, text }: PackageFile): string[] {
  const problems: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === "Deno") {
      problems.push(`${path} has a type of Deno: ${node.parent.getText()}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(path, text));
  return problems;
}

/**
 * Checks that everything exported, and the members of exported classes and interfaces, still have
 * their documentation.
 *
 * @param folder The unpacked package.
 * @returns The problems found, and how many symbols were checked.
 */
export function checkDocumentation(
  folder: string,
  { exports }: PackageJson,
): { problems: string[]; documented: number } {
  const entries = Object.values(exports).flatMap(({ types }) => types ? [join(folder, types)] : []);
  const program = ts.createProgram(entries, {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ESNext,
    types: [],
  });
  const checker = program.getTypeChecker();
  const problems = new Set<string>();
  const seen = new Set<ts.Symbol>();
  const look = (symbol: ts.Symbol, name: string) => {
    seen.add(symbol);
    if (symbol.getDocumentationComment(checker).length === 0) {
      problems.add(`${name} has no documentation in its .d.ts`);
    }
  };
  for (const entry of entries) {
    const file = program.getSourceFile(entry);
    const module = file && checker.getSymbolAtLocation(file);
    if (!module) continue;
    for (const exported of checker.getExportsOfModule(module)) {
      const alias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
      const symbol = alias ? checker.getAliasedSymbol(exported) : exported;
      if (seen.has(symbol)) continue;
      look(symbol, symbol.name);
      for (const member of membersOf(symbol, checker)) {
        look(member, `${symbol.name}.${member.name}`);
      }
    }
  }
  return { problems: [...problems], documented: seen.size - problems.size };
}

/** The members that a class or interface itself declares. */
function membersOf(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol[] {
  const declarations = symbol.declarations ?? [];
  return declarations.flatMap((declaration) => {
    if (!ts.isClassDeclaration(declaration) && !ts.isInterfaceDeclaration(declaration)) return [];
    return declaration.members.flatMap((member) => {
      const found = member.name && checker.getSymbolAtLocation(member.name);
      return found ? [found] : [];
    });
  });
}
