/**
 * The start of a text.
 *
 * @module
 */

/**
 * The start of a text, as a string of its own. V8 keeps all of a text in memory for a slice of it: a
 * short line of a log would keep a frame of megabytes for as long as it is kept itself.
 *
 * @param text The text.
 * @param maxLength How much of it, in UTF-16 code units; a surrogate pair may be cut in two.
 */
export function startOf(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  // Writing and reading copies; halves of surrogate pairs come through as escapes.
  return String(JSON.parse(JSON.stringify(text.slice(0, maxLength))));
}
