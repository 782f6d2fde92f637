/**
 * Text that others wrote, made fit for a line of a log or a message.
 *
 * @module
 */

/**
 * One line without control characters.
 *
 * @param text The text.
 * @param maxLength How much of it is kept, in characters. Default 500.
 * @returns The line.
 */
export function oneLine(text: string, maxLength = 500): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ").trim().slice(0, maxLength);
}
