/**
 * The versions of the packages that ours is tested with: those that run in the same process,
 * bundlers, package managers and compilers. To add a neighbour, see CONTRIBUTING.md.
 *
 * @module
 */

/** The versions of each package, oldest first. */
export const NEIGHBOURS = {
  /** One for each line that Node has bundled, and the latest. */
  "undici": ["5.29.0", "6.29.1", "7.30.2", "8.13.1"],
  /** The first release with today's API, and the latest of each minor line. */
  "@logtape/logtape": [
    "1.0.0",
    "1.1.2",
    "1.2.9",
    "1.3.11",
    "2.0.29",
    "2.1.18",
    "2.2.16",
    "2.3.13",
    "2.4.2",
  ],
  /** The last with version 2 of the SDK's packages, and the latest, with version 3. */
  "@opentelemetry/sdk-node": ["0.223.0", "0.301.0"],
  "esbuild": ["0.28.2"],
  "vitest": ["5.1.2"],
  "rollup": ["4.68.8"],
  "@rollup/plugin-commonjs": ["29.0.3"],
  "@rollup/plugin-node-resolve": ["16.0.3"],
  "pnpm": ["12.21.0"],
  /** Yarn 1, which does not install peers. */
  "yarn": ["1.22.22"],
  /** Yarn 4, with Plug'n'Play. */
  "@yarnpkg/cli-dist": ["4.18.1"],
  /** The latest of each minor line since 5.4. */
  "typescript": ["5.4.5", "5.5.4", "5.6.3", "5.7.3", "5.8.3", "5.9.3", "6.0.3", "7.0.2"],
  /** Of the oldest Node that is supported. */
  "@types/node": ["22.20.5"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A package of the table. */
export type Neighbour = keyof typeof NEIGHBOURS;

/** One version of a package, installed under its own name next to the others. */
export interface NeighbourVersion {
  /** The name under which it is imported, such as `undici-8.13.1`. */
  readonly alias: string;
  /** The package and its version, such as `undici 8.13.1`. */
  readonly title: string;
  /** Its major version, such as `8`. */
  readonly major: number;
  /** The specifier for npm. */
  readonly specifier: string;
}

/** All versions of a package. */
export function versionsOf(name: Neighbour): NeighbourVersion[] {
  return NEIGHBOURS[name].map((version) => {
    const alias = `${name.replace(/^@.*\//, "")}-${version}`;
    return {
      alias,
      title: `${name} ${version}`,
      major: Number.parseInt(version),
      specifier: `${alias}@npm:${name}@${version}`,
    };
  });
}

/** The latest version of a package, to be installed under its usual name. */
export function latestOf(name: Neighbour): string {
  return `${name}@${NEIGHBOURS[name].at(-1)}`;
}
