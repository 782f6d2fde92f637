/**
 * Adds a reference to the declaration files for the TypeScript library that they need.
 *
 * @module
 */

import ts from "typescript";
import type { PackageFile } from "./check_files.ts";
import { parse } from "./source_file.ts";

const REFERENCE = '/// <reference lib="esnext.disposable" />\n';

/** Names that only this library, or Node's types, declare. */
const NAMES: ReadonlySet<string> = new Set([
  "AsyncDisposable",
  "Disposable",
  "asyncDispose",
  "dispose",
]);

/**
 * The text of a declaration file, starting with a reference to the library of `AsyncDisposable` if
 * the file uses it. Without that line the package compiles only together with Node's types, which
 * TypeScript 6 and later leave out by default. JSR does not accept such lines, so the sources have
 * none.
 *
 * @param file The declaration file.
 */
export function withDisposableTypes({ path, text }: PackageFile): string {
  return usesDisposable(parse(path, text)) ? REFERENCE + text : text;
}

function usesDisposable(node: ts.Node): boolean {
  if (ts.isIdentifier(node) && NAMES.has(node.text)) return true;
  return ts.forEachChild(node, (child) => usesDisposable(child) || undefined) ?? false;
}
