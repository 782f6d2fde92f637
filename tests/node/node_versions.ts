/**
 * The versions of Node that the package is tested on.
 *
 * @module
 */

/** The newest release of each line: all tests run on them. */
export const NEWEST_NODES: readonly string[] = ["22.23.3", "24.21.0", "26.12.1"];

/**
 * The oldest release of each line that `engines` in npm/package_fields.json allows: the package is
 * installed, imported, connects and acknowledges. 22.13 is the first that can `require()` an ES
 * module without a warning.
 */
export const OLDEST_NODES: readonly string[] = ["22.13.0", "24.0.0", "26.0.0"];
