/**
 * Finds places in a JSON text: where it stops being JSON, and where the entries of a list begin.
 * The engine's own parser reports neither reliably.
 *
 * @module
 */

/** A place in a text. */
export interface TextPlace {
  /** The line, from 1. */
  readonly line: number;
  /** The column, from 1, in UTF-16 code units. */
  readonly column: number;
}

/** Where a text stops being JSON. */
export interface JsonProblem extends TextPlace {
  /** The problem, which quotes at most one character of the text. */
  readonly text: string;
}

/**
 * Finds the first place where a text is not JSON.
 *
 * @param text The text.
 * @returns `undefined` if it is JSON, or nested too deeply to tell.
 */
export function findJsonProblem(text: string): JsonProblem | undefined {
  const { problem } = new JsonScan(text, undefined);
  return problem && { ...placeOf(text, problem.offset), text: problem.text };
}

/**
 * Finds where the entries of a list begin.
 *
 * @param text The text.
 * @param field The field of the outermost object that has the list.
 * @returns The place of each entry, up to the first place where the text is not JSON.
 */
export function placesOfEntries(text: string, field: string): TextPlace[] {
  return new JsonScan(text, field).entries.map((offset) => placeOf(text, offset));
}

function placeOf(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Deeper texts are not scanned. */
const MAX_DEPTH = 500;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/uy;
const WORD = /(?:true|false|null)(?![A-Za-z\d_])/y;
const BLANKS = /[ \t\r\n]*/y;

/** Where the scan ended. */
interface ScanProblem {
  readonly offset: number;
  readonly text: string;
}

/** One pass over a text. */
class JsonScan {
  /** The offsets of the entries of the list. */
  readonly entries: number[] = [];
  /** The first problem. */
  readonly problem: ScanProblem | undefined;
  readonly #text: string;
  readonly #field: string | undefined;
  #at = 0;

  constructor(text: string, field: string | undefined) {
    this.#text = text;
    this.#field = field;
    this.problem = this.#value(0, false) ?? this.#end();
  }

  #end(): ScanProblem | undefined {
    this.#skip(BLANKS);
    return this.#at === this.#text.length ? undefined : this.#fail("the end of the file");
  }

  /** Skips a value, with everything in it. */
  #value(depth: number, isWanted: boolean): ScanProblem | undefined {
    this.#skip(BLANKS);
    if (depth > MAX_DEPTH) return undefined;
    switch (this.#text[this.#at]) {
      case "{":
        return this.#members(depth);
      case "[":
        return this.#elements(depth, isWanted);
      case '"':
        return this.#string("the end of this string");
      default:
        return this.#skip(NUMBER) || this.#skip(WORD) ? undefined : this.#fail("a value");
    }
  }

  #members(depth: number): ScanProblem | undefined {
    this.#at++;
    if (this.#isAt("}")) return undefined;
    for (;;) {
      this.#skip(BLANKS);
      const from = this.#at;
      const problem = this.#string('a name in quotes, or "}"');
      if (problem !== undefined) return problem;
      const name = this.#text.slice(from + 1, this.#at - 1);
      if (!this.#isAt(":")) return this.#fail('":"');
      const inValue = this.#value(depth + 1, depth === 0 && name === this.#field);
      if (inValue !== undefined) return inValue;
      if (this.#isAt("}")) return undefined;
      if (!this.#isAt(",")) return this.#fail('"," or "}"');
    }
  }

  #elements(depth: number, isWanted: boolean): ScanProblem | undefined {
    this.#at++;
    if (this.#isAt("]")) return undefined;
    for (;;) {
      this.#skip(BLANKS);
      if (isWanted) this.entries.push(this.#at);
      const inValue = this.#value(depth + 1, false);
      if (inValue !== undefined) return inValue;
      if (this.#isAt("]")) return undefined;
      if (!this.#isAt(",")) return this.#fail('"," or "]"');
    }
  }

  #string(expected: string): ScanProblem | undefined {
    return this.#skip(STRING) ? undefined : this.#fail(expected);
  }

  /** Skips spaces and a character, if it is the next one. */
  #isAt(character: string): boolean {
    this.#skip(BLANKS);
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return false;
    this.#at += match[0].length;
    return true;
  }

  #fail(expected: string): ScanProblem {
    const found = this.#text[this.#at];
    const what = found === undefined ? "the end of the file" : JSON.stringify(found);
    return { offset: this.#at, text: `expected ${expected}, found ${what}` };
  }
}
