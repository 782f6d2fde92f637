/**
 * The path of a temporary state file.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs a test with a path for a state file, which it does not create. */
export async function withStateFile(fn: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "acs-state-"));
  try {
    await fn(join(folder, "state.db"));
  } finally {
    await rm(folder, { recursive: true });
  }
}
