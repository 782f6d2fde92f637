/**
 * Copies a message with placeholders instead of credentials and the task's own secrets, so that it
 * can be stored and later replayed to an agent.
 *
 * @module
 */

import { isOnlyText, isSafeField } from "./secrets.ts";

/** No known message is nested deeper than this. */
const MAX_DEPTH = 20;

/** Lists of arguments, which are kept, except for arguments that look like passwords. */
const ARGUMENT_FIELDS: ReadonlySet<string> = new Set([
  "command",
  "entryPoint",
  // Fields of Docker's configuration.
  "Cmd",
  "Entrypoint",
  "Test",
]);

/** Fields of Docker's configuration whose strings are kept. */
const DOCKER_FIELDS: ReadonlySet<string> = new Set([
  "Binds",
  "CapAdd",
  "CapDrop",
  "CgroupParent",
  "CgroupPermissions",
  "Dns",
  "DnsOptions",
  "DnsSearch",
  "Domainname",
  "ExtraHosts",
  "Hostname",
  "Image",
  "IpcMode",
  "Isolation",
  "Links",
  "Name",
  "NetworkMode",
  "PathInContainer",
  "PathOnHost",
  "PidMode",
  "Runtime",
  "SecurityOpt",
  "Source",
  "StopSignal",
  "Target",
  "Type",
  "User",
  "UsernsMode",
  "UTSMode",
  "VolumesFrom",
  "WorkingDir",
]);

/**
 * Copies a message. Keys, tokens, the values of environment variables and of all other maps, and
 * strings in fields that this package does not know are replaced by `x`s of the same length. JSON
 * within a string remains valid JSON. Numbers, booleans, the names of fields and variables, and
 * commands are kept, except for arguments that look like passwords.
 *
 * @param message A message, or any part of one.
 */
export function withPlaceholders(message: unknown): unknown {
  return isOnlyText(message) ? { ...message } : copyKnown(message, 0);
}

/**
 * Returns a placeholder of the same length, in UTF-16 code units.
 *
 * @param text The string to replace.
 */
export function placeholderFor(text: string): string {
  return "x".repeat(text.length);
}

/** Copies a part of a message whose fields are known. */
function copyKnown(value: unknown, depth: number): unknown {
  if (typeof value === "string") return copyText(value, depth);
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((entry) => copyKnown(entry, depth + 1));
  return copyFields(value, (name, field) => {
    if (name === "accessKeyId") return hidden(field, depth + 1);
    if (ARGUMENT_FIELDS.has(name)) return hideArguments(field, depth + 1);
    // An agent's text, whatever its form; quoted secrets have been replaced.
    if (name === "reason" && typeof field === "string") return withoutLogins(field);
    return isSafeField(name) ? copyKnown(field, depth + 1) : hidden(field, depth + 1);
  });
}

/** Copies a text. If it is JSON, its strings may be secret; otherwise, only a login in a URL is. */
function copyText(text: string, depth: number): string {
  return JSON_START.test(text) && parseJson(text) !== undefined
    ? hiddenText(text, depth)
    : withoutLogins(text);
}

/** Copies a value in which every string may be secret. */
function hidden(value: unknown, depth: number): unknown {
  if (typeof value === "string") return hiddenText(value, depth);
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((entry) => hidden(entry, depth + 1));
  return copyFields(value, (name, field) => {
    if (ARGUMENT_FIELDS.has(name)) return hideArguments(field, depth + 1);
    return DOCKER_FIELDS.has(name) && isPlain(field) ? field : hidden(field, depth + 1);
  });
}

function copyFields(value: object, copy: (name: string, field: unknown) => unknown): object {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, copy(name, field)]),
  );
}

/** Whether a value is a string or a list of strings. */
function isPlain(value: unknown): boolean {
  return typeof value === "string" ||
    Array.isArray(value) && value.every((entry) => typeof entry === "string");
}

/**
 * The name in `NAME=value`. Its length is limited, so that long strings are not scanned repeatedly.
 */
const ASSIGNMENT = /^[\w.-]{1,4096}=/;

/** The start of a text that may be JSON with strings. */
const JSON_START = /^\s*[{[]/;

function parseJson(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    // Not JSON, so it is handled as a text.
    return undefined;
  }
}

function hiddenText(text: string, depth: number): string {
  const json = JSON_START.test(text) ? parseJson(text) : undefined;
  if (json !== undefined) return JSON.stringify(hidden(json, depth + 1));
  const [name = ""] = ASSIGNMENT.exec(text) ?? [];
  return name + placeholderFor(text.slice(name.length));
}

/** Names that suggest a secret value. */
const SECRET_NAME = /pass|pwd|secret|token|key|cred|auth/i;

/** An option whose value is the next argument. */
const OPTION = /^--?[\w.-]{1,256}$/;

/**
 * Assignments, options and headers within a command line, such as that of `sh -c`. A header's value
 * may begin with a scheme, as in `Authorization: Bearer …`.
 */
const PARTS =
  /(\b[\w.-]{0,64}(?:pass|pwd|secret|token|key|cred|auth)[\w.-]{0,64}(?:=|:\s*|\s+)["']?(?:(?:basic|bearer|token)\s+)?)(["']?)([^\s"']+)/gi;

/** The user name and password in a URL. */
const USER_INFO = /(:\/\/)([^\s/@]+)(@)/g;

/**
 * Replaces user names and passwords in URLs by `x`s of the same length.
 *
 * @param text The text, such as an error's message.
 */
export function withoutLogins(text: string): string {
  return text.replace(
    USER_INFO,
    (_, before: string, login: string, after: string) =>
      `${before}${placeholderFor(login)}${after}`,
  );
}

function hideArguments(value: unknown, depth: number): unknown {
  if (!Array.isArray(value)) return hidden(value, depth);
  let isSecret = false;
  return value.map((entry: unknown) => {
    if (typeof entry !== "string") return hidden(entry, depth);
    const argument = isSecret ? placeholderFor(entry) : hideInArgument(entry);
    isSecret = OPTION.test(entry) && SECRET_NAME.test(entry);
    return argument;
  });
}

/** An option and its value in one argument. */
const OPTION_WITH_VALUE = /^--?[\w.-]{1,256}=/;

function hideInArgument(argument: string): string {
  const [option] = OPTION_WITH_VALUE.exec(argument) ?? [];
  if (option !== undefined && SECRET_NAME.test(option)) {
    return option + placeholderFor(argument.slice(option.length));
  }
  const plain = argument.replace(
    PARTS,
    (_, name: string, quote: string, text: string) => `${name}${quote}${placeholderFor(text)}`,
  );
  return withoutLogins(plain);
}
