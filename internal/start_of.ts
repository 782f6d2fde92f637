/**
 * The start of a text.
 *
 * @module
 */

/**
 * The start of a text, as a separate string. V8 keeps the whole text in memory for a slice of it: a
 * short log line would keep a frame of megabytes in memory as long as the line itself.
 *
 * @param text The text.
 * @param maxLength The maximum length, in UTF-16 code units; a surrogate pair may be cut in two.
 */
export function startOf(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  // Serializing and parsing makes a copy; unpaired surrogates survive as escapes.
  return String(JSON.parse(JSON.stringify(text.slice(0, maxLength))));
}
