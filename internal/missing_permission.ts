/**
 * Recognizes what Deno and Node throw when a process lacks a permission: Deno for everything that
 * no flag allows, Node when it is started with `--permission`. Retrying cannot help; a flag does.
 *
 * @module
 */

import { isSafeList } from "./safe_get.ts";
import { systemCodeOf } from "./system_code.ts";

/**
 * Maximum depth of causes that are searched: runtimes and SDKs wrap an error two or three times.
 */
const MAX_DEPTH = 6;

/** Maximum number of an AggregateError's errors that are searched. */
const MAX_PARTS = 10;

/** Maximum total number of errors that are searched. */
const MAX_ERRORS = 100;

/**
 * How much of a text is searched, in UTF-16 code units; the runtimes' own are one sentence long.
 */
const MAX_TEXT_LENGTH = 1_000;

/**
 * Determines whether an error, or one of its causes, is about a permission that the process lacks.
 *
 * @param error Whatever was thrown.
 * @returns The flag to run the process with, such as `--allow-net=ecs.us-west-2.amazonaws.com:443`;
 * `undefined` if the error is about something else.
 */
export function missingPermission(error: unknown): string | undefined {
  try {
    return find(error, 0, new Set());
  } catch {
    // Anything can be thrown, even a value that throws when it is read; no runtime's own error
    // does.
    return undefined;
  }
}

function find(error: unknown, depth: number, seen: Set<unknown>): string | undefined {
  if (depth >= MAX_DEPTH || typeof error !== "object" || error === null) return undefined;
  // Errors that refer to each other have far more paths than errors.
  if (seen.has(error) || seen.size >= MAX_ERRORS) return undefined;
  seen.add(error);
  const flag = denoFlag(error) ?? nodeFlag(error) ?? lookupFlag(error);
  if (flag !== undefined) return flag;
  const parts = property(error, "errors");
  const causes = [
    property(error, "cause"),
    ...(isSafeList(parts) ? parts.slice(0, MAX_PARTS) : []),
  ];
  for (const cause of causes) {
    const found = find(cause, depth + 1, seen);
    if (found !== undefined) return found;
  }
  return isDeniedOnNode(error) ? "the --allow flag for what the cause names" : undefined;
}

/** Deno: `Requires net access to "acs.example:443", run again with the --allow-net flag`. */
function denoFlag(error: object): string | undefined {
  if (property(error, "name") !== "NotCapable") return undefined;
  const message = text(error, "message");
  const [, resource, flag = "--allow-all"] =
    /access(?: to "([^"]*)")?.* with the (--allow-[a-z-]+) flag/.exec(message) ?? [];
  return withValue(flag, resource);
}

/** The names of Node's permissions, and their flags. */
const NODE_FLAGS: ReadonlyMap<string, string> = new Map([
  ["FileSystemRead", "--allow-fs-read"],
  ["FileSystemWrite", "--allow-fs-write"],
  ["ChildProcess", "--allow-child-process"],
  ["WorkerThreads", "--allow-worker"],
  ["Net", "--allow-net"],
]);

/** Node's flags that accept a value; the others allow everything of their kind. */
const NODE_FLAGS_WITH_PATH: ReadonlySet<string> = new Set(["--allow-fs-read", "--allow-fs-write"]);

/** Node: the code `ERR_ACCESS_DENIED`, with a permission and mostly a resource. */
function nodeFlag(error: object): string | undefined {
  if (!isDeniedOnNode(error)) return undefined;
  const flag = NODE_FLAGS.get(text(error, "permission")) ??
    /Use (--allow-[a-z-]+)/.exec(text(error, "message"))?.[1] ??
    // A name that may not be looked up: only the network permission has names.
    (isLookup(error) ? "--allow-net" : undefined);
  // Some errors have only the code, and their causes have the rest.
  if (flag === undefined) return undefined;
  return withValue(flag, NODE_FLAGS_WITH_PATH.has(flag) ? text(error, "resource") : "");
}

function isDeniedOnNode(error: object): boolean {
  return systemCodeOf(error) === "ERR_ACCESS_DENIED";
}

/** Deno's `node:dns`, through which `ws` connects: `getaddrinfo EPERM acs.example`. */
function lookupFlag(error: object): string | undefined {
  if (systemCodeOf(error) !== "EPERM" || !isLookup(error)) return undefined;
  return withValue("--allow-net", text(error, "hostname"));
}

function isLookup(error: object): boolean {
  return property(error, "syscall") === "getaddrinfo";
}

function withValue(flag: string, value: string | undefined): string {
  return value ? `${flag}=${value}` : flag;
}

function text(error: object, name: string): string {
  const value = property(error, name);
  return typeof value === "string" ? value.slice(0, MAX_TEXT_LENGTH) : "";
}

function property(error: object, name: string): unknown {
  return Reflect.get(error, name);
}
