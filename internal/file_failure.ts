/**
 * Why a file cannot be read or written, in words.
 *
 * @module
 */

import { describeError } from "./redaction/describe_error.ts";
import { safeText } from "./safe_get.ts";

/** Descriptions of the system's error codes, except for a file that does not exist. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ["EACCES", "permission denied"],
  ["EISDIR", "it is a directory; give the path of a file"],
  ["ELOOP", "it is a loop of symbolic links"],
  ["ENAMETOOLONG", "the name is too long"],
  ["ENOSPC", "no space is left on the device"],
  ["ENOTDIR", "a part of its path is not a directory"],
  ["EPERM", "permission denied"],
  ["EROFS", "the file system is read-only"],
  ["NotCapable", "Deno is not allowed to read and write it: use --allow-read and --allow-write"],
]);

/**
 * Describes why a file cannot be used.
 *
 * @param error What the file system threw.
 * @param missing What it means that something does not exist: the file, or its directory.
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
