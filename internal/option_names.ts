/**
 * Misspelt options are refused, since a silently ignored value would leave a default in place.
 *
 * @module
 */

/**
 * The names of an object's fields. Written as an object, so that the compiler detects both missing
 * names and names that do not exist.
 */
export type OptionNames<T extends object> = { readonly [K in keyof Required<T>]: true };

/**
 * Checks that an object has no fields other than those its type declares.
 *
 * @example
 * ```ts
 * import { checkOptionNames } from "./option_names.ts";
 *
 * checkOptionNames({ minMs: 5 }, { minMs: true, maxMs: true }, "backoff"); // fine
 * // checkOptionNames({ minMS: 5 }, { minMs: true, maxMs: true }, "backoff") throws:
 * // There is no option backoff.minMS; did you mean backoff.minMs?
 * ```
 *
 * @param given The object as the caller passed it.
 * @param names Its fields; see {@linkcode OptionNames}.
 * @param path Where the object is within the options, such as `"timing"`; `""` for the options
 * themselves.
 * @throws {RangeError} If there is another field; the message names it and the most similar
 * existing name.
 */
export function checkOptionNames(
  given: object,
  names: Readonly<Record<string, true>>,
  path: string,
): void {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(names, name)) continue;
    const prefix = path === "" ? "" : `${path}.`;
    const nearest = nearestName(name, Object.keys(names));
    const hint = nearest === undefined ? "" : `; did you mean ${prefix}${nearest}?`;
    throw new RangeError(`There is no option ${prefix}${shorten(name)}${hint}`);
  }
}

/** The longest name that is quoted and compared, in UTF-16 code units. */
const MAX_NAME_LENGTH = 64;

function shorten(name: string): string {
  return name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH)}…`;
}

/**
 * Finds the name that a misspelled one was probably meant to be.
 *
 * @param name The misspelled name.
 * @param names The existing names.
 * @returns The closest name, else the only one that begins with the given name. `undefined` if
 * there is none: a close name differs in at most a third of its characters.
 */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  if (name.length > MAX_NAME_LENGTH) return undefined;
  let nearest: string | undefined;
  let least = Infinity;
  const candidates = [...names];
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance >= least || distance * 3 > Math.max(candidate.length, 3)) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest ?? onlyOneBeginningWith(name, candidates);
}

/** Minimum length of a name that is accepted as the beginning of another one, in characters. */
const MIN_BEGINNING = 3;

function onlyOneBeginningWith(name: string, candidates: readonly string[]): string | undefined {
  if (name.length < MIN_BEGINNING) return undefined;
  const [only, ...others] = candidates.filter((each) =>
    each.toLowerCase().startsWith(name.toLowerCase())
  );
  return others.length === 0 ? only : undefined;
}

/**
 * The end of an error message about an unknown name: the name that was probably meant, or all
 * names.
 *
 * @param name The name.
 * @param known The existing names.
 * @returns Such as `; did you mean family?` or `; known: cpu, family`; empty if there are none.
 */
export function nameHint(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `; did you mean ${nearest}?`;
  return known.length === 0 ? "" : `; known: ${known.join(", ")}`;
}

/**
 * The Damerau–Levenshtein distance: the number of insertions, deletions, substitutions and swaps of
 * adjacent characters.
 */
function editDistance(from: string, to: string): number {
  let beforePrevious: readonly number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const removed = (previous[column] ?? 0) + 1;
      const inserted = (current[column - 1] ?? 0) + 1;
      const areSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1];
      const swapped = areSwapped ? (beforePrevious[column - 2] ?? 0) + 1 : Infinity;
      current.push(Math.min(replaced, removed, inserted, swapped));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}
