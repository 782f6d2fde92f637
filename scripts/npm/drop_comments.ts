/**
 * Takes the comments out of JavaScript. In the package they are in the declaration files, where
 * editors look for them; twice they are a sixth of it.
 *
 * @module
 */

import ts from "typescript";
import { parse } from "./source_file.ts";

/**
 * Drops all comments, with the lines that they leave empty.
 *
 * @param path The file's path.
 * @param text Its text.
 */
export function dropComments(path: string, text: string): string {
  const comments = new Map<number, number>();
  const visit = (node: ts.Node): void => {
    const ranges = [
      ...ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [],
      ...ts.getTrailingCommentRanges(text, node.getEnd()) ?? [],
    ];
    for (const { pos, end } of ranges) comments.set(pos, end);
    node.getChildren().forEach(visit);
  };
  visit(parse(path, text));

  let kept = "";
  let position = 0;
  for (const [start, end] of [...comments].sort(([a], [b]) => a - b)) {
    kept += text.slice(position, start);
    const [space = ""] = /^[ \t]*/.exec(text.slice(end)) ?? [];
    position = end + space.length;
    const isWholeLine = text[position] === "\n" && /(?:^|\n)[ \t]*$/.test(kept);
    if (!isWholeLine) continue;
    kept = kept.replace(/[ \t]*$/, "");
    position++;
  }
  return kept + text.slice(position);
}
