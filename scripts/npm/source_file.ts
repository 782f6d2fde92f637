/**
 * Parses JavaScript and declaration files with TypeScript's parser.
 *
 * @module
 */

import ts from "typescript";

/** Parses a file. */
export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** One import of a file. */
export interface FileImport {
  /** The specifier as written. */
  readonly specifier: string;
  /** Whether it is an `import()`. */
  readonly dynamic: boolean;
}

/** All imports of a file, including type-only ones. */
export function importsOf(file: ts.SourceFile): readonly FileImport[] {
  const imports: FileImport[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier) {
      imports.push({ specifier: specifier.text, dynamic: ts.isCallExpression(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return imports;
}

/** The specifier that a node imports, if it is a literal. */
export function specifierOf(node: ts.Node): ts.StringLiteral | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return literal(node.moduleSpecifier);
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return literal(node.arguments[0]);
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return literal(node.argument.literal);
  }
  return undefined;
}

/**
 * The name of the package in a specifier; `undefined` for files and for the runtime's own modules.
 */
export function packageOf(specifier: string): string | undefined {
  if (/^(?:\.|\/|[a-z]+:)/.test(specifier)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}

function literal(node: ts.Node | undefined): ts.StringLiteral | undefined {
  return node && ts.isStringLiteral(node) ? node : undefined;
}
