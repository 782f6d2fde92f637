/**
 * Finds the code blocks of the documents.
 *
 * @module
 */

import { readdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder. */
export const ROOT: string = fileURLToPath(new URL("../../..", import.meta.url));

/** Documents outside `docs` and `examples`. */
const DOCUMENTS = [
  "README.md",
  "npm/README.md",
  "CONTRIBUTING.md",
  "RELEASING.md",
  "SECURITY.md",
  "CHANGELOG.md",
];

/** A code block. */
export interface CodeBlock {
  /** The document's path in the repository. */
  readonly document: string;
  /** The line of its first line of code, from 1. */
  readonly line: number;
  /** Its language, such as `ts`; empty if the block names none. */
  readonly language: string;
  /** The code, without the indentation of the block. */
  readonly code: string;
}

/** All code blocks in the documents of the repository. */
export async function codeBlocks(): Promise<CodeBlock[]> {
  const nested = await Promise.all(["docs", "examples"].map(async (folder) => {
    const paths = await readdir(join(ROOT, folder), { recursive: true });
    return paths.filter((path) => path.endsWith(".md") && !path.includes("node_modules"))
      .map((path) => posix.join(folder, path)).sort();
  }));
  const blocks = [...DOCUMENTS, ...nested.flat()].map(async (document) =>
    codeBlocksIn(document, await readFile(join(ROOT, document), "utf8"))
  );
  return (await Promise.all(blocks)).flat();
}

/** The code blocks in the text of a document. */
export function codeBlocksIn(document: string, text: string): CodeBlock[] {
  const blocks = text.matchAll(/^( *)```(\w*)[^\n]*\n(.*?)^ *```$/gms);
  return Array.from(blocks, ({ index, 1: indent = "", 2: language = "", 3: code = "" }) => ({
    document,
    line: text.slice(0, index).split("\n").length + 1,
    language,
    code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  }));
}

/** Where a block is, as editors and terminals link it. */
export function placeOf({ document, line }: CodeBlock): string {
  return `${document}:${line}`;
}
