/**
 * Describes why a file cannot be read or written.
 *
 * @module
 */

import { describeError } from "./redaction/describe_error.ts";
import { safeText } from "./safe_get.ts";

/** Descriptions of system error codes, except for a missing file. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ["EACCES", "permission denied"],
  ["EISDIR", "it is a directory; give the path of a file"],
  ["ELOOP", "it is a loop of symbolic links"],
  ["ENAMETOOLONG", "the name is too long"],
  ["ENOSPC", "no space is left on the device"],
  ["ENOTDIR", "part of its path is not a directory"],
  ["EPERM", "permission denied"],
  ["EROFS", "the file system is read-only"],
  ["NotCapable", "Deno is not allowed to read and write it: use --allow-read and --allow-write"],
]);

/**
 * Describes why a file cannot be used.
 *
 * @param error The error of the file system.
 * @param missing What a "not found" error refers to: the file, or its directory.
 */
export function describeFileFailure(error: unknown, missing: "file" | "directory"): string {
  const code = safeText(error, "code") ?? safeText(error, "name") ?? "";
  if (code === "ENOENT") {
    return missing === "file"
      ? "there is no such file; check its path"
      : "its directory does not exist";
  }
  return REASONS.get(code) ?? describeError(error);
}
