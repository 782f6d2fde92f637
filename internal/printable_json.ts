/**
 * JSON that can be printed.
 *
 * @module
 */

/**
 * Characters that `JSON.stringify` leaves unescaped and that a terminal may interpret as a command
 * or a line end, hide, or reorder.
 */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Writes a value as JSON in which every unprintable character is escaped. Its meaning stays the
 * same.
 *
 * @param value The value.
 * @param indent The indentation of each level; by default, everything is on one line.
 * @returns The JSON.
 */
export function printableJson(value: unknown, indent = 0): string {
  // Line ends from the indentation are not within strings.
  const lines = JSON.stringify(value, undefined, indent).split("\n");
  return lines.map((line) => line.replace(UNPRINTABLE, escaped)).join("\n");
}

function escaped(character: string): string {
  // One escape per half of a surrogate pair.
  return character.split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}
