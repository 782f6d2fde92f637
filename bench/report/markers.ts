/**
 * Generated parts of a hand-written document.
 *
 * @module
 */

/**
 * Replaces the text between `<!-- begin name -->` and `<!-- end name -->`.
 *
 * @param document The whole document.
 * @param name The part's name.
 * @param content The new text, as blocks of Markdown.
 * @returns The changed document.
 * @throws {Error} If the document has no such part or lacks its end marker.
 */
export function replacePart(document: string, name: string, content: string): string {
  const begin = `<!-- begin ${name} -->`;
  const end = `<!-- end ${name} -->`;
  const start = document.indexOf(begin);
  const stop = document.indexOf(end, start);
  if (start < 0 || stop < 0) {
    throw new Error(`The document has no part between ${begin} and ${end}`);
  }
  return `${document.slice(0, start + begin.length)}\n\n${content.trim()}\n\n${
    document.slice(stop)
  }`;
}
