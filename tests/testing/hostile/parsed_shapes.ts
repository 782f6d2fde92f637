/**
 * JSON that occupies many times the size of its text once it is parsed.
 *
 * @module
 */

/** One such shape. */
export interface ParsedShape {
  readonly name: string;
  /**
   * Makes its text.
   *
   * @param size The approximate length, in characters.
   */
  make(size: number): string;
}

/** Nested structures, of about this many characters. */
export function nestedJson(open: string, close: string, size: number): string {
  const levels = Math.floor(size / (open.length + close.length));
  return open.repeat(levels) + (open.endsWith(":") ? "0" : "") + close.repeat(levels);
}

function listOf(entry: string, size: number): string {
  const count = Math.max(1, Math.floor(size / (entry.length + 1)));
  return `[${`${entry},`.repeat(count - 1)}${entry}]`;
}

/** Entries that differ, each made from its number. */
function listOfEach(entry: (index: number) => string, size: number): string {
  const count = Math.max(1, Math.floor(size / (entry(size).length + 1)));
  return `[${Array.from({ length: count }, (_, index) => entry(index)).join()}]`;
}

/** A short name that is unique to this number and is not an index. */
function nameOf(index: number): string {
  return `k${index.toString(36)}`;
}

/** From the costliest on, as measured. */
export const PARSED_SHAPES: readonly ParsedShape[] = [
  { name: '{"34":{"34":', make: (size) => nestedJson('{"34":', "}", size) },
  { name: '{"34":[{"34":[', make: (size) => nestedJson('{"34":[', "]}", size) },
  { name: '[{"34":0},', make: (size) => listOf('{"34":0}', size) },
  { name: "[[[", make: (size) => nestedJson("[", "]", size) },
  { name: '{"99":{"99":', make: (size) => nestedJson('{"99":', "}", size) },
  { name: '[{"300":0},', make: (size) => listOf('{"300":0}', size) },
  { name: "[[{}],", make: (size) => listOf("[{}]", size) },
  { name: "[{},", make: (size) => listOf("{}", size) },
  { name: "[[],", make: (size) => listOf("[]", size) },
  { name: "[[0],", make: (size) => listOf("[0]", size) },
  { name: "[[1e9],", make: (size) => listOf("[1e9]", size) },
  { name: '["",1e9,', make: (size) => listOf('"",1e9', size) },
  { name: "[0,", make: (size) => listOf("0", size) },
  { name: '{"":{"":', make: (size) => nestedJson('{"":', "}", size) },
  { name: '[{"a":{}},', make: (size) => listOf('{"a":{}}', size) },
  {
    name: "objects with one differing name each",
    make: (size) => listOfEach((index) => `{"${nameOf(index)}":{}}`, size),
  },
  {
    name: "one object with many names",
    make: (size) =>
      listOfEach((index) => `"${nameOf(index)}":0`, size).replace(/^\[(.*)\]$/s, "{$1}"),
  },
  { name: "differing short strings", make: (size) => listOfEach((i) => `"${nameOf(i)}"`, size) },
  {
    name: "short strings of two bytes per character",
    make: (size) => listOfEach((index) => `"\u0100${nameOf(index)}"`, size),
  },
  {
    name: "strings of 20 characters",
    make: (size) => listOfEach((index) => `"${nameOf(index).padStart(20, "x")}"`, size),
  },
  { name: "one string", make: (size) => `"${"x".repeat(size)}"` },
  { name: "one string of two bytes per character", make: (size) => `"${"\u0100".repeat(size)}"` },
  { name: "one string with one escape", make: (size) => `"\\u0100${"x".repeat(size)}"` },
  { name: "escapes", make: (size) => `"${"\\u0100".repeat(size / 6)}"` },
];
