/**
 * The setting that all families of neighbours share.
 *
 * @module
 */

import type { NodeRuntime } from "../node/runtime.ts";
import type { Check } from "./checks.ts";
import type { ProgramRuntime } from "./program_runtime.ts";

/** The environment that a family of checks uses. */
export interface Setting {
  /** The path of the packed package. */
  readonly tarball: string;
  /** The newest Node of all, which installs and builds. */
  readonly installer: NodeRuntime;
  /** The newest Node of each line, and Deno. */
  readonly runtimes: readonly ProgramRuntime[];
  /** Those of them that are Node. */
  readonly nodes: readonly ProgramRuntime[];
  /** The oldest Node of each line. */
  readonly oldest: readonly NodeRuntime[];
  /** A new folder, removed at the end. */
  folder(): Promise<string>;
}

/** Installs what it needs and returns the checks. */
export type Family = (setting: Setting) => Promise<Check[]>;
