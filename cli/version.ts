/**
 * This package's version, for the command.
 *
 * @module
 */

export { VERSION } from "../internal/version.ts";
