/**
 * JSON that can be printed.
 *
 * @module
 */

/**
 * What `JSON.stringify` leaves as it is and a terminal may take for a command or a line end, or show
 * as nothing or in another order.
 */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Writes a value as JSON in which every character that is not printable is escaped. What it means
 * stays the same.
 *
 * @param value The value.
 * @param indent How far each level is indented; on one line by default.
 * @returns The JSON.
 */
export function printableJson(value: unknown, indent = 0): string {
  // Line ends that the indentation brings are not within strings.
  const lines = JSON.stringify(value, undefined, indent).split("\n");
  return lines.map((line) => line.replace(UNPRINTABLE, escaped)).join("\n");
}

function escaped(character: string): string {
  // One escape for each half of a surrogate pair.
  return character.split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}
